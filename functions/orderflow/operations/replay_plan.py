"""Plans what a replay does with each order, and why.

A redrive continues at the task that failed, with the definition that the execution began with. A
restart is a new execution with the same input; every step of the workflow is idempotent, so it
repeats no work. Where Step Functions does not know an order's execution, as after the loss of the
state machine, the record of the order holds the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import ClientError
from pydantic import ValidationError

from orderflow.clock import Clock, utc_now
from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.workflow.executions import Run, execution_arn, newest_run, parse_arn

#: Step Functions redrives executions that ended within this time.
REDRIVABLE_FOR: Final = timedelta(days=14)

NEWER_DEFINITION: Final = (
    "a newer definition is deployed; a redrive would go on with the old functions' versions"
)
NO_REDRIVE: Final = "Step Functions here offers no redrive"
UNKNOWN: Final = "neither the orders nor Step Functions know it"
LOST: Final = "Step Functions does not know its execution; the order's record holds its input"

#: How long a state machine's update takes to apply to all executions that start.
_SETTLING: Final = timedelta(minutes=1)


#: What a submission gives an execution, by the attributes of the order that it became.
_INPUT: Final = {
    "order_id", "customer_id", "customer_email", "customer_name", "grocery_list", "review"
}  # fmt: skip


class Ended(StrEnum):
    """The statuses of executions that ended without success."""

    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"


class Action(StrEnum):
    """What the plan does with an order."""

    REDRIVE = "redrive"
    RESTART = "restart"
    SKIP = "skip"
    #: The order or its execution can't be read, so the plan does not know.
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Step:
    """The plan for one order.

    ``execution`` is its latest execution; where that is unknown ``lost`` is the order, if it is
    recorded and still open.
    """

    order_id: str
    action: Action
    why: str
    execution: Run | None = None
    lost: Order | None = field(default=None, repr=False)

    @property
    def run(self) -> int | None:
        """The number of the run that the step starts or continues, else of the latest run."""
        if self.lost is not None:
            return parse_arn(self.lost.execution_arn or self.order_id)[1] + 1
        if self.execution is None:
            return None
        return self.execution.number + (self.action is Action.RESTART)

    @property
    def input(self) -> str:
        """The input of a new execution, as the submission gave it (JSON)."""
        if self.lost is not None:
            return self.lost.model_dump_json(by_alias=True, include=_INPUT, exclude_none=True)
        return self.execution.input if self.execution else "{}"

    @property
    def execution_arn(self) -> str | None:
        """The latest execution, known or not."""
        if self.lost is not None:
            return self.lost.execution_arn
        return self.execution.arn if self.execution else None

    @property
    def is_act(self) -> bool:
        """Whether anything is to be done."""
        return self.action in {Action.REDRIVE, Action.RESTART}

    def as_json(self) -> dict[str, Any]:
        """The step as the command line's JSON output."""
        execution = self.execution
        return {
            "orderId": self.order_id,
            "action": self.action,
            "why": self.why,
            "run": self.run,
            "executionArn": self.execution_arn,
            "executionStatus": execution.status if execution else None,
            "error": execution.error if execution else None,
        }


def restarted(step: Step, why: str) -> Step:
    """The same order, restarted instead."""
    return replace(step, action=Action.RESTART, why=why)


class Definitions:
    """Tells which executions began with the definition that is deployed now.

    ``DescribeStateMachineForExecution`` allows about one call a second, and an incident leaves
    hundreds of executions. So one answer serves all that share its version or, without versions,
    that started between the definition's update and the execution that was asked about.
    """

    def __init__(self, sfn: Any, state_machine_arn: str) -> None:
        self._sfn = sfn
        self._deployed: str = sfn.describe_state_machine(stateMachineArn=state_machine_arn)[
            "definition"
        ]
        self._versions: dict[str, bool] = {}
        self._spans: list[tuple[datetime, datetime, bool]] = []

    def is_current(self, execution: Run) -> bool:
        """Whether a redrive would run what is deployed now."""
        known = self._known(execution)
        return self._ask(execution) if known is None else known

    def _known(self, execution: Run) -> bool | None:
        if execution.state_machine_version_arn:
            return self._versions.get(execution.state_machine_version_arn)
        for since, until, current in self._spans:
            if since <= execution.start_date <= until:
                return current
        return None

    def _ask(self, execution: Run) -> bool:
        answer = self._sfn.describe_state_machine_for_execution(executionArn=execution.arn)
        current: bool = answer["definition"] == self._deployed
        if execution.state_machine_version_arn:
            self._versions[execution.state_machine_version_arn] = current
        else:
            span = (answer["updateDate"] + _SETTLING, execution.start_date, current)
            self._spans.append(span)
        return current


