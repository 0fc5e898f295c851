"""An order's payment: its link, and settling what PayStack's webhook reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from orderflow import refunds
from orderflow.errors import (
    DuplicateReferenceError,
    OrderflowError,
    OrderNotFoundError,
    StoreUnavailable,
)
from orderflow.order import (
    CLOSED,
    Decline,
    Order,
    OrderStatus,
    Payment,
    RefundWhy,
    iso,
    refuse_closed,
)
from orderflow.paystack import (
    LINK_VALIDITY,
    Charge,
    FailedCharge,
    PaymentLink,
    Transaction,
)
from orderflow.store import OrderStore

#: Each lost answer costs one reference; more than this in one go means something else is wrong.
MAX_REFERENCES_A_CALL: Final = 5

#: A link that is about to end is not handed out again.
REUSE_MARGIN: Final = timedelta(minutes=5)


class LinkMaker(Protocol):
    """The part of :class:`~orderflow.paystack.PaystackClient` that making a link takes."""

    def initialize(self, transaction: Transaction) -> PaymentLink:
        """Create the transaction and return its link."""


class ReferencesUsedUpError(OrderflowError):
    """PayStack knows every reference that was tried for an order."""


def ensure_payment_link(
    order_id: str, store: OrderStore, paystack: LinkMaker, callback_url: str | None = None
) -> Order:
    """Give the order a payment link, unless it is paid or has one that is still valid.

    The reference is ``<orderId>-<n>``. Where PayStack already knows it, an earlier answer was lost
    before we could write it down (nobody has seen that link), so the next n is taken.

    Raises:
        OrderAlreadyClosed: the order has ended.
        PaymentRefused: PayStack refuses the transaction.
        PaystackUnavailable: see :meth:`~orderflow.paystack.PaystackClient.initialize`.
    """
    order = store.get(order_id)
    refuse_closed(order)
    if order.payment is not None or _has_valid_link(order):
        # The customer may have seen this link: another one would orphan its payment. And who has
        # paid it while the order was parked or had failed is not to be left there.
        opened = order.status is OrderStatus.PAYMENT_INITIATED
        return order if opened else store.reopen_link(order_id)
    asked_at = datetime.now(UTC)
    link, attempts = _new_link(order, paystack, callback_url)
    return store.record_link(
        order_id,
        link=link.authorization_url,
        reference=link.reference,
        attempts=attempts,
        expires_at=asked_at + LINK_VALIDITY,
    )


def _has_valid_link(order: Order) -> bool:
    ends = order.payment_link_expires_at
    return ends is not None and ends > iso(datetime.now(UTC) + REUSE_MARGIN)


def _new_link(
    order: Order, paystack: LinkMaker, callback_url: str | None
) -> tuple[PaymentLink, int]:
    first = order.payment_attempts + 1
    for attempt in range(first, first + MAX_REFERENCES_A_CALL):
        try:
            link = paystack.initialize(
                Transaction(
                    email=order.customer_email,
                    amount_kobo=order.total_kobo,
                    currency=order.currency,
                    reference=f"{order.order_id}-{attempt}",
                    metadata={"orderId": order.order_id},
                    callback_url=callback_url,
                )
            )
        except DuplicateReferenceError:
            continue
        return link, attempt
    raise ReferencesUsedUpError(
        f"PayStack knows the references {first} to {first + MAX_REFERENCES_A_CALL - 1} "
        f"of order {order.order_id} already"
    )


class Settlement(StrEnum):
    """What became of a reported payment."""

    RECORDED = "recorded"
    REPEATED = "repeated"
    #: Paid, but the order had ended or has another payment: the money has to go back.
    REFUND_DUE = "refund-due"
    #: Another amount, currency or reference than we asked for.
    MISMATCH = "mismatch"
    UNKNOWN_ORDER = "unknown-order"


def settle(charge: Charge, store: OrderStore) -> tuple[Settlement, Order | None]:
    """Record a reported payment on its order, once; or that it is to be given back.

    Returns:
        What became of it, and the order where there is one. On RECORDED and REPEATED the order's
        ``task_token``, if any, is waiting for the answer. On REFUND_DUE and MISMATCH
        :func:`orderflow.refunds.find` finds the refund.

    Raises:
        StoreUnavailable: the order changed at this very moment; the same event again may succeed.
    """
    order = _order_of(charge.reference, store)
    if order is None:
        return Settlement.UNKNOWN_ORDER, None
    if not _agrees(charge, order):
        return Settlement.MISMATCH, refunds.flag(order, charge, RefundWhy.DIFFERS, store)
    order, recorded = store.record_payment(order.order_id, _payment(charge))
    if recorded:
        return Settlement.RECORDED, order
    if order.payment is not None and order.payment.reference == charge.reference:
        return Settlement.REPEATED, order
    return Settlement.REFUND_DUE, refunds.flag(order, charge, _why(order), store)


def note_decline(charge: FailedCharge, store: OrderStore) -> bool:
    """Record an attempt to pay that failed; the customer may try again with the same link.

    Returns:
        Whether an order waits for a payment under this reference.
    """
    order = _order_of(charge.reference, store)
    if order is None:
        return False
    reason = (charge.gateway_response or "no reason given")[:_REASON_LENGTH]
    decline = Decline(reference=charge.reference, reason=reason, at=iso(datetime.now(UTC)))
    return store.record_decline(order.order_id, decline)


#: What PayStack says of a decline is cut off here.
_REASON_LENGTH: Final = 200


def _order_of(reference: str, store: OrderStore) -> Order | None:
    order_id = reference.rpartition("-")[0]
    try:
        return store.get(order_id) if order_id else None
    except OrderNotFoundError:
        return None


def _agrees(charge: Charge, order: Order) -> bool:
    return (charge.reference, charge.amount, charge.currency, charge.status) == (
        order.payment_reference,
        order.total_kobo,
        order.currency,
        "success",
    )


def _payment(charge: Charge) -> Payment:
    return Payment(
        reference=charge.reference,
        amount_kobo=charge.amount,
        currency=charge.currency,
        channel=charge.channel,
        paid_at=charge.moment,
    )


def _why(order: Order) -> RefundWhy:
    """Why the order does not take a payment that it asked for."""
    if order.payment is not None:
        return RefundWhy.PAID_TWICE
    if order.status in CLOSED:
        return RefundWhy.ORDER_ENDED
    # PayStack denied the payment that stood in the way a moment ago, and it was dropped.
    raise StoreUnavailable("The order's payment was dropped meanwhile.")
