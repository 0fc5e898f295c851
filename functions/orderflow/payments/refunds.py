"""Money that came in and that no order can take: kept on the order until people are done with it.

PayStack reported it, with a good signature. Nobody has asked PayStack about it yet: that, and
giving it back, is for people (docs/runbooks/refunds.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from orderflow.clock import iso
from orderflow.errors import OrderflowError
from orderflow.orders.model import Order, RefundDue, RefundReason
from orderflow.orders.store import OrderStore
from orderflow.payments.paystack import Charge

#: So many an order keeps. Only who knows our key could report more; operations hear of each.
MAX_REFUNDS: Final = 50


class NoSuchRefundError(OrderflowError):
    """The order has no refund of this reference that is due."""


def flag(order: Order, charge: Charge, reason: RefundReason, store: OrderStore) -> Order:
    """Record that the charge is to be given back, unless it is recorded already.

    Returns:
        The order; :func:`find` finds the refund there, unless the order has :data:`MAX_REFUNDS`.

    Raises:
        StoreUnavailable: another refund of the order was recorded at the same moment.
    """
    if find(order, charge) is not None or len(order.refunds_due) >= MAX_REFUNDS:
        return order
    refund = RefundDue(
        reference=charge.reference,
        amount=charge.amount,
        currency=charge.currency,
        reason=reason,
        at=iso(datetime.now(UTC)),
        paid_at=charge.moment,
    )
    return store.record_refunds(order, [*order.refunds_due, refund])


def find(order: Order, charge: Charge) -> RefundDue | None:
    """The refund of this charge, if there is one."""
    for each in order.refunds_due:
        if (each.reference, each.amount, each.currency) == (
            charge.reference,
            charge.amount,
            charge.currency,
        ):
            return each
    return None


def operations_notified(order: Order, refund: RefundDue, store: OrderStore) -> Order:
    """Remember that operations know of it."""
    return _replace(order, refund, refund.model_copy(update={"notified_at": _now()}), store)


def customer_notified(order: Order, refund: RefundDue, store: OrderStore) -> Order:
    """Remember that the customer knows of it."""
    return _replace(
        order, refund, refund.model_copy(update={"customer_notified_at": _now()}), store
    )


def settle(order: Order, reference: str, store: OrderStore) -> Order:
    """Remember that people are done with what came in under this reference.

    Raises:
        NoSuchRefundError: nothing is due under it.
        StoreUnavailable: the order's refunds were changed meanwhile.
    """
    now = _now()
    settled = [
        each.model_copy(update={"settled_at": now})
        if each.reference == reference and each.settled_at is None
        else each
        for each in order.refunds_due
    ]
    if settled == order.refunds_due:
        raise NoSuchRefundError(f"Order {order.order_id} has no refund of {reference} due.")
    return store.record_refunds(order, settled)


def due(order: Order) -> Iterator[RefundDue]:
    """Those that people are not done with."""
    return (each for each in order.refunds_due if each.settled_at is None)


def _replace(order: Order, old: RefundDue, new: RefundDue, store: OrderStore) -> Order:
    return store.record_refunds(order, [new if each == old else each for each in order.refunds_due])


def _now() -> str:
    return iso(datetime.now(UTC))
