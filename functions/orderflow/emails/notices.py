"""E-mails to customers, in plain text and HTML, sent through Amazon SES.

A step of the workflow sends the payment link; the other notices follow from an order's status, or
from a payment that is to be refunded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from orderflow.clock import in_words
from orderflow.emails.mailer import Email, Mailer
from orderflow.money import naira
from orderflow.orders.model import Order
from orderflow.orders.money_records import RefundDue, RefundReason
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.payments import refunds


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of e-mail to customers.

    ``subject`` may hold ``{total}``; ``template`` names two files, ``.txt`` and ``.html``.
    """

    subject: str
    template: str


@dataclass(frozen=True, slots=True)
class StatusNotice(Notice):
    """A notice of an order's status, sent once. The order records it as ``recorded_as``."""

    recorded_as: OrderStatus


PAYMENT_LINK: Final = Notice("Your grocery order: {total} to pay", "payment_link")

_PAYMENT_DELAYED: Final = StatusNotice(
    "Your grocery order: the payment link takes longer",
    "payment_delayed",
    OrderStatus.PAYMENT_DELAYED,
)

#: Where PayStack leaves a reported payment undecided for long; most are confirmed within seconds.
_PAYMENT_RECEIVED: Final = StatusNotice(
    "Your grocery order: we are confirming your payment",
    "payment_received",
    OrderStatus.PAYMENT_INITIATED,
)

#: PayStack e-mails its own receipt of each payment, to the address that the link was made with.
_PAID: Final = StatusNotice(
    "Your grocery order: {total} paid", "order_paid", OrderStatus.PAYMENT_COMPLETED
)

#: The notice of each status; the others have none.
NOTICES: Final[Mapping[OrderStatus, StatusNotice]] = {
    OrderStatus.PAYMENT_INITIATED: _PAYMENT_RECEIVED,
    OrderStatus.PAYMENT_DELAYED: _PAYMENT_DELAYED,
    # To the customer it is the same as PAYMENT_DELAYED.
    OrderStatus.NEEDS_ATTENTION: _PAYMENT_DELAYED,
    OrderStatus.FAILED: StatusNotice(
        "Your grocery order: we are looking into a problem", "order_failed", OrderStatus.FAILED
    ),
    OrderStatus.PAYMENT_COMPLETED: _PAID,
    OrderStatus.EXPIRED: StatusNotice(
        "Your grocery order: its time is over", "order_expired", OrderStatus.EXPIRED
    ),
    OrderStatus.CANCELLED: StatusNotice(
        "Your grocery order was cancelled", "order_cancelled", OrderStatus.CANCELLED
    ),
    OrderStatus.AWAITING_REVIEW: StatusNotice(
        "Your grocery order: please confirm your products",
        "order_in_review",
        OrderStatus.AWAITING_REVIEW,
    ),
    OrderStatus.REJECTED: StatusNotice(
        "Your grocery order could not be fulfilled", "order_rejected", OrderStatus.REJECTED
    ),
}

#: Customers see these at once in the app. They are e-mailed only where an earlier e-mail promised
#: news.
_NEWS_AFTER_A_PROMISE: Final = frozenset({OrderStatus.AWAITING_REVIEW, OrderStatus.REJECTED})
#: The e-mails that promise news: of a delay, a failure, a payment that is not confirmed for long.
_PROMISES: Final = frozenset(
    {OrderStatus.PAYMENT_DELAYED, OrderStatus.FAILED, OrderStatus.PAYMENT_INITIATED}
)

_REFUND: Final = Notice("Your grocery order: a payment that we give back", "refund_due")

#: A payment that differs from its order is checked by operations before the customer is notified.
_REFUNDS_NOTIFIED: Final = frozenset({RefundReason.ORDER_ENDED, RefundReason.PAID_TWICE})


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        # Names and notes are the customer's words: the HTML part escapes them.
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["naira"] = naira
    environment.filters["in_words"] = in_words
    return environment


_templates: Final = _environment()


