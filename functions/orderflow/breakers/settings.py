"""A circuit breaker's settings."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import ClientError
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from orderflow.errors import ConfigurationError, StoreUnavailable
from orderflow.platform.observability import logger
from orderflow.platform.parameters import load_parameter
from orderflow.records import Model

#: A probe that could not end this long before its lease does is not begun.
LEASE_MARGIN_SECONDS: Final = 2.0


class BreakerPolicy(Model):
    """A breaker's settings, which operations may change while the system runs.

    ``threshold`` is the number of failures in a row that opens it. The cooldown doubles with each
    re-opening up to ``max_cooldown_seconds`` and is stretched by up to ``jitter`` of itself. A
    breaker that opens again within ``keep_cooldown_seconds`` of closing keeps its last cooldown.
    ``lease_seconds`` is how long a probe may take before another caller replaces it.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True
    )

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


def load_breaker_policy(parameter_name: str) -> BreakerPolicy:
    """A breaker's policy, or the default one where the parameter can't be read.

    The breaker is there to keep orders going: its own settings must not stop them.
    """
    try:
        return load_parameter(parameter_name, BreakerPolicy)
    except (ConfigurationError, StoreUnavailable, ClientError) as error:
        logger.error("breaker policy unreadable: defaults", extra={"problem": str(error)})
        return BreakerPolicy()
