"""Watches a stage after a deployment, and fails as soon as an alarm of the release rings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

PAUSE_SECONDS: Final = 30.0

#: The most looks in a row that may fail before the soak does: AWS is busy, or does not answer.
PATIENCE: Final = 5


class SoakError(Exception):
    """The stage did not pass; the message says why."""


def soak(
    minutes: float,
    ringing: Callable[[], list[str]],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> int:
    """Looks at the alarms until the time is over; returns how often.

    Args:
        minutes: how long.
        ringing: the names of the alarms that ring; raises OSError where it can't be asked.
        clock: seconds.
        sleep: waits so many seconds.

    Raises:
        SoakError: an alarm rang, or they could not be read several times in a row.
    """
    end = clock() + minutes * 60
    looks, failures = 0, 0
    while True:
        try:
            names = ringing()
        except OSError as error:
            failures += 1
            if failures >= PATIENCE:
                raise SoakError(f"The alarms can't be looked at: {error}") from error
        else:
            failures = 0
            looks += 1
            if names:
                raise SoakError(f"These alarms ring: {', '.join(names)}.")
        left = end - clock()
        if left <= 0:
            return looks
        sleep(min(PAUSE_SECONDS, left))
