"""The breaker's invariants, stated independently of its code; the numbers of docs/breaker.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

from orderflow.breakers.state import State
from orderflow.breakers.transitions import COUNT_FAILURE
from tests.breaker.callers import Half, Report

_EDGES: Final = {
    (State.CLOSED, State.OPEN),
    (State.OPEN, State.HALF_OPEN),
    (State.HALF_OPEN, State.HALF_OPEN),
    (State.HALF_OPEN, State.CLOSED),
    (State.HALF_OPEN, State.OPEN),
}
TWO_PROBES: Final = "2: two probes are with the provider at once"


def problem_of_write(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    half: Half,
    transition: str,
    threshold: int,
    latest_ms: int,
) -> str | None:
    """The first invariant that a write broke.

    Args:
        half: whose write it is.
        latest_ms: the time on the clock that is furthest ahead.
    """
    old, new = _Seen(before), _Seen(after)
    problems = chain(
        _edge(old, new),
        _late_result(old, half),
        _lease(old, new, latest_ms),
        _count(old, new, transition),
        _opening(old, new, threshold),
    )
    return next(problems, None)


class _Seen:
    def __init__(self, item: Mapping[str, Any]) -> None:
        self.state = State(item.get("state", State.CLOSED))
        self.epoch = item.get("epoch", 0)
        self.failures = item.get("failures", 0)
        self.probe_id = item.get("probeId")
        self.retry_at = item.get("retryAt", 0)
        self.probe_until = item.get("probeUntil", 0)

    def __str__(self) -> str:
        return f"{self.state}@{self.epoch}"


def _edge(old: _Seen, new: _Seen) -> Iterator[str]:
    if new.state is State.CLOSED is old.state:
        if new.epoch != old.epoch:
            yield f"1: {old} -> {new}: the epoch changes without an edge"
    elif (old.state, new.state) not in _EDGES:
        yield f"1: {old} -> {new} is no edge"
    elif new.epoch != old.epoch + 1:
        yield f"1: {old} -> {new}: an edge adds one to the epoch"


def _late_result(old: _Seen, half: Half) -> Iterator[str]:
    if not isinstance(half, Report):
        return
    if half.admission.epoch != old.epoch:
        yield f"3: a result of epoch {half.admission.epoch} changes {old}"
    if half.admission.probe_id != old.probe_id:
        yield f"3: a result changes {old}, which is another call's probe"


def _lease(old: _Seen, new: _Seen, latest_ms: int) -> Iterator[str]:
    if new.state is not State.HALF_OPEN:
        return
    if old.state is State.OPEN and old.retry_at > latest_ms:
        yield f"1: {old} -> {new} before the cooldown is over"
    if old.state is State.HALF_OPEN and old.probe_until > latest_ms:
        yield f"2: {old} -> {new} while the lease lasts"


def _count(old: _Seen, new: _Seen, transition: str) -> Iterator[str]:
    if transition == COUNT_FAILURE.name and new.failures != old.failures + 1:
        yield f"4: a failure counts {new.failures - old.failures}"


def _opening(old: _Seen, new: _Seen, threshold: int) -> Iterator[str]:
    if (old.state, new.state) == (State.CLOSED, State.OPEN) and old.failures < threshold:
        yield f"5: opens after {old.failures} of {threshold} failures"
