"""The e-mail that carries the payment link, in plain text and HTML, sent through Amazon SES."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from orderflow.aws_errors import error_code, outages_as
from orderflow.errors import NotificationRefused, NotificationUnavailable
from orderflow.order import Order, naira, refuse_closed
from orderflow.store import OrderStore

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

#: SES's names for a message that it will never deliver.
_REFUSALS: Final = frozenset({"MessageRejected", "BadRequestException", "InvalidParameterValue"})

_SUBJECT: Final = "Your grocery order: {total} to pay"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        # Names and notes are the customer's own words: the HTML part escapes them.
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["naira"] = naira
    return environment


_templates: Final = _environment()


@dataclass(frozen=True, slots=True)
class Email:
    """A message, ready to send."""

    subject: str
    text: str
    html: str


def payment_link_email(order: Order) -> Email:
    """The message that asks for the order's payment."""
    context = {"order": order}
    return Email(
        subject=_SUBJECT.format(total=naira(order.total_kobo)),
        text=_templates.get_template("payment_link.txt").render(context),
        html=_templates.get_template("payment_link.html").render(context),
    )


def notify_customer(order_id: str, store: OrderStore, ses: SESV2Client, sender: str) -> Order:
    """E-mail the order's link, unless this very link was sent before or the order is paid.

    Raises:
        OrderAlreadyClosed: the order has ended; its link is of no use any more.
        NotificationUnavailable: SES throttled, failed or could not be reached.
        NotificationRefused: SES will never deliver this message.
    """
    order = store.get(order_id)
    refuse_closed(order)
    reference = order.payment_reference
    if reference is None or order.payment or order.notified_reference == reference:
        return order
    _send(payment_link_email(order), order.customer_email, ses, sender)
    # A crash right here sends the message twice; the other order of the two could lose it.
    store.record_notification(order_id, reference)
    return order


def _send(email: Email, recipient: str, ses: SESV2Client, sender: str) -> None:
    with outages_as(NotificationUnavailable, "SES"), _refusals():
        ses.send_email(
            FromEmailAddress=sender,
            Destination={"ToAddresses": [recipient]},
            Content={
                "Simple": {
                    "Subject": {"Data": email.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": email.text, "Charset": "UTF-8"},
                        "Html": {"Data": email.html, "Charset": "UTF-8"},
                    },
                }
            },
        )


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error_code(error) not in _REFUSALS:
            raise
        raise NotificationRefused("The e-mail service refused the message.") from error
