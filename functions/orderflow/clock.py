"""Points in time: ISO 8601 in UTC, and epoch milliseconds; and spans of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

#: Returns the time now, in UTC and in whole milliseconds: the precision of stored times.
Clock = Callable[[], datetime]

_ABOUT_TWO: Final = 1.9


def utc_now() -> datetime:
    """The system's :data:`Clock`."""
    return whole_milliseconds(datetime.now(UTC))


def whole_milliseconds(moment: datetime) -> datetime:
    """The moment in UTC, without the microseconds that stored times don't hold.

    Raises:
        OverflowError: in UTC the moment is before year 1 or after year 9999.
    """
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """``2026-01-31T12:00:00.000Z``: the form that JSONata's ``$now()`` writes too.

    Years have four digits, so that texts sort as their times do.
    """
    utc = moment.astimezone(UTC)
    return f"{utc.year:04d}-{utc:%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def from_epoch_ms(milliseconds: int) -> datetime:
    """The moment of an epoch time in milliseconds, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_epoch_ms(moment: datetime) -> int:
    """The epoch time of a moment, in whole milliseconds."""
    return int(moment.timestamp() * 1000)


def epoch_ms() -> int:
    """Now, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def in_words(span: timedelta) -> str:
    """``24 hours``, ``90 minutes``, ``30 seconds``: in the largest unit of which it has two."""
    for unit, seconds in (("hour", 3600), ("minute", 60), ("second", 1)):
        count = span.total_seconds() / seconds
        if count > _ABOUT_TWO:
            return f"{round(count)} {unit}s"
    return "1 second"


def parse_retry_after(value: str | None) -> float | None:
    """The seconds of a ``Retry-After`` header; None for no header and for its date form.

    RFC 9110, section 10.2.3. The services that are called here send seconds alone.
    """
    return float(value) if value and value.isdecimal() else None
