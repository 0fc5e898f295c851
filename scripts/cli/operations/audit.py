"""The audit log of this command line: one entry before each action, with the actor.

An action that can't be audited is not done.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from rich.table import Table
from rich.text import Text

from orderflow.platform.audit import AuditEntry, Trail, error_name
from scripts.cli.console import CommandError, ExitCode, err, out, plain, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.options import Json, Since, Stage
from scripts.cli.orders.views import listing

_DAY: Final = timedelta(days=1)


class AuditTrail(Trail):
    """A stage's audit log; the actor is the user who runs this command.

    Args:
        deployment: the stage.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._group = deployment.output("AuditLogGroup")
        self._logs: Any = deployment.client("logs")
        self._streams: set[str] = set()

    @cached_property
    def actor(self) -> str:
        """The caller's ARN; on the local stage, whose callers are all root, this machine's user."""
        if self._deployment.urls:
            return _local_user()
        identity = self._deployment.client("sts").get_caller_identity()
        return str(identity["Arn"])

    def entries(self, since: datetime) -> Iterator[AuditEntry]:
        """The entries since then, the oldest first."""
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=self._group, startTime=_epoch_ms(since)
        )
        for page in pages:
            for event in page["events"]:
                yield AuditEntry.model_validate_json(event["message"])

    def write(self, entry: AuditEntry) -> None:
        """Write one entry.

        Raises:
            CommandError: if it can't be written.
        """
        at = datetime.fromisoformat(entry.at)
        try:
            answer = self._logs.put_log_events(
                logGroupName=self._group,
                logStreamName=self._stream(at),
                logEvents=[
                    {"timestamp": _epoch_ms(at), "message": entry.model_dump_json(by_alias=True)}
                ],
            )
        except (ClientError, BotoCoreError) as error:
            raise _write_error(error_name(error)) from error
        if answer.get("rejectedLogEventsInfo"):  # such as for a clock that is hours wrong
            raise _write_error("the line was rejected; is this machine's clock right?")

    def write_failure(self, entry: AuditEntry) -> None:
        """Write one entry if possible: the error of the action itself is more important."""
        with suppress(CommandError):
            self.write(entry)

    def _stream(self, at: datetime) -> str:
        """The stream of this day and actor; created when it is first needed."""
        name = f"{at:%Y/%m/%d}/{short_name(self.actor)}"
        if name not in self._streams:
            with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
                self._logs.create_log_stream(logGroupName=self._group, logStreamName=name)
            self._streams.add(name)
        return name


def short_name(actor: str) -> str:
    """The part after the last colon of an ARN, such as ``assumed-role/operators/kemi``."""
    return actor.rpartition(":")[2]


def _local_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _write_error(reason: str) -> CommandError:
    return CommandError(
        f"The audit log can't be written ({reason}), and nothing is done unaudited.",
        ExitCode.UNAVAILABLE,
    )


def show_audit(since: Since = None, json: Json = False, stage: Stage = LOCAL) -> None:
    """Show what operators did with this command line (in the last day), the oldest first."""
    entries = AuditTrail(connect(stage)).entries(datetime.now(UTC) - (since or _DAY))
    if json:
        print_json([entry.model_dump(by_alias=True, mode="json") for entry in entries])
        return
    table = audit_table(entries)
    if table.row_count:
        out.print(table)
    else:
        err.print("There are no actions in that time.")


def audit_table(entries: Iterator[AuditEntry]) -> Table:
    """Actions with their time; below each, its reason and its actor."""
    table = listing()
    table.add_column("At (UTC)", no_wrap=True)
    table.add_column("Act", overflow="fold")
    table.add_column("On", overflow="fold")
    for entry in entries:
        details = [
            plain(entry.subject),
            plain(entry.reason, "dim"),
            plain(f"by {short_name(entry.actor)}", "dim"),
        ]
        table.add_row(
            entry.at[:19].replace("T", " "), plain(entry.action), Text("\n").join(details)
        )
    return table