def email_for(notice: Notice, order: Order, **more: object) -> Email:
    """Render the notice for this order's customer.

    Args:
        notice: the kind of e-mail.
        order: the order.
        more: what the template needs in addition.
    """
    context = {"order": order, **more}
    return Email(
        subject=notice.subject.format(total=naira(order.total_kobo)),
        text=_templates.get_template(f"{notice.template}.txt").render(context),
        html=_templates.get_template(f"{notice.template}.html").render(context),
    )


def payment_link_email(order: Order) -> Email:
    """The message that asks for the order's payment."""
    return email_for(PAYMENT_LINK, order)


def send_payment_link(order_id: str, store: Orders, mailer: Mailer) -> Order:
    """E-mail the order's link, unless it was sent before, or is not to be paid any more.

    Raises:
        OrderAlreadyClosed: the order has ended, and its link can't be paid any more.
        NotificationUnavailable: SES throttled, failed or could not be reached.
        NotificationRefused: SES does not deliver this message.
    """
    order = store.get(order_id)
    order.refuse_if_closed()
    reference = order.payment_reference
    is_settled = order.payment is not None or order.cancel_requested is not None
    if reference is None or is_settled or order.notified_reference == reference:
        return order
    mailer.send(payment_link_email(order), order.customer_email)
    # Recorded after sending: a crash between the two repeats the message instead of losing it.
    store.record_notification(order_id, reference)
    return order


def send_status_email(
    order: Order, status: OrderStatus, store: Orders, mailer: Mailer, *, own_receipts: bool
) -> bool:
    """E-mail the notice of a status, unless it was sent or the order's status has changed.

    Args:
        order: the order as it is now.
        status: of the change that the notice is about.
        store: the orders.
        mailer: sends the message.
        own_receipts: whether each payment gets an e-mail. Without it only one that PayStack's
            receipt does not explain does: after an e-mail that promised news, or a wish to cancel.

    Returns:
        Whether a message was sent.

    Raises:
        NotificationUnavailable: SES throttled, failed or could not be reached.
        NotificationRefused: SES does not deliver this message.
    """
    notice = NOTICES.get(order.status)
    if notice is None or notice is not NOTICES.get(status) or not _is_news(notice, order):
        return False
    if notice is _PAID and not (own_receipts or _needs_more_than_a_receipt(order)):
        return False
    mailer.send(email_for(notice, order), order.customer_email)
    # Recorded after sending, as above.
    store.record_notified_status(order.order_id, notice.recorded_as)
    return True


def send_refund_emails(order: Order, store: Orders, mailer: Mailer) -> int:
    """E-mail the customer about each payment that is to be refunded, once.

    Returns:
        How many messages were sent.

    Raises:
        NotificationUnavailable: SES throttled, failed or could not be reached.
        NotificationRefused: SES does not deliver this message.
        StoreUnavailable: see :func:`orderflow.payments.refunds.customer_notified`.
    """
    pending = [each for each in order.due_refunds if _is_due(each)]
    for refund in pending:
        mailer.send(email_for(_REFUND, order, refund=refund), order.customer_email)
        order = refunds.customer_notified(order, refund, store)
    return len(pending)


def _is_due(refund: RefundDue) -> bool:
    return refund.reason in _REFUNDS_NOTIFIED and refund.customer_notified_at is None


def _is_news(notice: StatusNotice, order: Order) -> bool:
    if notice is _PAYMENT_DELAYED and order.payment is not None:
        return False  # a customer who has paid does not wait for a link
    if notice is _PAYMENT_RECEIVED and not _is_undecided_for_long(order):
        return False
    if notice.recorded_as in _NEWS_AFTER_A_PROMISE and not _was_promised_news(order):
        return False
    return notice.recorded_as not in (order.notified_statuses or set())


def _needs_more_than_a_receipt(order: Order) -> bool:
    return _was_promised_news(order) or order.cancel_requested is not None


def _was_promised_news(order: Order) -> bool:
    return bool((order.notified_statuses or set()) & _PROMISES)


def _is_undecided_for_long(order: Order) -> bool:
    """Whether PayStack has not confirmed a payment so long that operations were alerted."""
    return order.is_unverified and order.unsettled_alerted_at is not None
