"""The world of the exploration: versions of the item and callers, by numbers.

The next moves of a caller are computed once, by running the real code, for each caller, item and
choice of a probe id; the search itself only looks them up.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from orderflow.breakers.breaker import Admission
from orderflow.breakers.ports import Written
from orderflow.breakers.state import BreakerItem, State
from tests.breaker.callers import KEY, Admit, Id, Look, Paused, Report
from tests.breaker.scenario import MARGIN_MS, TICK_MS, Scenario
from tests.breaker.times import (
    PAST,
    due_ms,
    half_later,
    item_later,
    reply_later,
    snapshot_later,
    without_past,
)

#: The number of the item that the table does not hold.
MISSING: Final = 0
#: In place of a snapshot's number: the item as it will be when the call begins.
FRESH: Final = -1

T = TypeVar("T", bound=Hashable)


class Numbers(Generic[T]):
    """Things, numbered in the order of their arrival."""

    def __init__(self) -> None:
        self.things: list[T] = []
        self._numbers: dict[T, int] = {}

    def __getitem__(self, number: int) -> T:
        return self.things[number]

    def of(self, thing: T) -> int:
        number = self._numbers.setdefault(thing, len(self.things))
        if number == len(self.things):
            self.things.append(thing)
        return number


@dataclass(frozen=True, slots=True)
class InFlight:
    """A probe is running.

    ``ticks_left`` is how long it may still take to be on time (below 0: it is late), and
    ``lease_ends`` when others may replace it, in milliseconds from now.
    """

    admission: Admission
    item: BreakerItem
    ticks_left: int
    lease_ends: int

    @property
    def is_alone(self) -> bool:
        """Whether no other probe can be running now."""
        return self.ticks_left >= 0 or self.lease_ends > MARGIN_MS

    def later(self) -> InFlight:
        lease_ends = self.lease_ends - TICK_MS
        return replace(
            self,
            ticks_left=max(self.ticks_left - 1, -1),
            lease_ends=lease_ends if lease_ends > MARGIN_MS else 0,
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """The position of a caller (None: between calls), and the snapshots of its future calls.

    ``ahead`` is how far its clock is ahead, in ticks.
    """

    stand: Paused | InFlight | None
    snapshots: tuple[int, ...]
    ahead: int = 0


#: Has made its calls, or has crashed.
FINISHED: Final = Caller(None, ())


@dataclass(frozen=True, slots=True)
class Item:
    """A version of the breaker's item."""

    attributes: tuple[tuple[str, Any], ...]

    @property
    def as_mapping(self) -> dict[str, Any]:
        return dict(self.attributes)

    @property
    def as_breaker_item(self) -> BreakerItem:
        return BreakerItem.model_validate({"provider": KEY, **self.as_mapping})


class World:
    """All items and callers found so far."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.items: Numbers[Item] = Numbers()
        self.snapshots: Numbers[BreakerItem] = Numbers()
        self.callers: Numbers[Caller] = Numbers()
        assert self.item({}) == MISSING

    def item(self, attributes: Mapping[str, Any]) -> int:
        """The number of an item with these attributes."""
        living = attributes if self.scenario.all_fields else _living(attributes)
        return self.items.of(Item(tuple(sorted(living.items()))))

    def snapshot(self, item: BreakerItem) -> int:
        """The number of the snapshot that a call that begins with this item has."""
        return self.snapshots.of(item if self.scenario.all_fields else essential(item))

    # A tick later

    def item_later(self, item: int) -> int:
        return self.item(item_later(self.items[item].as_mapping))

    def caller_later(self, number: int) -> int:
        caller = self.callers[number]
        snapshots = sorted(n if n == FRESH else self._later(n) for n in caller.snapshots)
        return self.callers.of(
            replace(caller, stand=self._stand_later(caller.stand), snapshots=tuple(snapshots))
        )

    def _later(self, snapshot: int) -> int:
        later = snapshot_later(self.snapshots[snapshot])
        return self.snapshot(later if self.scenario.all_fields else without_past(later, 0))

    def _stand_later(self, stand: Paused | InFlight | None) -> Paused | InFlight | None:
        if isinstance(stand, InFlight):
            return stand.later()
        if stand is None:
            return None
        half, replies = half_later(stand.half), tuple(map(reply_later, stand.replies))
        later = self.scenario.driver.run(half, replies)
        # Otherwise the code depends on absolute times, not only on differences.
        assert isinstance(later, Paused), (stand, later)
        assert (later.replies, type(later.effect)) == (replies, type(stand.effect))
        return later

    # Effects of time

    def item_waits(self, item: int) -> bool:
        """Whether a cooldown or a lease has yet to end."""
        return _is_ahead(self.items[item].as_breaker_item)

    def caller_waits(self, number: int) -> bool:
        """Whether time can change the caller's moves or its invariants."""
        caller = self.callers[number]
        stand = caller.stand
        if any(n != FRESH and _is_ahead(self.snapshots[n]) for n in caller.snapshots):
            return True
        if isinstance(stand, InFlight):
            return stand.is_alone
        return (
            stand is not None
            and isinstance(stand.half, Admit)
            and any(isinstance(one, Written) and _is_ahead(one.item) for one in stand.replies)
        )

    def held_ids(self, number: int) -> int:
        """The probe ids that the caller holds, as a bit mask."""
        stand = self.callers[number].stand
        if stand is None:
            return 0
        if isinstance(stand, InFlight):
            return id_bit(stand.admission.probe_id)
        if isinstance(stand.half, Report):
            return id_bit(stand.half.admission.probe_id)
        return sum(id_bit(one.name) for one in stand.replies if isinstance(one, Id))

    def keepings(self, number: int, item: int) -> list[int]:
        """The caller just before the item changes.

        Each of its calls to come may keep the item of now as its snapshot, or not.
        """
        caller = self.callers[number]
        snapshot = self.snapshot(self.items[item].as_breaker_item)
        kept = [n for n in caller.snapshots if n != FRESH]
        fresh = len(caller.snapshots) - len(kept)
        choices = [[*kept, *[snapshot] * n, *[FRESH] * (fresh - n)] for n in range(fresh + 1)]
        return [self.callers.of(replace(caller, snapshots=tuple(sorted(each)))) for each in choices]


def id_bit(probe_id: str | None) -> int:
    return 1 << int(probe_id) if probe_id else 0


def essential(item: BreakerItem) -> BreakerItem:
    """The properties of a snapshot that the code reads."""
    return BreakerItem(
        provider=KEY,
        state=item.state,
        epoch=item.epoch,
        failures=min(item.failures, 1) if item.state is State.CLOSED else 0,
        retry_at=item.retry_at if item.state is State.OPEN else None,
        probe_until=item.probe_until if item.state is State.HALF_OPEN else None,
    )


def _living(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The item without attributes that are not read in its state."""
    living = dict(attributes)
    if living.get("state") != State.OPEN:
        living.pop("retryAt", None)
    return living | ({"closedAt": PAST} if "closedAt" in living else {})


def _is_ahead(item: BreakerItem) -> bool:
    due = due_ms(item)
    return due is not None and due > 0


def is_look(stand: Paused) -> bool:
    return isinstance(stand.effect, Look)
