"""The audit trail: a structured line for each act on an order, or on how orders are handled.

Functions write their lines into their own logs, from where they are collected in the stage's audit
log group (:mod:`collect_audit.collection`); the ``orders`` command line writes its
own there (:mod:`scripts.cli.operations.audit`). All have the shape of :class:`AuditEntry`.
"""

from __future__ import annotations

import os
import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final, Literal

from botocore.exceptions import ClientError
from pydantic import Field

from orderflow.clock import iso, utc_now
from orderflow.platform.aws_errors import error_code
from orderflow.platform.observability import logger
from orderflow.records import Record

#: The message of all audit lines in a log.
MESSAGE: Final = "audit"

#: The version of the schema. Readers know all versions up to this one.
VERSION: Final = 1

#: The subject of an act that concerns no order, and nothing else that has a name.
NO_SUBJECT: Final = "-"

_TRACE: Final = re.compile(r"Root=([0-9a-f-]+)")


class Outcome(StrEnum):
    """What came of an act.

    Attributes:
        STARTED: the line is written before the act; another line follows if it fails.
        SUCCEEDED: it was done.
        REFUSED: a rule of ours refused it; nothing changed.
        FAILED: an error prevented it, or its outcome is unknown.
    """

    STARTED = "started"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    FAILED = "failed"


def _function() -> str:
    return f"function {os.environ.get('POWERTOOLS_SERVICE_NAME', 'unknown')}"


def _correlation() -> str | None:
    """The trace of the request (AWS X-Ray), or else the id of the function's invocation."""
    trace = _TRACE.search(os.environ.get("_X_AMZN_TRACE_ID", ""))
    if trace:
        return trace[1]
    return logger.get_current_keys().get("function_request_id")


class AuditEntry(Record, frozen=True):
    """Who did what to what, from where, and what came of it. Holds no personal data of customers.

    Attributes:
        version: of this schema.
        id: of the entry. A line that is delivered twice has the same.
        at: the time, ISO 8601 in UTC.
        actor: a customer's or operator's Cognito ``sub``, an operator's ARN, the step that acts in
            an order's history, or a provider.
        action: the act, such as ``Mutation.cancelOrder`` or ``order.record_link``.
        subject: the order's id, a provider's name, or :data:`NO_SUBJECT`.
        source: where the act came from: an IP address, a function, the command line.
        outcome: what came of it.
        reason: why, or the name of the error.
        correlation_id: the same in all lines of one request.
        details: more data, without personal data, tokens or keys.
    """

    version: Literal[1] = VERSION
    id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    at: str = Field(default_factory=lambda: iso(utc_now()))
    actor: str
    action: str
    subject: str
    source: str = Field(default_factory=_function)
    outcome: Outcome = Outcome.SUCCEEDED
    reason: str
    correlation_id: str | None = Field(default_factory=_correlation)
    details: dict[str, Any] = Field(default_factory=dict)


def record(entry: AuditEntry) -> None:
    """Write the entry into the function's log."""
    logger.info(MESSAGE, extra={"audit": entry.model_dump(by_alias=True, mode="json")})


class Trail(ABC):
    """Records what people do, before it is done."""

    @property
    @abstractmethod
    def actor(self) -> str:
        """The acting person or function."""

    @property
    def source(self) -> str:
        """Where the acts come from."""
        return _function()

    @abstractmethod
    def write(self, entry: AuditEntry) -> None:
        """Write one line, or raise."""

    def write_failure(self, entry: AuditEntry) -> None:
        """Write a line about a failed action."""
        self.write(entry)

    @contextmanager
    def act(self, action: str, subject: str, reason: str, **details: Any) -> Iterator[None]:
        """Write a line, then run the block that acts; write another line if the block fails.

        Args:
            action: such as ``breaker FORCED_OPEN``.
            subject: an order's id or a provider's name.
            reason: the reason for the action.
            details: more data, without personal data, tokens or keys.

        An error of :meth:`write` is raised, and the block does not run.
        """

        def entry(action: str, reason: str, outcome: Outcome) -> AuditEntry:
            return AuditEntry(
                actor=self.actor,
                action=action,
                subject=subject,
                source=self.source,
                outcome=outcome,
                reason=reason,
                details=details,
            )

        self.write(entry(action, reason, Outcome.STARTED))
        try:
            yield
        except Exception as error:
            self.write_failure(entry(f"{action} failed", error_name(error), Outcome.FAILED))
            raise


class LoggedTrail(Trail):
    """A trail in the function's own log.

    Args:
        actor: the acting person or function.
    """

    def __init__(self, actor: str) -> None:
        self._actor = actor

    @property
    def actor(self) -> str:
        """The acting person or function."""
        return self._actor

    def write(self, entry: AuditEntry) -> None:
        """Log one line."""
        record(entry)


def error_name(error: Exception) -> str:
    """A name for an error that holds no personal data."""
    return error_code(error) if isinstance(error, ClientError) else type(error).__name__
