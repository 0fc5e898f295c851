"""The checkout page that a customer sees behind a payment link: one amount, one button."""

from html import escape
from pathlib import Path
from string import Template
from typing import Final

_PAGE: Final = Template(Path(__file__).with_name("checkout.html").read_text("utf-8"))
_PAY_BUTTON: Final = '<form method="post"><button type="submit">Pay {amount}</button></form>'
_PAID: Final = '<p role="status"><strong>Paid.</strong> Thank you; you can close this page.</p>'


def page(*, amount: int, currency: str, email: str, reference: str, paid: bool) -> str:
    """The page as HTML. ``amount`` is in the currency's minor unit (kobo)."""
    price = escape(f"{currency} {amount / 100:,.2f}")
    return _PAGE.substitute(
        title="Payment received" if paid else "Pay for your groceries",
        amount=price,
        email=escape(email),
        reference=escape(reference),
        action=_PAID if paid else _PAY_BUTTON.format(amount=price),
    )
