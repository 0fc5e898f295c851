"""An execution for the console: the drawn state machine, and each visit of a state in detail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from orderflow.clock import iso
from orderflow.workflow.executions import console_link, execution_arn, run_name
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.orders.execution import StateVisit, VisitOutcome, trace_of, visits
from scripts.console.executions.graph import drawn
from scripts.console.stage import ConsoleStage, Parallel, Reads
from scripts.inspection.order_logs import LogLine, OrderLogs
from scripts.inspection.traces import trace_link

#: An order's execution has some 60 events; one that waits for long, some hundreds.
_MAX_EVENTS: Final = 2000
_MAX_LINES: Final = 200

#: The parts of the view, as the page calls them.
_HISTORY: Final = "history of the execution"
_MACHINE: Final = "state machine"
_HIDDEN: Final = "(hidden: it answers for the execution)"

Event = dict[str, Any]


class Executions:
    """Reads executions; a definition is laid out once.

    Args:
        stage: the stage.
        parallel: runs the reads of one.
    """

    def __init__(self, stage: ConsoleStage, parallel: Parallel) -> None:
        self._stage = stage
        self._parallel = parallel
        self._drawings: dict[str, dict[str, Any]] = {}

    def view(self, order_id: str, run: int, reads: Reads) -> dict[str, Any]:
        """One run of an order's execution.

        Args:
            order_id: the whole id.
            run: the first is 1, each restart is one more.
            reads: says what was left unread, and what could not be read.

        Raises:
            CommandError: Step Functions has no such execution.
        """
        sfn = self._stage.client("stepfunctions")
        arn = execution_arn(self._stage.output("StateMachineArn"), run_name(order_id, run))
        try:
            described = sfn.describe_execution(executionArn=arn)
        except sfn.exceptions.ExecutionDoesNotExist as error:
            raise CommandError(
                f"Step Functions has no execution {run} of order {order_id}. It keeps ended "
                "executions for 90 days.",
                ExitCode.NOT_FOUND,
            ) from error
        found = self._parallel.run(
            reads,
            {
                _HISTORY: lambda: self._events(sfn, arn, reads),
                _MACHINE: lambda: self._drawing(sfn, arn),
            },
        )
        ended = described.get("stopDate")
        return {
            "orderId": order_id,
            "run": run,
            "arn": arn,
            "status": described["status"],
            "startedAt": iso(described["startDate"]),
            "endedAt": iso(ended) if ended else None,
            "error": described.get("error"),
            "cause": _text(described.get("cause")),
            "redrives": described.get("redriveCount", 0),
            "link": None if self._stage.urls else console_link(arn),
            "traceId": (trace_id := trace_of(described)),
            "traceLink": trace_link(self._stage, trace_id) if trace_id else None,
            "recordsVariables": self._stage.urls is None,
            "graph": found.get(_MACHINE),
            "visits": visit_details(found.get(_HISTORY, ()), datetime.now(UTC)),
        }

    def logs(self, order_id: str, since: datetime, until: datetime | None) -> list[dict[str, Any]]:
        """What functions logged about the order in a span of time, at most 200 lines."""
        lines = OrderLogs(self._stage).lines(order_id, since, until)
        return [_line(line) for line in islice(lines, _MAX_LINES)]

    def _events(self, sfn: Any, arn: str, reads: Reads) -> list[Event]:
        pages = sfn.get_paginator("get_execution_history").paginate(executionArn=arn)
        events = (event for page in pages for event in page["events"])
        found = list(islice(events, _MAX_EVENTS))
        if len(found) == _MAX_EVENTS:
            reads.limits.append(f"the first {_MAX_EVENTS:,} events are shown")
        return found

    def _drawing(self, sfn: Any, arn: str) -> dict[str, Any]:
        definition = sfn.describe_state_machine_for_execution(executionArn=arn)["definition"]
        if definition not in self._drawings:
            self._drawings[definition] = drawn(json.loads(definition))
        return self._drawings[definition]


def _line(line: LogLine) -> dict[str, Any]:
    return {**line.as_json(), "at": iso(line.at)}


def visit_details(events: Iterable[Event], now: datetime) -> list[dict[str, Any]]:
    """The visits of states, each with its data, variables and attempts.

    Args:
        events: ``GetExecutionHistory``'s, oldest first.
        now: the time, for what has not ended.
    """
    variables: dict[str, Any] = {}
    found = []
    for group in _by_visit(events):
        (visit,) = visits(group)
        shown = _visit(visit, group, dict(variables), now)
        variables |= shown["assigned"]
        found.append(shown)
    return found


def _by_visit(events: Iterable[Event]) -> Iterator[list[Event]]:
    group: list[Event] = []
    for event in events:
        if event["type"].endswith("StateEntered"):
            if group:
                yield group
            group = [event]
        elif group:
            group.append(event)
    if group:
        yield group


def _visit(
    visit: StateVisit, group: list[Event], variables: dict[str, Any], now: datetime
) -> dict[str, Any]:
    left = [each["stateExitedEventDetails"] for each in group if "stateExitedEventDetails" in each]
    exited = left[-1] if left else {}
    assigned = exited.get("assignedVariables") or {}
    attempts = _attempts(group)
    failed = [each for each in attempts if each["error"]]
    return {
        "name": visit.name,
        "outcome": visit.outcome,
        "enteredAt": iso(visit.entered),
        "endedAt": iso(visit.ended) if visit.ended else None,
        "seconds": round(visit.seconds(now), 3),
        "retries": visit.retries,
        "error": visit.error,
        "cause": failed[-1]["cause"] if failed and visit.error else None,
        "traceback": failed[-1]["traceback"] if failed and visit.error else None,
        "input": readable(group[0]["stateEnteredEventDetails"].get("input")),
        "output": readable(exited.get("output")) if left else None,
        "variables": variables,
        "assigned": {name: readable(value) for name, value in assigned.items()},
        "attempts": attempts if len(attempts) > 1 or failed else [],
        "isOver": visit.outcome is not VisitOutcome.RUNNING,
    }


def _attempts(group: list[Event]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for event in group:
        kind = event["type"]
        if kind.endswith("Scheduled"):
            found.append({"at": iso(event["timestamp"]), "error": None, "cause": None,
                          "traceback": None, "seconds": None})  # fmt: skip
        elif found and kind.endswith(("Failed", "TimedOut", "Succeeded")):
            details = _details(event)
            started = datetime.fromisoformat(found[-1]["at"])
            if found[-1]["seconds"] is None:
                found[-1]["seconds"] = round((event["timestamp"] - started).total_seconds(), 3)
            if not kind.endswith("Succeeded"):
                found[-1]["error"] = details.get("error") or found[-1]["error"] or kind
                found[-1]["cause"] = _text(details.get("cause")) or found[-1]["cause"]
                found[-1]["traceback"] = traceback_in(details.get("cause"))
    return found


def _details(event: Event) -> dict[str, Any]:
    """The event's details, whose key follows from the event's type."""
    kind = event["type"]
    return event.get(f"{kind[0].lower()}{kind[1:]}EventDetails") or {}


def traceback_in(cause: str | None) -> str | None:
    """The traceback that Lambda adds to a function's error, if the cause has one."""
    content = _parsed(cause)
    frames = content.get("stackTrace") if isinstance(content, dict) else None
    return "".join(map(str, frames)).rstrip() or None if frames else None


def _text(cause: str | None) -> str | None:
    """The error's message; the cause of a function's error is JSON that has it."""
    content = _parsed(cause)
    if isinstance(content, dict) and "errorMessage" in content:
        return str(content["errorMessage"])
    return cause


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except ValueError:
        return text


def readable(text: str | None) -> Any:
    """Data of a state, without the tokens that answer for executions."""
    return _without_tokens(_parsed(text))


def _without_tokens(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _HIDDEN if name.lower().endswith("tasktoken") else _without_tokens(each)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_without_tokens(each) for each in value]
    return value
