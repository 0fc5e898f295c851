"""What a report about a dispute changes on its order. Pure: nothing is stored here.

Reports come late, repeated and out of sequence; each has its time, and an end is final.
"""

from __future__ import annotations

from datetime import datetime

from orderflow.orders.model import Order
from orderflow.orders.money_records import ENDED_DISPUTES, Dispute
from orderflow.payments.reversals.dues import MAX_KEPT, replaced, settled
from orderflow.payments.reversals.events import DisputeReport
from orderflow.payments.reversals.times import ReversalTimes


def with_dispute(
    order: Order, seen: DisputeReport, now: datetime, times: ReversalTimes, *, reminds: bool = False
) -> Order:
    """The order with what was seen of a dispute; the same order where that is no news."""
    known = next((each for each in order.disputes if each.dispute_id == seen.id), None)
    if known is None and len(order.disputes) >= MAX_KEPT:
        return order
    at = seen.updated_at or now
    before = known or _opened(seen, now)
    after = before
    is_end = seen.status in ENDED_DISPUTES
    if known is None or (known.is_open and (is_end or at >= known.changed_at)):
        after = before.model_copy(update=_reported(seen, before, at))
    if reminds and (before.reminded_at is None or at > before.reminded_at) and before.is_open:
        after = after.model_copy(update={"reminded_at": at})
    after = after.model_copy(update={"check_at": _dispute_check(after, now, times)})
    if known is not None and after.news == known.news:
        return order
    disputes = [*order.disputes, after] if known is None else replaced(order.disputes, known, after)
    return settled(order.model_copy(update={"disputes": disputes}), now)


def _opened(seen: DisputeReport, now: datetime) -> Dispute:
    return Dispute(
        dispute_id=seen.id,
        reference=seen.transaction.reference,
        status=seen.status,
        opened_at=seen.created_at or now,
        changed_at=seen.updated_at or now,
    )


def _reported(seen: DisputeReport, before: Dispute, at: datetime) -> dict[str, object]:
    transaction, due_at = seen.transaction, seen.due_at or before.due_at
    amount = seen.refund_amount if seen.refund_amount is not None else transaction.amount
    return {
        "amount": before.amount if amount is None else amount,
        "currency": seen.currency or transaction.currency or before.currency,
        "status": seen.status,
        "resolution": seen.resolution,
        "category": seen.category or before.category,
        "due_at": due_at,
        # Another deadline has a reminder of its own.
        "own_reminder_at": before.own_reminder_at if due_at == before.due_at else None,
        "resolved_at": seen.resolved_at,
        "changed_at": at,
    }


def _dispute_check(dispute: Dispute, now: datetime, times: ReversalTimes) -> datetime | None:
    """When to remind, then when to ask what became of it."""
    if not dispute.is_open:
        return None
    if dispute.due_at is None:
        return times.next_check(now, dispute.checks)
    if dispute.own_reminder_at is None:
        return dispute.due_at - times.remind_before
    return max(dispute.due_at + times.check_after, times.next_check(now, dispute.checks))


def with_checked_disputes(order: Order, now: datetime, times: ReversalTimes) -> Order:
    """The order with its open disputes reminded of, and checked, that are due by now."""
    disputes = [_checked(each, now, times) for each in order.disputes]
    return order.model_copy(update={"disputes": disputes})


def _checked(dispute: Dispute, now: datetime, times: ReversalTimes) -> Dispute:
    if dispute.check_at is None or dispute.check_at > now:
        return dispute
    if dispute.due_at is not None and dispute.own_reminder_at is None:
        reminded = dispute.model_copy(update={"own_reminder_at": now})
    else:
        reminded = dispute.model_copy(update={"checks": dispute.checks + 1})
    return reminded.model_copy(update={"check_at": _dispute_check(reminded, now, times)})
