"""Recording what PayStack's webhook reports on the order that it belongs to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from orderflow.clock import Clock, utc_now
from orderflow.errors import (
    OrderNotFoundError,
    StoreUnavailable,
)
from orderflow.orders.model import Decline, Order, Payment, RefundReason
from orderflow.orders.ports import Orders
from orderflow.payments import refunds
from orderflow.payments.paystack import (
    Charge,
    FailedCharge,
)


class Settlement(StrEnum):
    """What became of a reported payment."""

    RECORDED = "recorded"
    REPEATED = "repeated"
    #: Paid, but the order has ended or has another payment: it is to be refunded.
    REFUND_DUE = "refund-due"
    #: Another amount, currency or reference than the order asks for.
    MISMATCH = "mismatch"
    UNKNOWN_ORDER = "unknown-order"


def settle(
    charge: Charge, store: Orders, clock: Clock = utc_now
) -> tuple[Settlement, Order | None]:
    """Record a reported payment on its order, once; or that it is to be refunded.

    Returns:
        What became of it, and the order where there is one. On RECORDED and REPEATED the order's
        ``task_token``, if any, waits for an answer. On REFUND_DUE and MISMATCH
        :func:`orderflow.payments.refunds.find` finds the refund.

    Raises:
        StoreUnavailable: the order changed at this very moment; the same event again may succeed.
    """
    order = _order_of(charge.reference, store)
    if order is None:
        return Settlement.UNKNOWN_ORDER, None
    if not _agrees(charge, order):
        return Settlement.MISMATCH, refunds.record(
            order, charge, RefundReason.DIFFERS, store, clock
        )
    order, recorded = store.record_payment(order.order_id, _payment(charge, clock()))
    if recorded:
        return Settlement.RECORDED, order
    if order.payment is not None and order.payment.reference == charge.reference:
        return Settlement.REPEATED, order
    if order.refund_reason is None:
        # A moment ago PayStack did not confirm the payment in its way, which was removed.
        raise StoreUnavailable("The order's payment was dropped meanwhile.")
    return Settlement.REFUND_DUE, refunds.record(order, charge, order.refund_reason, store, clock)


def record_decline(charge: FailedCharge, store: Orders, clock: Clock = utc_now) -> bool:
    """Record an attempt to pay that failed; the customer may try again with the same link.

    Returns:
        Whether an order waits for a payment under this reference.
    """
    order = _order_of(charge.reference, store)
    if order is None:
        return False
    reason = (charge.gateway_response or "no reason given")[:_REASON_LENGTH]
    decline = Decline(reference=charge.reference, reason=reason, at=clock())
    return store.record_decline(order.order_id, decline)


#: PayStack's reason of a decline is cut to so many characters.
_REASON_LENGTH: Final = 200


def _order_of(reference: str, store: Orders) -> Order | None:
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


def _payment(charge: Charge, now: datetime) -> Payment:
    return Payment(
        reference=charge.reference,
        amount_kobo=charge.amount,
        currency=charge.currency,
        channel=charge.channel,
        paid_at=charge.time_paid(now),
    )
