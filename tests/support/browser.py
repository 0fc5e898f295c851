"""Finds and starts a browser of this machine for Playwright; downloads none.

``python -m tests.support.browser`` prints what `make test` does not run without one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.waiting import PATIENCE_SECONDS

HOW_TO_GET_ONE = "`make browser` installs a Chromium, or CHROMIUM names one"
_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
)


def find_chromium() -> str | None:
    """``$CHROMIUM``, one on the PATH, or Playwright's own if it is installed."""
    for command in filter(None, (os.environ.get("CHROMIUM"), *_COMMANDS)):
        if found := shutil.which(command):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def what_is_not_run() -> str:
    """What the tests leave out on this machine, in one line; empty where that is nothing."""
    if find_chromium() is not None:
        return ""
    return f"Not run: the tests of the page in a browser (no Chromium; {HOW_TO_GET_ONE})."


@contextmanager
def launched(executable: str) -> Iterator[Browser]:
    """The browser, without a window, with long timeouts for a busy machine."""
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright:
        # Chromium's sandbox does not run as root.
        root = os.geteuid() == 0
        browser = playwright.chromium.launch(
            executable_path=executable, args=_ARGUMENTS, chromium_sandbox=not root
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """This machine's browser; the test is skipped where there is none."""
    executable = find_chromium()
    if executable is None:
        pytest.skip(f"no Chromium was found: {HOW_TO_GET_ONE}")
    with launched(executable) as browser:
        yield browser


@contextmanager
def faultless_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page of a new context of the browser; a script error fails the test at the end."""
    errors: list[str] = []
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
    assert errors == []


if __name__ == "__main__":
    if line := what_is_not_run():
        print(line)
