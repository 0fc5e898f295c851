"""What all functions logged about one order, in the order of time."""

from __future__ import annotations

import heapq
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Final

from orderflow.clock import from_epoch_ms
from scripts.cli.deployment import Deployment
from scripts.log_groups import events, group_names

_POLL_SECONDS: Final = 1.0
_STATES: Final = "/aws/vendedlogs/states/"
#: Log events arrive out of order, and are found some seconds after they were written.
_LATE: Final = timedelta(seconds=15)

#: Fields that every line has, or that the view shows in places of their own.
_ENVELOPE: Final = frozenset(
    {
        "level", "location", "message", "timestamp", "service", "cold_start", "function_name",
        "function_memory_size", "function_arn", "function_request_id", "sampling_rate",
        "xray_trace_id", "order_id", "exception", "exception_name", "stack_trace",
    }
)  # fmt: skip


@dataclass(frozen=True)
class LogLine:
    """One line of a function's log.

    Attributes:
        at: when it was written.
        function: the function's name, without the stage's prefix.
        level: such as INFO; empty for lines that are not the functions' own.
        message: the text.
        request_id: of the function's invocation.
        trace_id: of the trace (AWS X-Ray) that the invocation belongs to.
        details: the line's other fields.
        exception: the traceback, if the line reports an error.
    """

    at: datetime
    function: str
    level: str
    message: str
    request_id: str | None = None
    trace_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    exception: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {
            "at": self.at.isoformat(),
            "function": self.function,
            "level": self.level,
            "message": self.message,
            "requestId": self.request_id,
            "traceId": self.trace_id,
            "details": self.details,
            "exception": self.exception,
        }


class OrderLogs:
    """The logs of a stage's functions and of its state machine.

    Args:
        deployment: the stage.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._logs: Any = deployment.client("logs")
        state_machine = deployment.output("StateMachineArn").rpartition(":")[2]
        #: The prefixes of the functions' groups, and the state machine's group.
        self._prefixes = (deployment.output("LogGroupPrefix"), f"{_STATES}{state_machine}")
        #: What functions write into their logs is collected there once more.
        self._audit = deployment.output("AuditLogGroup")

    def lines(
        self, order_id: str, since: datetime, until: datetime | None = None
    ) -> Iterator[LogLine]:
        """The lines that mention the order, the oldest first.

        Args:
            order_id: the whole id.
            since: none that are older.
            until: none that are later.
        """
        groups = [self._group_lines(group, order_id, since, until) for group in self._groups()]
        return heapq.merge(*groups, key=attrgetter("at"))

    def follow(self, order_id: str, since: datetime) -> Iterator[LogLine]:
        """The same without end, as lines are written."""
        seen: dict[tuple[datetime, str, str], None] = {}
        while True:
            for line in self.lines(order_id, since):
                key = line.at, line.function, line.message
                if key not in seen:
                    seen[key] = None
                    yield line
            since = max(since, datetime.now(UTC) - _LATE)
            seen = {key: None for key in seen if key[0] >= since}
            time.sleep(_POLL_SECONDS)

    def _groups(self) -> Iterator[str]:
        for prefix in self._prefixes:
            names = group_names(self._logs, prefix)
            yield from (name for name in names if name != self._audit)

    def _group_lines(
        self, group: str, order_id: str, since: datetime, until: datetime | None
    ) -> Iterator[LogLine]:
        name = group.removeprefix(self._prefixes[0]).removeprefix(_STATES)
        # A term: also in lines that are not JSON.
        for event in events(self._logs, group, since, until, term=order_id):
            yield parse_line(from_epoch_ms(event["timestamp"]), name, event["message"])


def parse_line(at: datetime, function: str, message: str) -> LogLine:
    """A line of Lambda Powertools' logger; any other text is a message as it stands."""
    try:
        content = json.loads(message)
    except ValueError:
        return LogLine(at, function, "", message.rstrip())
    if not isinstance(content, dict) or "message" not in content:
        return LogLine(at, function, "", message.rstrip())
    text = content["message"]
    return LogLine(
        at=at,
        function=function,
        level=str(content.get("level", "")),
        message=text if isinstance(text, str) else json.dumps(text, ensure_ascii=False),
        request_id=content.get("function_request_id"),
        trace_id=content.get("xray_trace_id"),
        details={name: value for name, value in content.items() if name not in _ENVELOPE},
        exception=content.get("exception"),
    )
