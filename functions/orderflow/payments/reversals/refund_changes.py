"""What a report about a refund changes on its order. Pure: nothing is stored here.

Reports come late, repeated and out of sequence. A refund's events have no time, so a refund only
goes forward by them; PayStack's list of refunds may correct it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orderflow.orders.model import Order
from orderflow.orders.money_records import Refund, RefundStatus
from orderflow.payments.paystack import Charge
from orderflow.payments.reversals.dues import MAX_KEPT, replaced, with_dues
from orderflow.payments.reversals.times import ReversalTimes


@dataclass(frozen=True)
class SeenRefund:
    """A refund as an event or PayStack's list shows it; ``is_listed`` tells which."""

    reference: str
    amount: int
    currency: str
    status: RefundStatus
    refund_id: int | None = None
    refund_reference: str | None = None
    request_id: str | None = None
    is_listed: bool = False


def with_refund(order: Order, seen: SeenRefund, now: datetime, times: ReversalTimes) -> Order:
    """The order with what was seen of a refund; the same order where that is no news."""
    known = _known(order, seen)
    if known is None:
        if len(order.refunds) >= MAX_KEPT:
            return order
        first = Refund(
            reference=seen.reference,
            amount=seen.amount,
            currency=seen.currency,
            status=RefundStatus.REQUESTED,
            at=now,
            updated_at=now,
        )
        moved = _moved(first, seen, now, times)
        changed = order.model_copy(update={"refunds": [*order.refunds, moved]})
        return with_dues(changed, moved, now)
    moved = _moved(known, seen, now, times)
    if moved == known:
        return order
    changed = order.model_copy(update={"refunds": replaced(order.refunds, known, moved)})
    return with_dues(changed, moved, now) if moved.status is not known.status else changed


def _known(order: Order, seen: SeenRefund) -> Refund | None:
    """The refund that was seen.

    Events have PayStack's number or the bank's reference only sometimes. Without one, two refunds
    of the same amount can't be told apart: the oldest one that has not come as far is meant.
    """
    for refund in order.refunds:
        if refund.reference == seen.reference and _names_agree(refund, seen):
            return refund
    alike = [
        refund
        for refund in order.refunds
        if (refund.reference, refund.amount, refund.currency)
        == (seen.reference, seen.amount, seen.currency)
        and refund.status is not RefundStatus.REFUSED
        and not _names_differ(refund, seen)
    ]
    advancing = (refund for refund in alike if refund.can_become(seen.status))
    return next(advancing, next(iter(alike), None))


def _names_agree(refund: Refund, seen: SeenRefund) -> bool:
    pairs = (
        (refund.request_id, seen.request_id),
        (refund.refund_id, seen.refund_id),
        (refund.refund_reference, seen.refund_reference),
    )
    return any(ours is not None and ours == theirs for ours, theirs in pairs)


def _names_differ(refund: Refund, seen: SeenRefund) -> bool:
    """Whether another refund was seen.

    The bank's reference is final only once the refund is: a retry has another one.
    """
    pairs = (
        (refund.request_id, seen.request_id),
        (refund.refund_id, seen.refund_id),
        (None if refund.is_open else refund.refund_reference, seen.refund_reference),
    )
    return any(ours is not None and theirs not in (None, ours) for ours, theirs in pairs)


def _moved(refund: Refund, seen: SeenRefund, now: datetime, times: ReversalTimes) -> Refund:
    names = {
        "refund_id": refund.refund_id or seen.refund_id,
        "refund_reference": seen.refund_reference or refund.refund_reference,
        "request_id": refund.request_id or seen.request_id,
    }
    if not _is_news(refund, seen):
        contradicts = (refund.status, seen.status) == (RefundStatus.PROCESSED, RefundStatus.FAILED)
        # PayStack's list decides.
        return refund.model_copy(update=names | ({"check_at": now} if contradicts else {}))
    moved = refund.model_copy(update=names | {"status": seen.status, "updated_at": now})
    check_at = times.next_check(now, 0) if moved.is_open else None
    return moved.model_copy(update={"checks": 0, "check_at": check_at})


def _is_news(refund: Refund, seen: SeenRefund) -> bool:
    if not seen.is_listed:
        return refund.can_become(seen.status)
    # PayStack's list may lag behind its event of the end, but knows better than that of a failure.
    is_processed = refund.status is RefundStatus.PROCESSED
    return seen.status is not refund.status and not (
        is_processed and seen.status is not RefundStatus.FAILED
    )


def with_checked_refunds(
    order: Order, reference: str, now: datetime, times: ReversalTimes
) -> Order:
    """The order after PayStack's list of a payment's refunds was looked at."""
    refunds = [
        refund.model_copy(
            update={
                "checks": refund.checks + 1,
                "check_at": times.next_check(now, refund.checks + 1) if refund.is_open else None,
            }
        )
        if refund.reference == reference and refund.check_at and refund.check_at <= now
        else refund
        for refund in order.refunds
    ]
    return order.model_copy(update={"refunds": refunds})


def with_reversed_charge(
    order: Order, charge: Charge, now: datetime, *, alerted: bool = False
) -> Order:
    """The order of a payment that PayStack shows as reversed: all of it went back.

    What no known refund or dispute explains is recorded as a refund of its own, which operations
    are ``alerted`` about already, or are to be.
    """
    rest = charge.amount - order.taken(charge.reference)
    if rest <= 0 or len(order.refunds) >= MAX_KEPT:
        return order
    refund = Refund(
        reference=charge.reference,
        amount=rest,
        currency=charge.currency,
        status=RefundStatus.PROCESSED,
        at=now,
        updated_at=now,
        notified_status=RefundStatus.PROCESSED if alerted else None,
    )
    changed = order.model_copy(update={"refunds": [*order.refunds, refund]})
    return with_dues(changed, refund, now)
