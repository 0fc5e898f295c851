"""Executions that ended without success: their orders become FAILED, operations are told.

Only a fault of ours ends an execution so (refusals and outages have states of their own), or
somebody who stopped it. All that is known is read anew, so late and repeated events do no harm:

* an execution that goes on again (redriven) or succeeded meanwhile is left alone;
* so is one that a later execution of the same order has replaced;
* an order that has ended stays as it is. If its execution fails afterwards, the customer has
  nothing of it and nobody has to act: that is logged, and no alert.

The status comes first, because it is true whether or not anybody can be told. The alert follows,
and is remembered on the order: a crash between the two makes it come twice, never not at all.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from orderflow.clock import Clock, utc_now, whole_milliseconds
from orderflow.errors import IllegalTransitionError, OrderNotFoundError
from orderflow.money import naira
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


class FailureOutcome(StrEnum):
    """What became of an execution that was said to have failed."""

    RECORDED = "recorded"
    #: The order is marked and operations were told already.
    REPEATED = "repeated"
    #: A later execution handles the order now.
    REPLACED = "replaced"
    #: The order has ended.
    CLOSED = "closed"
    #: The execution runs, has succeeded, or is unknown to Step Functions.
    NOT_FAILED = "not-failed"
    #: Its input is none that we start orders with.
    NO_ORDER = "no-order"


def settled(order: Order, execution: Execution) -> FailureOutcome | None:
    """Why there is nothing left to do about a failed execution; None where there is."""
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
    # A restart that broke before it could take the order over.
    return parse_arn(execution.arn)[1] > parse_arn(order.execution_arn)[1]


def _recorded(order: Order, execution: Execution) -> Failure | None:
    """What the order says of this failure of the execution, if it does."""
    failure = order.failure if order.status is OrderStatus.FAILED else None
    if failure is None:
        return None
    # The time tells one failure from the next of the same execution, redriven.
    same = (failure.execution_arn, failure.at) == (execution.arn, _stopped_at(execution))
    return failure if same else None


def _stopped_at(execution: Execution) -> datetime | None:
    return whole_milliseconds(execution.stop_date) if execution.stop_date else None


class FailureRecorder:
    """Marks orders FAILED and tells operations.

    Args:
        stage: for the command that the alert advises.
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
        """Do what is left to do about an execution that seems to have failed.

        Raises:
            StoreUnavailable, NotificationUnavailable: try again. Errors of Step Functions pass
                through.
        """
        execution = describe(self._sfn, execution_arn)
        if execution is None or not execution.unsuccessful:
            return FailureOutcome.NOT_FAILED
        order = self._order_of(execution)
        if order is None:
            return FailureOutcome.NO_ORDER
        outcome = settled(order, execution) or self._record(order, execution)
        if outcome is FailureOutcome.CLOSED and execution.status is not ExecutionStatus.ABORTED:
            logger.warning(
                "an execution failed after its order had ended",
                extra={"order_id": order.order_id, "execution_arn": execution_arn},
            )
        return outcome

    def _order_of(self, execution: Execution) -> Order | None:
        """The order, written now where the execution broke before it could be."""
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
                # In this very moment it ended, or another delivery of the same event marked it.
                return (
                    settled(self._store.get(order.order_id), execution) or FailureOutcome.REPEATED
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


def _reason(order: Order) -> str:
    """For the customer. Promises nothing that may turn out false."""
    if order.payment is not None:
        return _REASON_PAID
    return _REASON_LINK if order.payment_link else _REASON_NO_LINK


def _alert(order: Order, failure: Failure, execution: Execution, stage: str) -> str:
    cause = without_personal_data(_said(execution), order.personal_texts())[:_CAUSE_LENGTH]
    lines = [
        "The execution of an order ended without success. The order is kept, as FAILED.",
        "",
        f"Order: {order.order_id}",
        f"Execution: {execution.status}",
        f"Error: {failure.error}",
        f"State: {failure.state or 'not known'}",
        f"Cause: {cause or 'not told'}",
        f"Failures of this order so far: {failure.count}",
        f"Payment: {_payment(order)}",
        "",
        "Look at it:",
        console_link(execution.arn),
        "",
        "Once the cause is mended:",
        f"orders replay --order {order.order_id} --stage {stage}",
    ]
    return "\n".join(lines)


def _said(execution: Execution) -> str:
    """The error's message: functions wrap theirs into JSON, with a stack trace."""
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
