"""An execution's history as the states that it visited."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

#: The first state after the link has been sent to the customer.
WAITING: Final = "AwaitPayment"
PARKED: Final = "ParkOrder"
REVIEWED: Final = "AwaitReview"


class VisitOutcome(StrEnum):
    """The outcome of a visit of a state."""

    RUNNING = "running"
    #: Its last attempt failed. Next it is retried, or caught, or the execution fails.
    ERROR = "error"
    SUCCEEDED = "succeeded"
    #: It failed, and a Catch continued the execution.
    CAUGHT = "caught"
    #: The execution ended here.
    FAILED = "failed"


@dataclass
class StateVisit:
    """One visit of a state. ``error`` names the latest failure, even if a retry succeeded.

    ``message`` and ``trace`` are the failure's: its words, and the lines of its traceback.
    """

    name: str
    entered: datetime
    ended: datetime | None = None
    attempts: int = 0
    error: str | None = None
    message: str | None = None
    trace: tuple[str, ...] = ()
    outcome: VisitOutcome = VisitOutcome.RUNNING

    @property
    def retries(self) -> int:
        """Attempts after the first."""
        return max(self.attempts - 1, 0)

    def seconds(self, now: datetime) -> float:
        """The duration of the visit so far."""
        return ((self.ended or now) - self.entered).total_seconds()


@dataclass(frozen=True)
class Progress:
    """An execution so far: its status, the states it visited, and its trace (AWS X-Ray)."""

    status: str
    visits: list[StateVisit]
    trace_id: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether the execution has ended."""
        return self.status != "RUNNING"

    @property
    def is_broken(self) -> bool:
        """Whether it ended without success."""
        return self.is_over and self.status != "SUCCEEDED"

    @property
    def current(self) -> StateVisit | None:
        """The current or last visit."""
        return self.visits[-1] if self.visits else None

    @property
    def failed(self) -> StateVisit | None:
        """The visit that ended the execution without success."""
        return self.current if self.is_broken else None

    @property
    def has_link(self) -> bool:
        """Whether the customer has received the payment link."""
        return any(visit.name == WAITING for visit in self.visits)

    @property
    def transitions_to_link(self) -> int:
        """State transitions that AWS bills, with retries, up to the wait for the payment.

        All transitions so far if the execution has not reached that wait.
        """
        names = [visit.name for visit in self.visits]
        end = names.index(WAITING) + 1 if self.has_link else len(names)
        return sum(1 + visit.retries for visit in self.visits[:end])


def read_progress(sfn: Any, execution_arn: str) -> Progress | None:
    """The progress of an execution; None if Step Functions has no such execution (any more)."""
    try:
        described = sfn.describe_execution(executionArn=execution_arn)
        pages = sfn.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        found = visits(event for page in pages for event in page["events"])
        return Progress(described["status"], found, trace_of(described))
    except sfn.exceptions.ExecutionDoesNotExist:
        return None


def trace_of(described: Mapping[str, Any]) -> str | None:
    """The trace in which an execution was started, as ``DescribeExecution`` answers it."""
    found = re.search(r"Root=([^;]+)", described.get("traceHeader") or "")
    return found[1] if found else None


def visits(events: Iterable[dict[str, Any]]) -> list[StateVisit]:
    """The visits of states in a history, in the order of their start.

    Args:
        events: ``GetExecutionHistory``'s, oldest first, of a workflow without parallel branches.
    """
    found: list[StateVisit] = []
    for event in events:
        if event["type"].endswith("StateEntered"):
            name = event["stateEnteredEventDetails"]["name"]
            found.append(StateVisit(name, event["timestamp"]))
        elif found:
            _add(found[-1], event)
    return found


def _add(visit: StateVisit, event: dict[str, Any]) -> None:
    """Update a visit with an event; handles the events of every kind of Task."""
    kind = event["type"]
    if kind.endswith("Scheduled"):
        visit.attempts += 1
        visit.outcome = VisitOutcome.RUNNING
    elif kind.endswith("StateExited"):
        visit.ended = event["timestamp"]
        caught = visit.outcome is VisitOutcome.ERROR
        visit.outcome = VisitOutcome.CAUGHT if caught else VisitOutcome.SUCCEEDED
    elif kind in {"ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"}:
        visit.ended = event["timestamp"]
        visit.error = _error(event) or visit.error or kind
        _explain(visit, event)
        visit.outcome = VisitOutcome.FAILED
    elif kind == "ExecutionRedriven":
        visit.ended = None
        visit.outcome = VisitOutcome.RUNNING
    elif kind.endswith(("Failed", "TimedOut")):
        visit.error = _error(event) or kind
        _explain(visit, event)
        visit.outcome = VisitOutcome.ERROR


def _error(event: dict[str, Any]) -> str | None:
    name: str | None = _details(event).get("error")
    return name


def _details(event: dict[str, Any]) -> dict[str, Any]:
    """The event's details, whose key follows from the event's type."""
    kind = event["type"]
    return event.get(f"{kind[0].lower()}{kind[1:]}EventDetails") or {}


def _explain(visit: StateVisit, event: dict[str, Any]) -> None:
    """Take over the cause: of a function, JSON with its message and its traceback."""
    cause = _details(event).get("cause")
    if not cause:
        return
    try:
        content = json.loads(cause)
    except ValueError:
        content = None
    if not isinstance(content, dict) or "errorMessage" not in content:
        visit.message, visit.trace = cause, ()
        return
    lines = content.get("stackTrace") or content.get("trace") or ()
    visit.message = str(content["errorMessage"])
    visit.trace = tuple(str(line).rstrip() for line in lines)
