"""The checkout page of a payment link: the amount, a button to pay and a button to decline."""

from html import escape
from pathlib import Path
from string import Template
from typing import Final

from scripts.local.stand_ins.paystack_messages import Status

_PAGE: Final = Template(Path(__file__).with_name("checkout.html").read_text("utf-8"))
_BUTTONS: Final = Template(
    '<form method="post"><button type="submit">Pay $amount</button></form>'
    '<form method="post" action="$decline_url">'
    '<button type="submit" class="second">Try a card that is declined</button></form>'
)
_PAID: Final = '<p role="status"><strong>Paid.</strong> Thank you; you can close this page.</p>'
_DECLINED: Final = '<p role="alert"><strong>Declined.</strong> Nothing was charged; try again.</p>'


def page(
    *, amount: int, currency: str, email: str, reference: str, status: Status, decline_url: str
) -> str:
    """The page as HTML. ``amount`` is in the currency's minor unit (kobo)."""
    price = escape(f"{currency} {amount / 100:,.2f}")
    buttons = _BUTTONS.substitute(amount=price, decline_url=escape(decline_url))
    paid = status is Status.SUCCESS
    return _PAGE.substitute(
        title="Payment received" if paid else "Pay for your groceries",
        amount=price,
        email=escape(email),
        reference=escape(reference),
        action=_PAID if paid else (_DECLINED if status is Status.FAILED else "") + buttons,
    )
