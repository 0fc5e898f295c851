"""Settling what PayStack's webhook reports on the order that it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from orderflow.clock import iso
from orderflow.errors import (
    OrderNotFoundError,
    StoreUnavailable,
)
from orderflow.orders.model import Decline, Order, Payment, RefundReason
from orderflow.orders.status import CLOSED
from orderflow.orders.store import OrderStore
from orderflow.payments import refunds
from orderflow.payments.paystack import (
    Charge,
    FailedCharge,
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
        :func:`orderflow.payments.refunds.find` finds the refund.

    Raises:
        StoreUnavailable: the order changed at this very moment; the same event again may succeed.
    """
    order = _order_of(charge.reference, store)
    if order is None:
        return Settlement.UNKNOWN_ORDER, None
    if not _agrees(charge, order):
        return Settlement.MISMATCH, refunds.flag(order, charge, RefundReason.DIFFERS, store)
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


def _why(order: Order) -> RefundReason:
    """Why the order does not take a payment that it asked for."""
    if order.payment is not None:
        return RefundReason.PAID_TWICE
    if order.status in CLOSED:
        return RefundReason.ORDER_ENDED
    # PayStack denied the payment that stood in the way a moment ago, and it was dropped.
    raise StoreUnavailable("The order's payment was dropped meanwhile.")
