"""What a circuit breaker lets through, in words."""

from __future__ import annotations

from orderflow.breakers.state import BreakerItem, Mode, State
from scripts.cli.durations import in_words


def is_open(item: BreakerItem, now: int) -> bool:
    """Whether a call at ``now`` (epoch ms) is skipped."""
    if item.admits_all:
        return False
    return item.next_probe_at is None or item.next_probe_at > now


def openings(item: BreakerItem) -> int:
    """The openings in a row by failed calls; 0 while the breaker is closed, or forced.

    The record keeps the number: a breaker that soon opens again waits for as long as before.
    """
    return item.opens if item.mode is Mode.AUTO and not item.admits_all else 0


def lets_through(item: BreakerItem, now: int) -> str:
    """The calls that are let through at ``now`` (epoch ms), in words."""
    if item.admits_all:
        return "every call"
    if item.next_probe_at is None:
        return "no call, until an operator changes it"
    wait = in_words((item.next_probe_at - now) / 1000)
    if not is_open(item, now):
        return "the next call, as a probe"
    if item.state is State.HALF_OPEN:
        return f"one probe, under way; the next in {wait} unless it answers"
    return f"one probe, in {wait}"
