"""Recording what PayStack reports on the order that it belongs to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from orderflow.clock import Clock, utc_now
from orderflow.errors import (
    OrderNotFoundError,
    StoreUnavailable,
)
from orderflow.orders.model import Order
from orderflow.orders.money_records import Decline, Payment, RefundReason
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
    charge: Charge, store: Orders, clock: Clock = utc_now, *, verified: bool = False
) -> tuple[Settlement, Order | None]:
    """Record a reported payment on its order, once; or that it is to be refunded.

    Args:
        charge: what was reported.
        store: the orders.
        clock: the time of what is recorded.
        verified: whether PayStack's API shows it, so that it needs no other confirmation.

    Returns:
        What became of it, and the order where there is one. On RECORDED and REPEATED the order's
        ``task_token``, if any, waits for an answer. On REFUND_DUE and MISMATCH
        :func:`orderflow.payments.refunds.find` finds the refund.

    Raises:
        StoreUnavailable: the order changed at this very moment; the same event again may succeed.
    """
    order = order_of(charge.reference, store)
    if order is None:
        return Settlement.UNKNOWN_ORDER, None
    if not _agrees(charge, order):
        return Settlement.MISMATCH, refunds.record(
            order, charge, RefundReason.DIFFERS, store, clock
        )
    order, recorded = store.record_payment(
        order.order_id, _payment(charge, order, clock(), verified=verified)
    )
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
    order = order_of(charge.reference, store)
    if order is None:
        return False
    decline = Decline(
        reference=charge.reference, reason=charge.gateway_response or _NO_REASON, at=clock()
    )
    return store.record_decline(order.order_id, decline)


def note_decline(
    order: Order, reference: str, reason: str | None, store: Orders, clock: Clock = utc_now
) -> None:
    """Record that PayStack's API shows a transaction of the order as failed, unless it is known.

    Changes nothing where the reference is not the order's present one.
    """
    words = reason or _NO_REASON
    known = order.declined
    if known is None or (known.reference, known.reason) != (reference, words):
        store.record_decline(order.order_id, Decline(reference=reference, reason=words, at=clock()))


_NO_REASON: Final = "no reason given"


def order_of(reference: str, store: Orders) -> Order | None:
    """The order that asked for a payment under this reference; None where there is none."""
    order_id = reference.rpartition("-")[0]
    try:
        return store.get(order_id) if order_id else None
    except OrderNotFoundError:
        return None


def _agrees(charge: Charge, order: Order) -> bool:
    is_ours = (charge.reference, charge.status) == (order.payment_reference, "success")
    return is_ours and charge.pays(order.total_kobo, order.currency)


def _payment(charge: Charge, order: Order, now: datetime, *, verified: bool) -> Payment:
    return Payment(
        reference=charge.reference,
        amount_kobo=order.total_kobo,
        currency=charge.currency,
        charged_kobo=charge.amount if charge.amount != order.total_kobo else None,
        fees_kobo=charge.fees,
        channel=charge.channel,
        paid_at=charge.time_paid(now),
        verified_at=now if verified else None,
    )
