"""`make test` ends with what it did not run."""

from __future__ import annotations

import pytest

from tests.support import browser
from tests.support.paths import PROJECT


def test_without_a_chromium_one_line_says_what_was_not_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(browser, "find_chromium", lambda: None)
    line = browser.what_is_not_run()
    assert line.startswith("Not run: the tests of the page in a browser")
    assert "make browser" in line
    assert "\n" not in line

    monkeypatch.setattr(browser, "find_chromium", lambda: "/usr/bin/chromium")
    assert browser.what_is_not_run() == ""


def test_make_test_prints_it_last() -> None:
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    recipe = makefile.partition("\ntest: ")[2].partition("\n\n")[0]
    assert recipe.splitlines()[-1].strip().startswith("$(BIN)/python -m tests.support.browser")
