"""Payments that no order can take: kept on the order until operations have settled them.

PayStack's webhook reported them with a valid signature. The webhook does not ask PayStack's API
about them; `orders refunds create` does that, and gives them back (docs/runbooks/refunds.md).
"""

from __future__ import annotations

from typing import Final

from orderflow.clock import Clock, utc_now
from orderflow.errors import OrderflowError, StoreUnavailable
from orderflow.orders.model import Order
from orderflow.orders.money_records import RefundDue, RefundReason
from orderflow.orders.ports import Orders
from orderflow.payments.paystack import Charge

#: An order keeps so many refunds. Only a forger could report more; operations hear of each.
MAX_REFUNDS: Final = 50

#: How often it is recorded that a customer was notified, where the order changes meanwhile.
_NOTE_ATTEMPTS: Final = 5


class NoSuchRefundError(OrderflowError):
    """The order has no refund of this reference that is due."""


def find(order: Order, charge: Charge) -> RefundDue | None:
    """The refund of this charge, if there is one, settled or not."""
    return order.find_refund(charge.reference, charge.amount, charge.currency)


def record(
    order: Order, charge: Charge, reason: RefundReason, store: Orders, clock: Clock = utc_now
) -> Order:
    """Record that the charge is to be refunded, unless it is recorded already.

    Returns:
        The order. :func:`find` finds the refund, unless the order has :data:`MAX_REFUNDS` others.

    Raises:
        StoreUnavailable: another refund of the order was recorded at the same moment.
    """
    if find(order, charge) is not None or len(order.refunds_due) >= MAX_REFUNDS:
        return order
    now = clock()
    # The report of a payment may come after that of its refund: then nothing is left to do.
    over = now if order.given_back(charge.reference) >= max(1, charge.amount) else None
    refund = RefundDue(
        reference=charge.reference,
        amount=charge.amount,
        currency=charge.currency,
        reason=reason,
        at=now,
        paid_at=charge.time_paid(now),
        notified_at=over,
        settled_at=over,
    )
    return store.record_refunds(order, [*order.refunds_due, refund])


def operations_notified(
    order: Order, refund: RefundDue, store: Orders, clock: Clock = utc_now
) -> Order:
    """Record that operations were alerted about the refund."""
    return _replace(order, refund, refund.model_copy(update={"notified_at": clock()}), store)


def customer_notified(
    order: Order, refund: RefundDue, store: Orders, clock: Clock = utc_now
) -> Order:
    """Record that the customer was notified of the refund.

    The message is sent, and operations are alerted at the same moment: a write that fails is made
    again on the order as it is then, because a repeated batch would repeat the message.

    Raises:
        StoreUnavailable: none of the writes succeeded.
    """
    notified = {"customer_notified_at": clock()}
    for _ in range(_NOTE_ATTEMPTS - 1):
        try:
            return _replace(order, refund, refund.model_copy(update=notified), store)
        except StoreUnavailable:
            order = store.get(order.order_id)
            refund = order.find_refund(refund.reference, refund.amount, refund.currency) or refund
    return _replace(order, refund, refund.model_copy(update=notified), store)


def settle(order: Order, reference: str, store: Orders, clock: Clock = utc_now) -> Order:
    """Record that operations have settled what was paid under this reference.

    Raises:
        NoSuchRefundError: nothing is due under it.
        StoreUnavailable: the order's refunds were changed meanwhile.
    """
    now = clock()
    settled = [
        each.model_copy(update={"settled_at": now})
        if each.reference == reference and each.settled_at is None
        else each
        for each in order.refunds_due
    ]
    if settled == order.refunds_due:
        raise NoSuchRefundError(f"Order {order.order_id} has no refund of {reference} due.")
    return store.record_refunds(order, settled)


def _replace(order: Order, old: RefundDue, new: RefundDue, store: Orders) -> Order:
    return store.record_refunds(order, [new if each == old else each for each in order.refunds_due])
