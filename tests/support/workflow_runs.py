"""Executions of the order workflow in memory, behind the client that the functions use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from orderflow.orders.model import Order
from orderflow.platform import aws
from orderflow.workflow.executions import Execution
from tests.support.factories import (
    CUSTOMER_EMAIL,
    CUSTOMER_ID,
    CUSTOMER_NAME,
    GROCERY_LIST,
    STATE_MACHINE_ARN,
    client_error,
)

ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}

#: Long enough ago to be looked into, and in whole milliseconds as Step Functions tells them.
AN_HOUR_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def arn_of(name: str) -> str:
    return f"{STATE_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:{name}"


def epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def order_input(order_id: str, **changes: Any) -> str:
    """What an order's execution is started with."""
    fields = {
        "orderId": order_id,
        "customerId": CUSTOMER_ID,
        "customerEmail": CUSTOMER_EMAIL,
        "customerName": CUSTOMER_NAME,
        "groceryList": GROCERY_LIST,
    }
    return json.dumps(fields | changes)


@dataclass
class Run:
    """One execution; ``states`` are those that it entered, ``events`` what came after the last."""

    name: str
    status: str = "FAILED"
    error: str | None = "KeyError"
    cause: str | None = '{"errorMessage": "\'unitPriceKobo\'", "errorType": "KeyError"}'
    stopped: datetime = AN_HOUR_AGO
    input: str = ""
    states: tuple[str, ...] = ("ParseOrder", "MatchProducts")
    events: tuple[str, ...] = ("TaskScheduled", "TaskStarted", "TaskFailed", "ExecutionFailed")
    redrive_count: int = 0

    @property
    def arn(self) -> str:
        return arn_of(self.name)

    def listed(self) -> dict[str, Any]:
        ended = {"stopDate": self.stopped} if self.status in ENDED else {}
        return {
            "executionArn": self.arn,
            "stateMachineArn": STATE_MACHINE_ARN,
            "name": self.name,
            "status": self.status,
            "startDate": self.stopped - timedelta(minutes=1),
            "redriveCount": self.redrive_count,
            **ended,
        }

    def described(self) -> dict[str, Any]:
        redrivable = "REDRIVABLE" if self.status in ENDED - {"SUCCEEDED"} else "NOT_REDRIVABLE"
        optional = {"error": self.error, "cause": self.cause, "redriveStatus": redrivable}
        return {
            **self.listed(),
            "input": self.input or order_input(self.name.split(".")[0]),
            **{name: value for name, value in optional.items() if value is not None},
        }

    def history(self) -> list[dict[str, Any]]:
        entered = [
            {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": state}}
            for state in self.states
        ]
        return [{"type": "ExecutionStarted"}, *entered, *({"type": each} for each in self.events)]

    @property
    def execution(self) -> Execution:
        return Execution.model_validate(self.described())

    def event_detail(self) -> dict[str, Any]:
        """The detail of EventBridge's event about its end, as Step Functions documents it."""
        return {
            "executionArn": self.arn,
            "stateMachineArn": STATE_MACHINE_ARN,
            "name": self.name,
            "status": self.status,
            "startDate": epoch_ms(self.stopped - timedelta(minutes=1)),
            "stopDate": epoch_ms(self.stopped),
            "input": self.described()["input"],
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": None,
            "error": self.error,
            "cause": self.cause,
            "redriveCount": self.redrive_count,
        }


@dataclass
class Workflow:
    """Step Functions.

    ``waiting`` holds the task tokens that wait, ``errors``, by operation, what its calls fail with,
    ``calls`` what was asked.
    """

    runs: dict[str, Run] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    errors: dict[str, Exception] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def add(self, run: Run) -> Run:
        self.runs[run.arn] = run
        return run

    def failed(self, order: Order, **changes: Any) -> Run:
        """The order's execution, failed."""
        assert order.execution_arn is not None
        return self.add(Run(order.execution_arn.rpartition(":")[2], **changes))

    def running(self, order: Order) -> Run:
        """The order's execution, under way."""
        return self.failed(order, status="RUNNING", error=None, cause=None)

    def asked(self, operation: str) -> list[dict[str, Any]]:
        return [given for name, given in self.calls if name == operation]

    @contextmanager
    def behind_client(self) -> Iterator[Workflow]:
        events = aws.step_functions().meta.events
        events.register("before-call.sfn", self._answer)  # type: ignore[arg-type]
        yield self
        events.unregister("before-call.sfn", self._answer)  # type: ignore[arg-type]

    def _answer(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        given = json.loads(params["body"])
        self.calls.append((model.name, given))
        if error := self.errors.get(model.name):
            raise error
        answer = getattr(self, f"_{model.name}")(given)
        return SimpleNamespace(status_code=200), answer

    def _DescribeExecution(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self._run(given).described()

    def _GetExecutionHistory(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert given["reverseOrder"]
        return {"events": self._run(given).history()[::-1][: given["maxResults"]]}

    def _ListExecutions(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert given["stateMachineArn"] == STATE_MACHINE_ARN
        found = [run for run in self.runs.values() if run.status == given["statusFilter"]]
        found.sort(key=lambda run: run.stopped, reverse=True)
        return {"executions": [run.listed() for run in found[: given["maxResults"]]]}

    def _DescribeStateMachine(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"definition": "{}", "stateMachineArn": STATE_MACHINE_ARN}

    def _DescribeStateMachineForExecution(self, given: dict[str, Any]) -> Any:  # noqa: N802
        return {"definition": "{}", "updateDate": self._run(given).stopped - timedelta(days=1)}

    def _RedriveExecution(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        run = self._run(given)
        run.status, run.redrive_count = "RUNNING", run.redrive_count + 1
        return {"redriveDate": datetime.now(UTC)}

    def _SendTaskSuccess(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if given["taskToken"] not in self.waiting:
            raise client_error("TaskTimedOut")
        self.waiting.remove(given["taskToken"])
        return {}

    def _run(self, given: dict[str, Any]) -> Run:
        if given["executionArn"] not in self.runs:
            unknown = client_error("ExecutionDoesNotExist")
            exceptions = aws.step_functions().exceptions
            raise exceptions.ExecutionDoesNotExist(unknown.response, unknown.operation_name)
        return self.runs[given["executionArn"]]
