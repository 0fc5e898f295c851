"""The audit trail: one structured line for each act that changes how orders are handled.

Functions write it into their own log, the ``orders`` command line into the stage's audit log
group (:mod:`scripts.cli.audit`); both in the shape of :class:`AuditEntry`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from orderflow.clock import iso
from orderflow.platform.aws_errors import error_code
from orderflow.platform.observability import logger
from orderflow.records import Model

#: The message by which audit lines are found in a log.
MESSAGE: Final = "audit"


def _now() -> str:
    return iso(datetime.now(UTC))


class AuditEntry(Model):
    """Who did what to what, and why. Holds no personal data of customers."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    actor: str
    action: str
    subject: str
    reason: str
    details: dict[str, Any] = Field(default_factory=dict)
    at: str = Field(default_factory=_now)


def record(entry: AuditEntry) -> None:
    """Write the entry into the function's log."""
    logger.info(MESSAGE, extra={"audit": entry.model_dump(by_alias=True, mode="json")})


class Trail(ABC):
    """Where people's acts are written down before they are done."""

    @property
    @abstractmethod
    def actor(self) -> str:
        """Who acts."""

    @abstractmethod
    def write(self, entry: AuditEntry) -> None:
        """Write one line down, or raise."""

    def write_failure(self, entry: AuditEntry) -> None:
        """Write down, too, that the act failed."""
        self.write(entry)

    @contextmanager
    def act(self, action: str, subject: str, reason: str, **details: Any) -> Iterator[None]:
        """Write the act down, then let the block do it; write down, too, if that fails.

        Args:
            action: such as ``breaker FORCED_OPEN``.
            subject: what it is done to: an order's id, a provider.
            reason: why.
            details: anything more, without personal data, tokens or keys.

        What :meth:`write` raises passes through, and the block does not run.
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
        actor: who acts.
    """

    def __init__(self, actor: str) -> None:
        self._actor = actor

    @property
    def actor(self) -> str:
        """Who acts."""
        return self._actor

    def write(self, entry: AuditEntry) -> None:
        """Log one line."""
        record(entry)


def error_name(error: Exception) -> str:
    """What to call an error in a line without personal data."""
    return error_code(error) if isinstance(error, ClientError) else type(error).__name__
