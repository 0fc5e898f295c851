"""CloudWatch Logs, read page by page: the names of log groups, and their events."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from orderflow.clock import to_epoch_ms


def group_names(logs: Any, prefix: str | None = None) -> Iterator[str]:
    """The names of the log groups, or of those that begin so; ``logs`` is a client."""
    wanted = {"logGroupNamePrefix": prefix} if prefix else {}
    for page in logs.get_paginator("describe_log_groups").paginate(**wanted):
        yield from (str(group["logGroupName"]) for group in page["logGroups"])


def events(
    logs: Any, group: str, since: datetime, until: datetime | None = None, term: str | None = None
) -> Iterator[dict[str, Any]]:
    """A group's events, as CloudWatch gives them.

    Args:
        logs: a client.
        group: the group's name.
        since: none that are older.
        until: none that are later.
        term: only those that hold this text. A pattern for JSON is ignored by the emulator.
    """
    wanted: dict[str, Any] = {"filterPattern": f'"{term}"'} if term else {}
    if until is not None:
        wanted["endTime"] = to_epoch_ms(until)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=to_epoch_ms(since), **wanted
    )
    for page in pages:
        yield from page["events"]
