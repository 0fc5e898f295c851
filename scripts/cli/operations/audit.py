"""The audit log: what this command line writes there before each action, and reads.

An action that can't be audited is not done.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from orderflow.clock import to_epoch_ms
from orderflow.platform.audit import AuditEntry, Trail, error_name
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import COMMAND_LINE, CONSOLE, Deployment
from scripts.log_groups import events

#: Where operators' acts come from.
OPERATORS_SOURCES: Final = (COMMAND_LINE, CONSOLE)


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

    @property
    def source(self) -> str:
        """This command line, or the console."""
        return self._deployment.acts_from

    def entries(
        self, since: datetime, subject: str | None = None, until: datetime | None = None
    ) -> Iterator[AuditEntry]:
        """The entries since then, the oldest first, each once.

        Args:
            since: the time.
            subject: only those about this order or provider.
            until: none that are later.
        """
        seen = set()
        for event in events(self._logs, self._group, since, until, term=subject):
            entry = AuditEntry.model_validate_json(event["message"])
            # The term may stand elsewhere in the line, too.
            if entry.id not in seen and subject in (None, entry.subject):
                seen.add(entry.id)
                yield entry

    def write(self, entry: AuditEntry) -> None:
        """Write one entry.

        Raises:
            CommandError: if it can't be written.
        """
        at = datetime.fromisoformat(entry.at)
        signed = entry.model_copy(update={"details": entry.details | self._deployment.signature})
        try:
            answer = self._logs.put_log_events(
                logGroupName=self._group,
                logStreamName=self._stream(at),
                logEvents=[
                    {"timestamp": to_epoch_ms(at), "message": signed.model_dump_json(by_alias=True)}
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


def _write_error(reason: str) -> CommandError:
    return CommandError(
        f"The audit log can't be written ({reason}), and nothing is done unaudited.",
        ExitCode.UNAVAILABLE,
    )
