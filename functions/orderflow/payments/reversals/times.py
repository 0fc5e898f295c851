"""When refunds and disputes are looked after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from orderflow.platform.environment import ReversalsEnvironment

#: The pauses between two questions double, up to this multiple of the first.
_LONGEST_PAUSE: Final = 24


@dataclass(frozen=True)
class ReversalTimes:
    """When refunds and disputes are looked after.

    Attributes:
        check_after: PayStack is asked about a refund so long after its last change for the first
            time, and about a dispute so long after its deadline.
        remind_before: operations are reminded of a dispute so long before its deadline.
    """

    check_after: timedelta = timedelta(hours=1)
    remind_before: timedelta = timedelta(hours=24)

    @classmethod
    def of(cls, environment: ReversalsEnvironment) -> ReversalTimes:
        """The times that a function's environment names."""
        return cls(
            timedelta(seconds=environment.check_after_seconds),
            timedelta(seconds=environment.remind_before_seconds),
        )

    def next_check(self, now: datetime, checks: int) -> datetime:
        """The next question about what was asked about so often."""
        return now + self.check_after * min(1 << checks, _LONGEST_PAUSE)
