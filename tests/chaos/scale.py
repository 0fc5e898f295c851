"""The sizes of the suite: seconds in ``make test``, the real delays in ``make chaos``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from cdk.durations import Durations

FULL = os.environ.get("CHAOS") == "full"


@dataclass(frozen=True)
class Scale:
    """One size of the suite.

    Attributes:
        orders: in each experiment with an outage.
        customers: who order at the same time.
        outage_seconds: of a provider, in the middle of the orders.
        mixed_orders: in each experiment with another kind of fault.
        deaths: of workers, at least, in the experiment with those.
        time_factor: what the durations of customers, providers and banks are divided by, such as a
            breaker's cooldown and the first delay of a parked order.
        waits: what Step Functions' waits between retries are multiplied with.
        workers: of all functions together, at most. Lambda would start one for each order that is
            under way, and so many starts at once are more than a small machine can do. What is
            beyond that is throttled and retried, as where an account's concurrency is used up.
    """

    orders: int
    customers: int
    outage_seconds: float
    mixed_orders: int
    deaths: int
    time_factor: float
    waits: float
    workers: int | None = None

    @property
    def recovery(self) -> dict[str, Any]:
        """Slower than by default: this machine runs all the functions, too."""
        return {"resumeRatePerSecond": 4}

    @property
    def durations(self) -> Durations:
        return Durations().divided_by(self.time_factor)

    @property
    def cooldown_seconds(self) -> float:
        return self.durations.breaker_cooldown


SHORT = Scale(
    orders=20,
    customers=2,
    outage_seconds=6,
    mixed_orders=2,
    deaths=3,
    time_factor=20,
    waits=0.1,
)
WHOLE = Scale(
    orders=500,
    customers=2,
    outage_seconds=60,
    mixed_orders=40,
    deaths=30,
    time_factor=1,
    waits=1,
    workers=12,
)
SCALE = WHOLE if FULL else SHORT
