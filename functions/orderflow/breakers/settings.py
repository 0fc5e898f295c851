"""A circuit breaker's settings."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from orderflow.records import Record

#: A probe is not begun unless its call can end this long before its lease.
LEASE_MARGIN_SECONDS: Final = 2.0


class BreakerPolicy(Record, extra="forbid", frozen=True):
    """A breaker's settings, which operations can change while the system runs.

    ``threshold`` is the number of failures in a row that opens it. The cooldown doubles with each
    re-opening up to ``max_cooldown_seconds`` and is stretched by up to ``jitter`` of itself. A
    breaker that opens again within ``keep_cooldown_seconds`` of closing keeps its last cooldown.
    ``lease_seconds`` is how long a probe may take before another caller replaces it.
    """

    threshold: int = Field(default=5, ge=1)
    cooldown_seconds: float = Field(default=60, gt=0)
    max_cooldown_seconds: float = Field(default=900, gt=0)
    jitter: float = Field(default=0.25, ge=0, le=1)
    keep_cooldown_seconds: float = Field(default=300, ge=0)
    lease_seconds: float = Field(default=45, gt=LEASE_MARGIN_SECONDS)

    def cooldown(self, opens: int) -> float:
        """Seconds, before jitter, after ``opens`` openings in a row."""
        doubled: float = self.cooldown_seconds * 2 ** min(opens - 1, 32)
        return min(doubled, max(self.max_cooldown_seconds, self.cooldown_seconds))
