"""The console of ``orders console``, and an operator at its page."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.support.shopper import CLOSES_IN_SECONDS, ORDERS

PHONE_WIDTH = 360


@contextmanager
def console() -> Iterator[str]:
    """Runs ``orders console`` for a block and ends it with Ctrl-C; the address with the key."""
    command: list[str | Path] = [ORDERS, "console", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().rstrip().removeprefix("Console: ")
        try:
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(CLOSES_IN_SECONDS)
    assert code == 0


class OperatorPage:
    """An operator at the page; elements are found by role and name, as screen readers do."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        self._base = url.partition("/#")[0]

    def arrive(self) -> None:
        """Open the view *Now* by the printed address."""
        self.page.goto(self._url)
        self.sees_heading("Now")

    def open(self, path: str, heading: str) -> None:
        """Open a view by its path."""
        self.page.goto(f"{self._base}{path}")
        self.sees_heading(heading)

    def sees_heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", name=words, level=1)).to_be_visible()

    @property
    def headline(self) -> Locator:
        """The sentence above all."""
        return self.page.locator("#headline")

    def problem(self, what: str | re.Pattern[str]) -> Locator:
        """The card of a problem."""
        return self.page.get_by_role("region", name=what)

    def finds(self, text: str) -> Locator:
        """Search for a text; the rows of what was found."""
        self.open("/search", "Search")
        self.page.get_by_label("Order, customer").fill(text)
        self.page.get_by_role("button", name="Search").click()
        expect(self.page).to_have_url(re.compile(r"q="))
        return self.page.get_by_role("table", name="Orders").locator("tbody tr")

    def act(self, button: Locator, reason: str, mode: str | None = None) -> Locator:
        """Open an act's dialog, give the reason, confirm; the words that say what was done."""
        button.click()
        dialog = self.page.get_by_role("dialog")
        if mode:
            dialog.get_by_label(mode).check()
        dialog.get_by_label("Reason").fill(reason)
        confirm = dialog.locator("button[type=submit]")
        expect(confirm).to_be_enabled()
        confirm.click()
        return dialog.locator(".done")

    def close_dialog(self) -> None:
        self.page.get_by_role("dialog").get_by_role("button", name="Close").click()


def is_accessible(page: Page) -> None:
    """Axe finds nothing in light and dark, and the view fits a phone."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    before = page.viewport_size
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
    assert before is not None
    page.set_viewport_size(before)
