"""Times in the exploration: milliseconds from now, so that a tick moves all of them back.

Times long past are made equal, so that the number of states is finite.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from orderflow.breakers.ports import Written
from orderflow.breakers.state import BreakerItem, State
from tests.breaker.callers import Admit, At, Half, Reply, Report
from tests.breaker.scenario import TICK_MS

#: Before every time that matters.
PAST: Final = -1_000_000_000
#: Longer ago than any lease or cooldown here.
_OLDEST: Final = -7 * TICK_MS

_ATTRIBUTES: Final = ("openedAt", "retryAt", "closedAt", "probeUntil")
_DUE: Final = {State.OPEN: "retry_at", State.HALF_OPEN: "probe_until"}


def later(ms: int) -> int:
    """The same time, relative to a now that is a tick later."""
    return PAST if ms == PAST else max(ms - TICK_MS, _OLDEST)


def item_later(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: later(value) if name in _ATTRIBUTES else value for name, value in item.items()}


def half_later(half: Half) -> Half:
    if isinstance(half, Admit):
        return Admit(snapshot_later(half.snapshot))
    return Report(half.admission, half.outcome, snapshot_later(half.item))


def reply_later(reply: Reply) -> Reply:
    if isinstance(reply, At):
        return At(later(reply.ms))
    if isinstance(reply, Written):
        return Written(reply.applied, snapshot_later(reply.item))
    return reply


def snapshot_later(snapshot: BreakerItem) -> BreakerItem:
    attributes = snapshot.model_dump(by_alias=True, exclude_none=True)
    return BreakerItem.model_validate(item_later(attributes))


def due_ms(item: BreakerItem) -> int | None:
    """When the item's cooldown or lease ends."""
    due = _DUE.get(item.state)
    return getattr(item, due) if due else None


def without_past(snapshot: BreakerItem, now: int) -> BreakerItem:
    """The snapshot, without the time since when it is due."""
    due = due_ms(snapshot)
    if due is None or due > now:
        return snapshot
    return snapshot.model_copy(update={_DUE[snapshot.state]: PAST})
