"""The providers behind circuit breakers, and what a call's result says about their health."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from orderflow.breakers.settings import LEASE_MARGIN_SECONDS


class ProviderName(StrEnum):
    """The names of the providers: keys of the ``breakers`` table, in messages and in settings."""

    PAYSTACK = "paystack"
    BEDROCK = "bedrock"

    @property
    def display_name(self) -> str:
        """The provider's name as it writes it itself."""
        return "PayStack" if self is ProviderName.PAYSTACK else "Bedrock"


class CallOutcome(StrEnum):
    """What a call's result says about the provider's health."""

    HEALTHY = "healthy"
    FAILURE = "failure"
    #: The call failed for a reason on our side, which says nothing about the provider.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Provider:
    """A service that is called through a breaker.

    ``call_seconds`` is the longest that one call can take, the sum of its timeouts. ``classify``
    says what an error of a call means for the provider's health.
    """

    key: str
    call_seconds: float
    classify: Callable[[Exception], CallOutcome]

    @property
    def shortest_lease_seconds(self) -> float:
        """The shortest lease under which a probe can end in time, with a second to claim it."""
        return self.call_seconds + LEASE_MARGIN_SECONDS + 1
