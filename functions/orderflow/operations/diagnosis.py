"""Diagnoses why an order does not move, from its record and its execution."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from orderflow.breakers.state import BreakerItem
from orderflow.clock import from_epoch_ms
from orderflow.operations.restarts import failed_while_busy
from orderflow.orders.model import Order, Parked
from orderflow.orders.status import PARKED, OrderStatus
from orderflow.records import Record
from orderflow.recovery.resumer import ResumedBy
from orderflow.workflow.executions import Execution, ExecutionStatus

#: The longest delay of a message in SQS.
LONGEST_TIMER: Final = timedelta(minutes=15)


class Problem(StrEnum):
    """Why an order or a breaker needs a look. The values are stored and shown."""

    MISSED_FAILURE = "missed-failure"
    MISSED_RESUMPTION = "lost-wake-up"
    UNANSWERED_PAYMENT = "unanswered-payment"
    UNANSWERED_REVIEW = "unanswered-review"
    FAILED_WHILE_BUSY = "failed-while-busy"
    PAID_BUT_FAILED = "paid-but-failed"
    STILL_PARKED = "still-parked"
    NOT_RESUMABLE = "unwakeable"
    NO_PROGRESS = "no-progress"
    EXECUTION_SUCCEEDED = "execution-succeeded"
    EXECUTION_UNKNOWN = "execution-unknown"
    NO_EXECUTION = "no-execution"
    BREAKER_FORCED = "breaker-forced"


EXPLANATIONS: Final = {
    Problem.MISSED_FAILURE: "The execution had failed, and no alert was sent.",
    Problem.MISSED_RESUMPTION: "Parked, though its provider takes calls: nothing woke it.",
    Problem.UNANSWERED_PAYMENT: "Paid, but its waiting execution did not get the answer.",
    Problem.UNANSWERED_REVIEW: "Confirmed, but its waiting execution did not get the answer.",
    Problem.FAILED_WHILE_BUSY: "FAILED because AWS throttled for longer than the retries last.",
    Problem.PAID_BUT_FAILED: "FAILED, and the customer has paid: replay it, or refund the payment.",
    Problem.STILL_PARKED: "Parked after all its automatic attempts, though its provider takes "
    "calls: look into it, then resume it.",
    Problem.NOT_RESUMABLE: "Parked, but nothing can resume it: its record holds no task token.",
    Problem.NO_PROGRESS: "The execution runs, but the order has not moved for too long.",
    Problem.EXECUTION_SUCCEEDED: "The execution has succeeded, but the order is still open.",
    Problem.EXECUTION_UNKNOWN: "Step Functions does not know the order's execution.",
    Problem.NO_EXECUTION: "The order names no execution.",
    Problem.BREAKER_FORCED: "Operators decided for this circuit breaker more than an hour ago: "
    "is that still wanted?",
}


#: The problems that the reconciler repairs by itself.
REPAIRABLE: Final = frozenset(
    {
        Problem.MISSED_FAILURE,
        Problem.FAILED_WHILE_BUSY,
        Problem.MISSED_RESUMPTION,
        Problem.UNANSWERED_PAYMENT,
        Problem.UNANSWERED_REVIEW,
    }
)


class Finding(Record, frozen=True):
    """One problem. ``subject`` is an order's id; of a breaker, its provider."""

    subject: str
    problem: Problem
    status: OrderStatus | None = None
    execution_arn: str | None = None

    @classmethod
    def of(cls, order: Order, problem: Problem) -> Finding:
        """The finding about an order."""
        return cls(
            subject=order.order_id,
            problem=problem,
            status=order.status,
            execution_arn=order.execution_arn,
        )


def problem_of_record(order: Order) -> Problem | None:
    """The problem that the record shows; None where the execution must be described."""
    if order.execution_arn is None:
        return Problem.NO_EXECUTION
    if order.status is OrderStatus.FAILED:
        if order.alerted_at is None:
            return Problem.MISSED_FAILURE
        return Problem.FAILED_WHILE_BUSY if failed_while_busy(order) else Problem.PAID_BUT_FAILED
    return None


def problem_of_execution(
    order: Order, execution: Execution | None, resume_by: ResumedBy | None
) -> Problem:
    """The problem of an order that has not moved for too long, from its execution.

    Args:
        resume_by: what should have resumed the order, if it is parked:
            :func:`resumption_due_by`.
    """
    if execution is None:
        return Problem.EXECUTION_UNKNOWN
    if execution.unsuccessful:
        return Problem.MISSED_FAILURE
    if execution.status is ExecutionStatus.SUCCEEDED:
        return Problem.EXECUTION_SUCCEEDED
    return _problem_while_running(order, resume_by)


def _problem_while_running(order: Order, resume_by: ResumedBy | None) -> Problem:
    if order.status in PARKED:
        if order.parked is None:
            return Problem.NOT_RESUMABLE
        return Problem.MISSED_RESUMPTION if resume_by else Problem.STILL_PARKED
    if order.is_unverified and order.task_token is not None:
        return Problem.UNANSWERED_PAYMENT
    if order.confirmed_version is not None and order.review_token is not None:
        return Problem.UNANSWERED_REVIEW
    return Problem.NO_PROGRESS


def is_overdue(
    order: Order, parked: Parked, breaker: BreakerItem, now: datetime, patience: timedelta
) -> bool:
    """Whether a parked order should have been resumed by now.

    Its timer resumes it; after its automatic attempts, its provider's return or an operator does.
    """
    if order.status is OrderStatus.PAYMENT_DELAYED:
        return now - parked.at > max(LONGEST_TIMER, patience)
    # The orders of a provider that is back are resumed one after the other, which takes a while.
    return has_been_back(breaker, parked.at, now, patience)


def has_been_back(
    breaker: BreakerItem, since: datetime, now: datetime, patience: timedelta
) -> bool:
    """Whether a provider takes calls, and has for ``patience`` if it was out after ``since``."""
    closed_at = _closed_since(breaker, since)
    return breaker.admits_all and (closed_at is None or now - closed_at > patience)


def resumption_due_by(order: Order, parked: Parked, breaker: BreakerItem) -> ResumedBy | None:
    """What should have resumed an overdue order; None where only an operator can."""
    if order.status is OrderStatus.PAYMENT_DELAYED:
        return "delay"
    return "breaker" if _closed_since(breaker, parked.at) else None


def _closed_since(breaker: BreakerItem, since: datetime) -> datetime | None:
    """When the breaker closed, if that was after ``since``."""
    if breaker.closed_at is None:
        return None
    closed_at = from_epoch_ms(breaker.closed_at)
    return closed_at if closed_at > since else None
