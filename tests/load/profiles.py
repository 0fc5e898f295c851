"""How many customers there are at each moment, by profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Profile:
    """A course of load.

    Attributes:
        steps: (seconds, customers): so many for so long, one step after another.
        orders: the run ends once so many were placed; None for none but the steps' end.
        outage: from when to when PayStack fails, in seconds from the start.
    """

    name: str
    steps: tuple[tuple[float, int], ...]
    orders: int | None = None
    outage: tuple[float, float] | None = None

    @property
    def seconds(self) -> float:
        """The length of all steps."""
        return sum(seconds for seconds, _ in self.steps)

    def customers_at(self, second: float) -> int | None:
        """The customers at a moment; None once the steps are over."""
        for seconds, customers in self.steps:
            if second < seconds:
                return customers
            second -= seconds
        return None

    @property
    def most(self) -> int:
        """The most customers at once."""
        return max(customers for _, customers in self.steps)


#: Long enough for any number of orders: the steady profile ends by their number.
_PATIENCE_SECONDS: Final = 3600
_RAMP: Final = (1, 2, 4, 8, 16, 32, 64, 100)


def profile(name: str, orders: int, at_once: int, seconds: float) -> Profile:
    """The profile of this name.

    Args:
        name: steady, spike, ramp, soak or outage.
        orders: how many orders the steady and the outage profile place.
        at_once: customers at once, of the ramp and the spike the most.
        seconds: the soak's length, and of each step of the ramp.

    Raises:
        ValueError: there is none.
    """
    few = max(1, at_once // 10)
    match name:
        case "steady":
            return Profile(name, ((_PATIENCE_SECONDS, at_once),), orders)
        case "spike":
            return Profile(name, ((30, few), (60, at_once), (60, few)))
        case "ramp":
            steps = tuple((seconds, each) for each in _RAMP if each < at_once)
            return Profile(name, (*steps, (seconds, at_once)))
        case "soak":
            return Profile(name, ((seconds, few),))
        case "outage":
            return Profile(name, ((_PATIENCE_SECONDS, at_once),), orders, (20, 80))
    raise ValueError(f"There is no profile {name!r}: steady, spike, ramp, soak, outage.")
