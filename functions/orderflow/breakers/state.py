"""The state of a circuit breaker."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from orderflow.records import Record

#: A provider whose breaker opens this often in a row is out: the first probe has failed.
OUT_AFTER_OPENS: Final = 2

#: A breaker that opens again this soon (ms) after it closed has met the same outage again.
SAME_OUTAGE_MS: Final = 15 * 60 * 1000


class State(StrEnum):
    """The states of the pattern."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class Mode(StrEnum):
    """Whether the breaker decides by itself or operators have forced it."""

    AUTO = "AUTO"
    FORCED_OPEN = "FORCED_OPEN"
    FORCED_CLOSED = "FORCED_CLOSED"


class BreakerItem(Record, frozen=True):
    """A breaker as the ``breakers`` table holds it; a missing item is CLOSED at epoch 0.

    ``opens`` counts the openings in a row, ``failures`` the failures in a row while CLOSED.
    ``reason`` is that of the state, ``mode_reason`` that of operators who have forced the breaker.
    """

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
    mode_reason: str | None = None
    updated_by: str | None = None

    @property
    def admits_all(self) -> bool:
        """Whether every call is admitted."""
        if self.mode is not Mode.AUTO:
            return self.mode is Mode.FORCED_CLOSED
        return self.state is State.CLOSED

    @property
    def state_in_force(self) -> State:
        """The state by which calls are admitted: that of the mode while operators force it."""
        forced = {Mode.FORCED_OPEN: State.OPEN, Mode.FORCED_CLOSED: State.CLOSED}
        return forced.get(self.mode, self.state)

    @property
    def is_out(self) -> bool:
        """Whether calls meet an outage that one cooldown did not end.

        It begins when the breaker opens again, after a failed probe or soon after it closed, and
        ends when the breaker closes. A breaker that operators alone have opened is none.
        """
        if State.CLOSED in {self.state, self.state_in_force}:
            return False
        return self.opens >= OUT_AFTER_OPENS or self._opened_soon_after_it_closed

    @property
    def _opened_soon_after_it_closed(self) -> bool:
        if self.opened_at is None or self.closed_at is None:
            return False
        return 0 <= self.opened_at - self.closed_at <= SAME_OUTAGE_MS

    @property
    def shown_reason(self) -> str | None:
        """Why the breaker admits what it admits: the operators' reason while they force it."""
        return self.reason if self.mode is Mode.AUTO else self.mode_reason or self.reason

    @property
    def next_probe_at(self) -> int | None:
        """From when (epoch ms) a caller may claim a probe; None if no probe can be claimed."""
        if self.mode is not Mode.AUTO or self.state is State.CLOSED:
            return None
        due = self.retry_at if self.state is State.OPEN else self.probe_until
        return due or 0
