"""Parses and formats durations."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, islice
from typing import Final

import typer

#: Seconds by unit, the longest first.
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_WORDS: Final = {"d": "d", "h": "h", "m": "min", "s": "s"}


def parse_duration(text: str) -> timedelta:
    """Parse ``90s``, ``30m``, ``2h`` or ``3d`` (the parser of an option).

    Raises:
        typer.BadParameter: if the text has another form.
    """
    match = re.fullmatch(r"([1-9]\d{0,5})([smhd])", text, re.ASCII)
    if match is None:
        raise typer.BadParameter(f"{text!r} is not a time such as 90s, 30m, 2h or 3d")
    return timedelta(seconds=int(match[1]) * dict(_UNITS)[match[2]])


def parse_moment(text: str) -> datetime:
    """Parse a time ago, such as ``2h``, or a moment in ISO 8601 (the parser of an option).

    A moment without a time zone is in UTC, one without a time is midnight.

    Raises:
        typer.BadParameter: if the text has another form.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            return datetime.now(UTC) - parse_duration(text)
        except typer.BadParameter:
            raise typer.BadParameter(
                f"{text!r} is neither a time ago, such as 2h, nor a moment, such as "
                "2026-01-31T12:00"
            ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def in_words(seconds: float) -> str:
    """Format a duration in its two largest units: ``42 s``, ``3 min 20 s``, ``2 h``."""
    left = max(int(seconds), 0)
    numbers = []
    for unit, size in _UNITS:
        number, left = divmod(left, size)
        numbers.append((number, _WORDS[unit]))
    largest = islice(dropwhile(lambda each: each[0] == 0, numbers), 2)
    return " ".join(f"{number} {word}" for number, word in largest if number) or "0 s"


def age(moment: datetime | str, now: datetime) -> str:
    """The time since ``moment`` (or its ISO 8601 text) in the largest unit: ``12s``, ``9d``."""
    then = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    seconds = max(int((now - then).total_seconds()), 0)
    unit, size = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    return f"{seconds // size}{unit}"
