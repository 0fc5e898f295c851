"""The demo shop of ``orders demo-shop``, and a customer on its page."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyotp
from playwright.sync_api import Locator, Page, expect

ORDERS = Path(sys.executable).with_name("orders")
CLOSES_IN_SECONDS = 20


@dataclass(frozen=True)
class DemoShop:
    """The address and credentials that the command prints."""

    url: str
    email: str
    password: str
    totp_secret: str

    @property
    def code(self) -> str:
        """The authenticator app's current code."""
        return pyotp.TOTP(self.totp_secret).now()

    @property
    def wrong_code(self) -> str:
        """Six digits that are not the current, the previous or the next code."""
        return str((int(self.code) + 500_000) % 1_000_000).zfill(6)


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

    def sign_in(self, code: str | None = None) -> None:
        self.page.get_by_label("E-mail").fill(self.shop.email)
        self.page.get_by_label("Password").fill(self.shop.password)
        self.page.get_by_label("Code").fill(code or self.shop.code)
        self.page.get_by_role("button", name="Sign in").click()

    def arrive(self) -> None:
        """Open the page, sign in, and wait until updates are live."""
        self.page.goto(self.shop.url)
        self.sign_in()
        self.sees_heading("What do you need?")
        self.is_live()

    def send(self, grocery_list: str) -> None:
        self.page.get_by_label("Your list").fill(grocery_list)
        self.page.get_by_role("button", name="Send list").click()
        self.sees_heading("Your order")

    def pay(self) -> None:
        """Open the payment link in a new tab and pay, which leads back to the shop."""
        with self.page.context.expect_page() as opened:
            self.page.get_by_role("link", name="Pay ₦").click()
        opened.value.get_by_role("button", name="Pay NGN").click()
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
