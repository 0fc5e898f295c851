"""The audit trail: one structured line for each action that changes how orders are handled.

Functions write it into their own log, the ``orders`` command line into the stage's audit log
group (:mod:`scripts.cli.operations.audit`); both in the shape of :class:`AuditEntry`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError
from pydantic import Field

from orderflow.clock import iso, utc_now
from orderflow.platform.aws_errors import error_code
from orderflow.platform.observability import logger
from orderflow.records import Record

#: The message of all audit lines in a log.
MESSAGE: Final = "audit"


class AuditEntry(Record, frozen=True):
    """Who did what to what, and why. Holds no personal data of customers."""

    actor: str
    action: str
    subject: str
    reason: str
    details: dict[str, Any] = Field(default_factory=dict)
    at: str = Field(default_factory=lambda: iso(utc_now()))


def record(entry: AuditEntry) -> None:
    """Write the entry into the function's log."""
    logger.info(MESSAGE, extra={"audit": entry.model_dump(by_alias=True, mode="json")})


class Trail(ABC):
    """Records what people do, before it is done."""

    @property
    @abstractmethod
    def actor(self) -> str:
        """The acting person or function."""

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

        def entry(action: str, reason: str) -> AuditEntry:
            return AuditEntry(
                actor=self.actor, action=action, subject=subject, reason=reason, details=details
            )

        self.write(entry(action, reason))
        try:
            yield
        except Exception as error:
            self.write_failure(entry(f"{action} failed", error_name(error)))
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
