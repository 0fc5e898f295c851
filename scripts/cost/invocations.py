"""Invocations of functions, from the lines of their logs.

Lambda ends an invocation with a report: as text, ``REPORT RequestId: ...``, or as JSON,
``{"type": "platform.report"}``:
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

#: CloudWatch Logs counts so many bytes for each event beside its text:
#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html.
EVENT_BYTES: Final = 26

_REQUEST: Final = re.compile(r"^REPORT RequestId: (\S+)")
_FIELDS: Final = {
    "billed_ms": re.compile(r"\tBilled Duration: ([\d.]+) ms"),
    "memory_mb": re.compile(r"\tMemory Size: (\d+) MB"),
    "restore_ms": re.compile(r"\tBilled Restore Duration: ([\d.]+) ms"),
}
_COLD: Final = '"cold_start":true'


@dataclass(frozen=True)
class LogLine:
    """One event of a log, as CloudWatch Logs holds it."""

    group: str
    stream: str
    message: str


@dataclass
class Invocation:
    """One invocation.

    Attributes:
        function: the last part of its log group's name.
        billed_ms: its duration, rounded up, with a restored snapshot's hooks.
        is_restored: whether its execution environment was restored for it.
        log_bytes: what its lines count in CloudWatch Logs.
        text: its lines.
    """

    function: str
    request_id: str
    billed_ms: float
    memory_mb: int
    is_restored: bool = False
    log_bytes: int = 0
    text: str = field(default="", repr=False)

    @property
    def gb_seconds(self) -> float:
        """Memory times time, as Lambda bills it."""
        return self.memory_mb / 1024 * self.billed_ms / 1000


def invocations(lines: Iterable[LogLine]) -> list[Invocation]:
    """The invocations that have ended; each stream's lines must be in order."""
    streams: dict[tuple[str, str], list[str]] = {}
    found: list[Invocation] = []
    for line in lines:
        waiting = streams.setdefault((line.group, line.stream), [])
        waiting.append(line.message)
        report = _report(line.message)
        if report:
            found.append(_invocation(line.group, report, waiting))
            waiting.clear()
    return found


def custom_metrics(runs: Iterable[Invocation]) -> int:
    """How many metrics they wrote in the embedded metric format, by name and dimensions."""
    found: set[tuple[str, ...]] = set()
    for line in (line for run in runs for line in run.text.splitlines()):
        if '"CloudWatchMetrics"' in line:
            content = json.loads(line)
            for directive in content["_aws"]["CloudWatchMetrics"]:
                for names in directive["Dimensions"]:
                    values = [str(content[name]) for name in names]
                    found |= {(each["Name"], *values) for each in directive["Metrics"]}
    return len(found)


def _invocation(group: str, report: dict[str, Any], messages: list[str]) -> Invocation:
    text = "\n".join(messages)
    restore = report.get("restore_ms")
    return Invocation(
        function=group.rpartition("/")[2].replace("_", "-"),
        request_id=report["request_id"],
        billed_ms=float(report["billed_ms"]) + float(restore or 0),
        memory_mb=int(report["memory_mb"]),
        is_restored=restore is not None or _COLD in text,
        log_bytes=sum(len(each.encode()) + EVENT_BYTES for each in messages),
        text=text,
    )


def _report(message: str) -> dict[str, Any] | None:
    found = _REQUEST.match(message)
    if found:
        matches = {name: pattern.search(message) for name, pattern in _FIELDS.items()}
        return {"request_id": found.group(1)} | {
            name: match.group(1) for name, match in matches.items() if match
        }
    if '"platform.report"' not in message:
        return None
    return dict(_json_report(message))


def _json_report(message: str) -> Iterator[tuple[str, Any]]:
    record = json.loads(message)["record"]
    metrics = record["metrics"]
    yield "request_id", record["requestId"]
    yield "billed_ms", metrics["billedDurationMs"]
    yield "memory_mb", metrics["memorySizeMB"]
    if "billedRestoreDurationMs" in metrics:
        yield "restore_ms", metrics["billedRestoreDurationMs"]
