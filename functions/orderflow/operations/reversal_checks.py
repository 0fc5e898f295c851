"""Looks after refunds and disputes whose end is not known, on a schedule.

Operations are reminded of a dispute before its deadline. A webhook may be lost for good: so
PayStack is asked about a refund that is not settled, and about a dispute that is past its deadline,
with pauses that double up to a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from orderflow.clock import Clock, utc_now
from orderflow.errors import (
    BreakerOpen,
    OrderflowError,
    PaystackUnavailable,
    UnknownTransactionError,
)
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.payments.reversals.asking import ReversalInquiry
from orderflow.payments.reversals.dispute_changes import with_checked_disputes
from orderflow.payments.reversals.recording import ReversalRecorder
from orderflow.payments.reversals.refund_changes import with_checked_refunds
from orderflow.platform.observability import logger
from orderflow.records import Record

#: A run looks after so many orders at most, and for so long.
MAX_CHECKS: Final = 20
MAX_DURATION: Final = timedelta(seconds=10)

#: PayStack can't be asked now: the rest waits for the next run.
_OUTAGES: Final = (BreakerOpen, PaystackUnavailable)

_FAILURES: Final = (OrderflowError, ClientError, BotoCoreError, ValidationError)


class ReversalChecksResult(Record):
    """A run: orders looked after, and those that could not be."""

    checked: int = 0
    failed: int = 0


@dataclass(frozen=True)
class ReversalChecks:
    """Looks after the orders that are due.

    Attributes:
        inquiry: asks PayStack, and records what it shows.
        recorder: records reminders, and alerts operations.
        clock: the present time.
    """

    store: Orders
    inquiry: ReversalInquiry
    recorder: ReversalRecorder
    clock: Clock = utc_now

    def run(self) -> ReversalChecksResult:
        """One run; orders that it does not come to are looked after by the next one."""
        began, result = self.clock(), ReversalChecksResult()
        for order_id in self.store.with_reversal_check_due(began):
            if result.checked >= MAX_CHECKS or self.clock() - began > MAX_DURATION:
                break
            try:
                self._check(self.store.get(order_id))
                result.checked += 1
            except _OUTAGES:
                logger.info("reversals wait for PayStack", extra={"checked": result.checked})
                break
            except _FAILURES as error:
                problem = type(error).__name__
                logger.error(
                    "reversals not checked", extra={"order_id": order_id, "problem": problem}
                )
                result.failed += 1
        return result

    def _check(self, order: Order) -> None:
        now = self.clock()
        asked = _references_to_ask_about(order, now)
        # A reminder does not wait for PayStack.
        order = self.recorder.record(order, with_checked_disputes(order, now, self.recorder.times))
        for reference in sorted(asked):
            try:
                _, order = self.inquiry.ask(order, reference)
            except UnknownTransactionError:
                # A forged report: there is nothing to wait for but the next, later question.
                checked = with_checked_refunds(order, reference, now, self.recorder.times)
                order = self.recorder.record(order, checked)


def _references_to_ask_about(order: Order, now: datetime) -> set[str]:
    """The payments with a refund that is due, or a dispute that operations were reminded of."""
    refunds = {each.reference for each in order.refunds if _is_due(each.check_at, now)}
    disputes = {
        each.reference
        for each in order.disputes
        if _is_due(each.check_at, now) and (each.due_at is None or each.own_reminder_at)
    }
    return refunds | disputes


def _is_due(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
