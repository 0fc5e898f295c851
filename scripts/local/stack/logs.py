"""A local stack's logs: files of its processes, and events in CloudWatch."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from orderflow.clock import from_epoch_ms
from scripts import log_groups
from scripts.local.stack import aws
from scripts.local.stack.processes import tail
from scripts.local.stack.state import Home, LocalState

_POLL_SECONDS: Final = 1.0


@dataclass(frozen=True)
class LogEvent:
    """One log event of a function or a state machine."""

    at: datetime
    group: str
    message: str


def files(name: str | None = None) -> list[Path]:
    """The log files of a stack's processes."""
    return sorted(Home(name).logs.glob("*.log"))


def process_tail(name: str | None = None, lines: int = 20) -> dict[str, str]:
    """The last lines of each log file, by the file's name."""
    return {file.name: tail(file, lines) for file in files(name)}


def events(state: LocalState, since: datetime) -> list[LogEvent]:
    """The CloudWatch events of all groups since then, in order."""
    client = aws.client("logs", state.urls.aws)
    found = [
        event
        for group in log_groups.group_names(client)
        for event in _group_events(client, group, since)
    ]
    return sorted(found, key=lambda event: event.at)


def follow(state: LocalState, since: datetime) -> Iterator[LogEvent]:
    """The CloudWatch events of all groups since then, without end."""
    seen: list[LogEvent] = []
    while True:
        found = events(state, since)
        yield from (event for event in found if event not in seen)
        since = max((event.at for event in found), default=since)
        # More events of the same millisecond may follow.
        seen = [event for event in found if event.at == since]
        time.sleep(_POLL_SECONDS)


def _group_events(client: Any, group: str, since: datetime) -> Iterator[LogEvent]:
    for event in log_groups.events(client, group, since):
        yield LogEvent(from_epoch_ms(event["timestamp"]), group, event["message"].rstrip())
