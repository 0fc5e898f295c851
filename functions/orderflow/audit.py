"""The audit trail: one structured line for each act that changes how orders are handled.

Functions write it into their own log, the ``orders`` command line into the stage's audit log
group (:mod:`scripts.cli.audit`); both in the shape of :class:`AuditEntry`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from orderflow.observability import logger
from orderflow.order import iso

#: The message by which audit lines are found in a log.
MESSAGE: Final = "audit"


def _now() -> str:
    return iso(datetime.now(UTC))


class AuditEntry(BaseModel):
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
