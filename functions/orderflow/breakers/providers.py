"""The providers behind circuit breakers, and what a call says of their health."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from orderflow.breakers.settings import LEASE_MARGIN_SECONDS


class CallOutcome(StrEnum):
    """What a call says of the provider's health."""

    HEALTHY = "healthy"
    FAILURE = "failure"
    #: The call ended through no doing of the provider's: a mistake of ours.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody whose calls go through a breaker.

    ``call_seconds`` is the longest that one call can take, all its timeouts together; ``classify``
    says what an error that a call raised means for the provider's health.
    """

    key: str
    call_seconds: float
    classify: Callable[[Exception], CallOutcome]

    @property
    def shortest_lease_seconds(self) -> float:
        """The shortest lease that a probe is worth beginning under, with a second to claim it."""
        return self.call_seconds + LEASE_MARGIN_SECONDS + 1
