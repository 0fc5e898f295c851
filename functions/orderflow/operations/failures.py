"""Records executions that ended without success: the order becomes FAILED, operations are alerted.

Only a defect of this project ends an execution so (refusals and outages have states of their own),
AWS that throttles for longer than the retries last, or an operator who stops it. An event is the
evidence of such an end: Step Functions describes executions with eventual consistency, so a
description that still says RUNNING is not. Execution and order are read anew all the same, so late
and repeated events do no harm:

* an execution that was redriven since, and runs again or has succeeded, is ignored;
* so is one that a later execution of the same order has replaced;
* an order that has ended stays as it is. If its execution fails afterwards, the customer is not
  affected and operations need not act: that is logged, without an alert.

The status is written first, because it is true even if the alert can't be sent. The alert follows,
and is recorded on the order: a crash between the two repeats the alert instead of losing it.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from orderflow.clock import Clock, utc_now, whole_milliseconds
from orderflow.errors import IllegalTransitionError, OrderNotFoundError
from orderflow.money import naira
from orderflow.operations.restarts import failed_while_busy
from orderflow.orders.intake import ExecutionInput
from orderflow.orders.lines import ParsedList
from orderflow.orders.model import Failure, Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.platform.alerts import Alerts
from orderflow.platform.observability import logger
from orderflow.platform.privacy import without_personal_data
from orderflow.workflow.executions import (
    Execution,
    ExecutionStatus,
    console_link,
    describe,
    failing_state,
    parse_arn,
)

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_CAUSE_LENGTH: Final = 500

_WENT_WRONG: Final = "Something went wrong on our side. Your order is kept and we look into it."
_REASON_PAID: Final = f"{_WENT_WRONG} Your payment is recorded with it."
_REASON_LINK: Final = (
    f"{_WENT_WRONG} Nothing was charged, unless you have already paid through its payment link."
)
_REASON_NO_LINK: Final = f"{_WENT_WRONG} Nothing was charged."


_WHAT_HELPS_WHILE_BUSY: Final = (
    "AWS was busy for too long. The reconciler starts it again in 15 to 20 minutes. At once:"
)


class FailureOutcome(StrEnum):
    """The outcome for an execution that was reported as failed."""

    RECORDED = "recorded"
    #: The order is FAILED and operations were alerted already.
    REPEATED = "repeated"
    #: A later execution handles the order now.
    REPLACED = "replaced"
    #: The order has ended.
    CLOSED = "closed"
    #: The execution runs, has succeeded since, or is unknown to Step Functions.
    NOT_FAILED = "not-failed"
    #: Its input is not an order's.
    NO_ORDER = "no-order"


def finished_outcome(order: Order, execution: Execution) -> FailureOutcome | None:
    """The outcome where nothing is left to do about a failed execution; None where something is."""
    if not _is_latest(order, execution):
        return FailureOutcome.REPLACED
    if order.is_closed:
        return FailureOutcome.CLOSED
    if _recorded(order, execution) and order.alerted_at is not None:
        return FailureOutcome.REPEATED
    return None


def _is_latest(order: Order, execution: Execution) -> bool:
    if order.execution_arn is None or order.execution_arn == execution.arn:
        return True
    # A restart that failed before it took the order over.
    return parse_arn(execution.arn)[1] > parse_arn(order.execution_arn)[1]


def _recorded(order: Order, execution: Execution) -> Failure | None:
    """This failure of the execution, if the order records it."""
    failure = order.failure if order.status is OrderStatus.FAILED else None
    if failure is None:
        return None
    # Failures of the same execution, redriven, differ in their time.
    same = (failure.execution_arn, failure.at) == (execution.arn, _stopped_at(execution))
    return failure if same else None


def _stopped_at(execution: Execution) -> datetime | None:
    return whole_milliseconds(execution.stop_date) if execution.stop_date else None


class FailureRecorder:
    """Marks orders FAILED and alerts operations.

    Args:
        stage: the stage, for the command in the alert.
    """

    def __init__(
        self,
        store: Orders,
        sfn: SFNClient,
        alerts: Alerts,
        stage: str,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._sfn = sfn
        self._alerts = alerts
        self._clock = clock
        self._stage = stage

    def record(self, execution_arn: str) -> FailureOutcome:
        """Record the execution if it failed, and do what an earlier attempt has left.

        Raises:
            StoreUnavailable, NotificationUnavailable: try again. Errors of Step Functions pass
                through.
        """
        execution = describe(self._sfn, execution_arn)
        if execution is None or not execution.unsuccessful:
            return FailureOutcome.NOT_FAILED
        return self._record_end(execution)

    def record_reported(self, reported: Execution) -> FailureOutcome:
        """As :meth:`record`, of an execution that an event reports to have failed.

        Args:
            reported: the execution as the event describes it.
        """
        execution = _latest_end(reported, describe(self._sfn, reported.arn))
        return self._record_end(execution) if execution else FailureOutcome.NOT_FAILED

    def _record_end(self, execution: Execution) -> FailureOutcome:
        order = self._order_of(execution)
        if order is None:
            return FailureOutcome.NO_ORDER
        outcome = finished_outcome(order, execution) or self._record(order, execution)
        if outcome is FailureOutcome.CLOSED and execution.status is not ExecutionStatus.ABORTED:
            logger.warning(
                "an execution failed after its order had ended",
                extra={"order_id": order.order_id, "execution_arn": execution.arn},
            )
        return outcome

    def _order_of(self, execution: Execution) -> Order | None:
        """The order; it is created where the execution failed before it was."""
        try:
            request = ExecutionInput.model_validate(
                {**json.loads(execution.input), "executionArn": execution.arn}
            )
        except (ValueError, TypeError):
            logger.error("a failed execution has no order", extra={"execution_arn": execution.arn})
            return None
        try:
            return self._store.get(request.order_id)
        except OrderNotFoundError:
            return self._store.create(**request.model_dump(), parsed=ParsedList())

    def _record(self, order: Order, execution: Execution) -> FailureOutcome:
        if order.execution_arn != execution.arn:
            self._store.take_over(order.order_id, execution.arn)
        failure = _recorded(order, execution)
        if failure is None:
            failure = self._failure(order, execution)
            try:
                order = self._store.record_failure(order.order_id, failure, _reason(order))
            except IllegalTransitionError:
                # The order ended at this moment, or another delivery of the event recorded it.
                return (
                    finished_outcome(self._store.get(order.order_id), execution)
                    or FailureOutcome.REPEATED
                )
        self._alerts.publish(
            "Grocery orders: an order failed", _alert(order, failure, execution, self._stage)
        )
        self._store.record_alerted(order.order_id, failure)
        return FailureOutcome.RECORDED

    def _failure(self, order: Order, execution: Execution) -> Failure:
        return Failure(
            error=execution.error or execution.status,
            state=failing_state(self._sfn, execution.arn),
            execution_arn=execution.arn,
            at=_stopped_at(execution) or self._clock(),
            count=order.failure.count + 1 if order.failure else 1,
        )


def _latest_end(reported: Execution, described: Execution | None) -> Execution | None:
    """The latest unsuccessful end that is known; None where a redrive has followed the reported.

    The count of redrives orders the ends of one execution. A description with a lower count, or
    with the same one and no end, is older than the event.
    """
    if described is None or described.redrive_count < reported.redrive_count:
        return _with_input_of(described, reported)
    if described.unsuccessful:
        return described
    if described.redrive_count > reported.redrive_count:
        return None
    return _with_input_of(described, reported)


def _with_input_of(described: Execution | None, reported: Execution) -> Execution:
    """The reported execution, with the input that its event may lack; redrives keep the input."""
    return reported.model_copy(update={"input": described.input}) if described else reported


def _reason(order: Order) -> str:
    """The reason for the customer, true whatever happens next."""
    if order.payment is not None:
        return _REASON_PAID
    return _REASON_LINK if order.payment_link else _REASON_NO_LINK


def _alert(order: Order, failure: Failure, execution: Execution, stage: str) -> str:
    cause = without_personal_data(_error_message(execution), order.personal_texts())[:_CAUSE_LENGTH]
    lines = [
        "The execution of an order ended without success. The order is kept, as FAILED.",
        "",
        f"Order: {order.order_id}",
        f"Execution: {execution.status}",
        f"Error: {failure.error}",
        f"State: {failure.state or 'not known'}",
        f"Cause: {cause or 'not known'}",
        f"Failures of this order so far: {failure.count}",
        f"Payment: {_payment(order)}",
        "",
        "Look at it:",
        console_link(execution.arn),
        "",
        _WHAT_HELPS_WHILE_BUSY if failed_while_busy(order) else "Once the cause is mended:",
        f"orders replay --order {order.order_id} --stage {stage}",
    ]
    return "\n".join(lines)


def _error_message(execution: Execution) -> str:
    """The error's message, out of the JSON with a stack trace that functions wrap it into."""
    cause = execution.cause or ""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, TypeError, KeyError):
        return cause


def _payment(order: Order) -> str:
    if order.payment is None:
        return "none so far"
    doubt = "" if order.payment.verified_at else ", not confirmed by PayStack yet"
    return (
        f"THE CUSTOMER HAS PAID {naira(order.payment.amount_kobo)} "
        f"(reference {order.payment.reference}{doubt}): "
        "let the order go on, or give the money back."
    )