class Planner:
    """Plans replays of a stage's orders.

    Args:
        sfn: a boto3 Step Functions client.
        orders: the orders.
        state_machine_arn: what executions are started with: a state machine's ARN, or an alias's.
        offers_redrive: whether this Step Functions can redrive at all.
        restart: start anew, even where a redrive is possible.
        clock: tells how long ago an execution ended.
    """

    def __init__(
        self,
        sfn: Any,
        orders: Orders,
        state_machine_arn: str,
        *,
        offers_redrive: bool,
        restart: bool,
        clock: Clock = utc_now,
    ) -> None:
        self._sfn = sfn
        self._orders = orders
        self._arn = state_machine_arn
        # Without the alias: executions of earlier versions count, too.
        self._state_machine_arn = ":".join(state_machine_arn.split(":")[:7])
        self._offers_redrive = offers_redrive
        self._restart = restart
        self._clock = clock
        self._definitions: Definitions | None = None

    def owns(self, arn: str) -> bool:
        """Whether this is an execution of this stage's state machine."""
        return arn == execution_arn(self._arn, arn.rpartition(":")[2])

    def ended(self, statuses: Sequence[Ended], since: datetime | None) -> list[str]:
        """The ids of orders with executions that ended so (after ``since``), the latest first."""
        executions = (each for status in statuses for each in self._executions(status))
        found = [each for each in executions if since is None or each["stopDate"] >= since]
        found.sort(key=lambda each: each["stopDate"], reverse=True)
        return list(dict.fromkeys(parse_arn(each["executionArn"])[0] for each in found))

    def _executions(self, status: Ended) -> Iterator[dict[str, Any]]:
        """All that ended so, in any order.

        Step Functions documents that it lists the most recent first, not by which time. Executions
        wait for a day, or are redriven later still: the order of their starts is not that of their
        ends.
        """
        pages = self._sfn.get_paginator("list_executions").paginate(
            stateMachineArn=self._state_machine_arn, statusFilter=str(status)
        )
        for page in pages:
            yield from page["executions"]

    def plan(self, order_id: str) -> Step:
        """What to do about one order."""
        try:
            return self._plan(order_id)
        except (ClientError, ValidationError) as error:
            return Step(order_id, Action.BLOCKED, f"it can't be looked at: {_kind(error)}")

    def _plan(self, order_id: str) -> Step:
        order = self._order(order_id)
        execution = self._latest(order_id, order)
        if execution is None and order is not None and not order.is_closed:
            return Step(order_id, Action.RESTART, LOST, lost=order)
        if execution is None:
            return Step(order_id, Action.SKIP, f"the order is {order.status}" if order else UNKNOWN)
        if reason := _reason_to_skip(execution, order):
            return Step(order_id, Action.SKIP, reason, execution)
        if obstacle := self._obstacle(execution):
            return Step(order_id, Action.RESTART, obstacle, execution)
        return Step(order_id, Action.REDRIVE, "each goes on where it broke", execution)

    def _order(self, order_id: str) -> Order | None:
        try:
            return self._orders.get(order_id)
        except OrderNotFoundError:  # its first step may have failed before it wrote the record
            return None

    def _latest(self, order_id: str, order: Order | None) -> Run | None:
        recorded = order.execution_arn if order else None
        known = parse_arn(recorded)[1] if recorded else 1
        return newest_run(self._sfn, self._arn, order_id, known)

    def _obstacle(self, execution: Run) -> str | None:
        """Why the execution can't or must not be redriven."""
        if self._restart:
            return "--restart was asked for"
        if not self._offers_redrive or execution.redrive_status is None:
            return NO_REDRIVE
        if execution.redrive_status != "REDRIVABLE":
            return _not_redrivable(execution, self._clock())
        if self._definitions is None:
            self._definitions = Definitions(self._sfn, self._state_machine_arn)
        return None if self._definitions.is_current(execution) else NEWER_DEFINITION


def _reason_to_skip(execution: Run, order: Order | None) -> str | None:
    """Why the order needs no replay."""
    if order is not None and order.is_closed:
        return f"the order is {order.status}"
    if execution.unsuccessful:
        return None
    if execution.status == "SUCCEEDED":
        return "its execution succeeded"
    if order is not None and order.parked is not None:
        return "it is parked: `orders resume` resumes it"
    return "it is running" if execution.number == 1 else "it is running again already"


def _not_redrivable(execution: Run, now: datetime) -> str:
    if execution.stop_date and now - execution.stop_date > REDRIVABLE_FOR:
        return f"it ended more than {REDRIVABLE_FOR.days} days ago"
    return execution.redrive_status_reason or "Step Functions does not say why it can't be redriven"


def _kind(error: ClientError | ValidationError) -> str:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"]
    return "its record is damaged"
