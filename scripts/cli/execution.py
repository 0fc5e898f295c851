"""An execution's history, told as the states that it went through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: The first state that has nothing to do with getting the link to the customer.
WAITING = "AwaitPayment"
PARKED = "ParkOrder"


@dataclass
class StateVisit:
    """One stay in a state. ``exited`` is None while it lasts; ``error`` is the last attempt's."""

    name: str
    entered: datetime
    exited: datetime | None = None
    attempts: int = 0
    error: str | None = None

    @property
    def retries(self) -> int:
        """Attempts after the first."""
        return max(self.attempts - 1, 0)

    def seconds(self, now: datetime) -> float:
        """How long it took, or has taken so far."""
        return ((self.exited or now) - self.entered).total_seconds()


@dataclass(frozen=True)
class Progress:
    """An execution so far: its status and the states it visited."""

    status: str
    visits: list[StateVisit]

    @property
    def is_over(self) -> bool:
        """Whether the execution has ended."""
        return self.status != "RUNNING"

    @property
    def current(self) -> str | None:
        """The state that it is in, or was in last."""
        return self.visits[-1].name if self.visits else None

    @property
    def transitions_to_link(self) -> int:
        """States entered up to and including the wait for the payment."""
        names = [visit.name for visit in self.visits]
        return names.index(WAITING) + 1 if WAITING in names else len(names)


def read_progress(sfn: Any, execution_arn: str) -> Progress | None:
    """What the execution has done so far; None where Step Functions no longer knows it."""
    try:
        status = sfn.describe_execution(executionArn=execution_arn)["status"]
        pages = sfn.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        return Progress(status, visits(event for page in pages for event in page["events"]))
    except sfn.exceptions.ExecutionDoesNotExist:
        return None


def visits(events: Iterable[dict[str, Any]]) -> list[StateVisit]:
    """The states of a history, in the order in which they were entered."""
    found: list[StateVisit] = []
    for event in events:
        kind = event["type"]
        if kind.endswith("StateEntered"):
            name = event["stateEnteredEventDetails"]["name"]
            found.append(StateVisit(name, event["timestamp"]))
        elif found:
            _add(found[-1], kind, event)
    return found


def _add(visit: StateVisit, kind: str, event: dict[str, Any]) -> None:
    if kind.endswith("StateExited"):
        visit.exited = event["timestamp"]
    elif kind == "TaskScheduled":
        visit.attempts += 1
    elif kind in {"TaskFailed", "TaskTimedOut"}:
        details = event.get("taskFailedEventDetails") or event.get("taskTimedOutEventDetails") or {}
        visit.error = details.get("error")
    elif kind == "TaskSucceeded":
        visit.error = None
