"""Where a circuit breaker stands."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class State(StrEnum):
    """Where the breaker stands."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class Mode(StrEnum):
    """Whether operators have decided for it."""

    AUTO = "AUTO"
    FORCED_OPEN = "FORCED_OPEN"
    FORCED_CLOSED = "FORCED_CLOSED"


class BreakerItem(BaseModel):
    """A breaker as the ``breakers`` table holds it; a missing item is CLOSED at epoch 0.

    ``opens`` counts the openings in a row, ``failures`` the failures in a row while CLOSED.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
    )

    provider: str
    state: State = State.CLOSED
    epoch: int = 0
    failures: int = 0
    opens: int = 0
    opened_at: int | None = None
    retry_at: int | None = None
    closed_at: int | None = None
    probe_id: str | None = None
    probe_until: int | None = None
    reason: str | None = None
    mode: Mode = Mode.AUTO
    updated_by: str | None = None

    @property
    def admits_all(self) -> bool:
        """Whether every caller may go through."""
        if self.mode is not Mode.AUTO:
            return self.mode is Mode.FORCED_CLOSED
        return self.state is State.CLOSED

    @property
    def next_probe_at(self) -> int | None:
        """When (epoch ms) the next caller may claim a probe; None while none is to be claimed."""
        if self.mode is not Mode.AUTO or self.state is State.CLOSED:
            return None
        due = self.retry_at if self.state is State.OPEN else self.probe_until
        return due or 0
