"""The demo shop of ``orders demo-shop``, and a customer on its page."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

from tests.support.authenticator import Authenticator

if TYPE_CHECKING:
    from playwright._impl._api_structures import SetCookieParam

ORDERS = Path(sys.executable).with_name("orders")
CLOSES_IN_SECONDS = 20


@dataclass(frozen=True)
class DemoShop:
    """The address and credentials that the command prints."""

    url: str
    email: str
    password: str
    totp_secret: str
    #: The cookies of the demo customer's session, after the first sign-in.
    cookies: list[SetCookieParam] = field(default_factory=list)

    @cached_property
    def authenticator(self) -> Authenticator:
        """The customer's authenticator app."""
        return Authenticator(self.totp_secret)


@contextmanager
def demo_shop() -> Iterator[DemoShop]:
    """Runs ``orders demo-shop`` for a block and ends it with Ctrl-C."""
    command = [ORDERS, "demo-shop", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline().rstrip().partition(": ")[2] for _ in range(4)]
        try:
            yield DemoShop(*printed)
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(CLOSES_IN_SECONDS)
    assert code == 0


class Shopper:
    """A customer on the page; elements are found by role and name, as screen readers do."""

    def __init__(self, page: Page, shop: DemoShop) -> None:
        self.page = page
        self.shop = shop

    def give_password(self, email: str | None = None, password: str | None = None) -> None:
        """Fill the first form of the sign-in and send it."""
        self.page.get_by_label("E-mail").fill(email or self.shop.email)
        self.page.get_by_label("Password", exact=True).fill(password or self.shop.password)
        self.press("Sign in")

    def give_code(self, code: str, button: str = "Continue") -> None:
        """Fill in the code that is asked for and send it."""
        self.page.get_by_role("textbox", name="Code").fill(code)
        self.press(button)

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def sign_in(self) -> None:
        self.give_password()
        self.sees_heading("Your code")
        self.give_code(self.shop.authenticator.next_code())

    def set_up_authenticator(self) -> Authenticator:
        """Set an app up with the key that is shown."""
        heading = self.page.get_by_role("heading", name="Set up your authenticator", level=1)
        expect(heading).to_be_visible()
        app = Authenticator(self.page.get_by_label("Key for your app").inner_text())
        self.give_code(app.next_code())
        self.sees_heading("What do you need?")
        return app

    def arrive(self) -> None:
        """Open the page in the demo customer's session, and wait until updates are live.

        The customer signs in once for all tests: a code is accepted once.
        """
        self.page.context.add_cookies(self.shop.cookies)
        self.page.goto(self.shop.url)
        heading = self.page.get_by_role("heading", name="What do you need?", level=1)
        sign_in = self.page.get_by_role("heading", name="Sign in", level=1)
        expect(heading.or_(sign_in)).to_be_visible()
        if sign_in.is_visible():
            self.sign_in()
            self.sees_heading("What do you need?")
            self.shop.cookies[:] = [
                {"name": each["name"], "value": each["value"], "url": self.shop.url}
                for each in self.page.context.cookies()
            ]
        self.is_live()

    def send(self, grocery_list: str) -> None:
        self.page.get_by_label("Your list").fill(grocery_list)
        self.page.get_by_role("button", name="Send list").click()
        self.sees_heading("Your order")

    def pay(self) -> None:
        """Open the payment link in a new tab and pay, which leads back to the shop."""
        with self.page.context.expect_page() as opened:
            self.page.get_by_role("link", name="Pay ₦").click()
        opened.value.get_by_role("button", name="Pay ₦").click()
        expect(opened.value.get_by_role("heading", name="My orders")).to_be_visible()
        assert opened.value.url == f"{self.shop.url}/orders"
        opened.value.close()

    @property
    def order_id(self) -> str:
        """The id of the order that is shown."""
        found = re.search(r"/orders/([^/]+)$", self.page.url)
        assert found is not None
        return found[1]

    @property
    def status(self) -> Locator:
        return self.page.locator(".pill")

    def sees_status(self, words: str) -> None:
        expect(self.status.first).to_have_text(words)

    def sees_heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", name=words, level=1)).to_be_focused()

    def is_live(self) -> None:
        expect(self.page.get_by_text("Live: changes appear by themselves")).to_be_visible()
