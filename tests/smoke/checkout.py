"""Pays at a checkout as a customer does: in a browser, or by the form of the local stand-in.

PayStack's page is used in test mode alone. Its labels are those of PayStack's documentation of test
payments; nobody has run this against PayStack's own page yet.
"""

from __future__ import annotations

import re

import pytest

from tests.support.browser import HOW_TO_GET_ONE, find_chromium, launched
from tests.support.http import http


def pay(link: str, *, is_local: bool) -> None:
    """Pays the amount of the link."""
    if is_local:
        assert http.post(link).status_code < 400
        return
    executable = find_chromium()
    if executable is None:
        pytest.skip(f"PayStack's checkout needs a browser: {HOW_TO_GET_ONE}")
    pay_in_browser(link, executable)


def pay_in_browser(link: str, executable: str) -> None:
    """Opens the checkout, chooses the card that succeeds where there is a choice, and pays."""
    with launched(executable) as browser:
        page = browser.new_page()
        page.goto(link)
        pay_button = page.get_by_role("button", name=re.compile(r"^Pay\b"))
        success = page.get_by_text("Success", exact=True)
        pay_button.or_(success).first.wait_for()
        if success.count():
            success.first.click()
        with page.expect_navigation():
            pay_button.first.click()
