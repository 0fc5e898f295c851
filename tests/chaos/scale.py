"""The sizes of the suite: seconds in ``make test``, the real delays in ``make chaos``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

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
        cooldown_seconds: the first one of a breaker.
        parking_seconds: the first delay of a parked order.
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
    cooldown_seconds: float
    parking_seconds: int
    waits: float
    workers: int | None = None

    @property
    def recovery(self) -> dict[str, Any]:
        """Slower than by default: this machine runs all the functions, too."""
        return {"resumeRatePerSecond": 4}

    @property
    def policy(self) -> dict[str, Any]:
        return {"cooldownSeconds": self.cooldown_seconds, "leaseSeconds": 45}


SHORT = Scale(
    orders=20,
    customers=2,
    outage_seconds=6,
    mixed_orders=2,
    deaths=3,
    cooldown_seconds=3,
    parking_seconds=4,
    waits=0.1,
)
WHOLE = Scale(
    orders=500,
    customers=2,
    outage_seconds=60,
    mixed_orders=40,
    deaths=30,
    cooldown_seconds=60,
    parking_seconds=60,
    waits=1,
    workers=12,
)
SCALE = WHOLE if FULL else SHORT
