"""The refunds that are due of an order, after a refund or a dispute has changed."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeVar

from orderflow.orders.model import Order
from orderflow.orders.money_records import Refund, RefundDue, RefundReason, RefundStatus

#: An order keeps so many refunds and disputes. Only a forger could report more.
MAX_KEPT: Final = 50

_NEEDS_HELP: Final = frozenset({RefundStatus.FAILED, RefundStatus.NEEDS_ATTENTION})


def with_dues(order: Order, news: Refund, now: datetime) -> Order:
    """The order with the refunds that are due after a refund came into another state."""
    reopened = _reopened(order, news, now) if news.status in _NEEDS_HELP else order
    return settled(reopened, now)


def _reopened(order: Order, failed: Refund, now: datetime) -> Order:
    """The order with a refund due of the payment whose refund failed."""
    dues = [
        due.model_copy(update={"settled_at": None})
        if due.reference == failed.reference and due.settled_at and order.outstanding(due)
        else due
        for due in order.refunds_due
    ]
    if not any(due.reference == failed.reference and due.settled_at is None for due in dues):
        if len(dues) >= MAX_KEPT:
            return order
        dues.append(_due_again(order, failed, now))
    return order.model_copy(update={"refunds_due": dues})


def _due_again(order: Order, failed: Refund, now: datetime) -> RefundDue:
    paid = order.payment
    is_ours = paid is not None and paid.reference == failed.reference
    return RefundDue(
        reference=failed.reference,
        amount=order.given_back(failed.reference) + failed.amount,
        currency=failed.currency,
        reason=RefundReason.REFUND_FAILED,
        at=now,
        paid_at=paid.paid_at if paid is not None and is_ours else failed.at,
        # The alert about the refund tells of it.
        notified_at=now,
    )


def settled(order: Order, now: datetime) -> Order:
    """The order with the refunds closed of which all money went back."""
    dues = [
        due.model_copy(update={"settled_at": now})
        if due.settled_at is None and order.given_back(due.reference) >= max(1, due.amount)
        else due
        for due in order.refunds_due
    ]
    return order.model_copy(update={"refunds_due": dues})


_Item = TypeVar("_Item")


def replaced(items: list[_Item], old: _Item, new: _Item) -> list[_Item]:
    """The list with one item replaced, which is found by its identity."""
    return [new if each is old else each for each in items]
