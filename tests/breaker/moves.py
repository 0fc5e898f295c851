"""The next moves of one caller, found by running the real code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from orderflow.breakers.ports import Written
from orderflow.breakers.providers import CallOutcome
from orderflow.breakers.state import BreakerItem, State
from tests.breaker import expressions
from tests.breaker.callers import (
    KEY,
    Admit,
    Admitted,
    Half,
    Lost,
    Over,
    Paused,
    Reply,
    Report,
    Stand,
    Write,
)
from tests.breaker.invariants import problem_of_write
from tests.breaker.scenario import AHEAD_MS, TICK_MS
from tests.breaker.times import PAST, without_past
from tests.breaker.world import (
    FINISHED,
    FRESH,
    InFlight,
    World,
    essential,
    id_bit,
    is_look,
)

_OUTCOMES: Final = {
    CallOutcome.HEALTHY: "it succeeds",
    CallOutcome.FAILURE: "it fails",
    CallOutcome.UNKNOWN: "it ends, saying nothing of the provider",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One step of one caller: its position and the item after it, the invariant that it broke.

    ``calls`` is True where its probe sets out to the provider.
    """

    text: str
    caller: int
    item: int
    problem: str | None = None
    calls: bool = False


class Mover:
    """The moves of one caller at one item. ``held`` masks the probe ids of other callers."""

    def __init__(self, world: World, caller: int, item: int, held: int) -> None:
        self._world = world
        self._scenario = world.scenario
        self._caller = world.callers[caller]
        self._item = item
        self._attributes = world.items[item].as_mapping
        taken = held | id_bit(self._attributes.get("probeId"))
        self._probe_id = str(next(n for n in range(64) if not taken >> n & 1))
        self._now = self._caller.ahead * TICK_MS

    def moves(self) -> list[Move]:
        return list(dict.fromkeys(self._all()))

    def _all(self) -> Iterator[Move]:
        stand = self._caller.stand
        if stand is None:
            yield from self._begin()
            return
        if self._scenario.crashes:
            yield Move("crashes", self._world.callers.of(FINISHED), self._item)
        if isinstance(stand, InFlight):
            yield from self._end(stand)
        elif isinstance(stand.effect, Write):
            yield from self._write(stand, stand.effect)
        else:
            after = self._run(stand.half, stand.replies, self._now)
            yield from self._arrive("reads its clock", after)

    def _begin(self) -> Iterator[Move]:
        for number in sorted(set(self._caller.snapshots)):
            rest = list(self._caller.snapshots)
            rest.remove(number)
            self._caller = replace(self._caller, snapshots=tuple(rest))
            yield from self._begin_with(number)
            self._caller = replace(self._caller, snapshots=tuple(sorted([*rest, number])))

    def _begin_with(self, number: int) -> Iterator[Move]:
        fresh = number == FRESH
        current = self._world.items[self._item].as_breaker_item
        snapshot = self._world.snapshots[self._world.snapshot(current) if fresh else number]
        text = f"begins, knowing {'' if fresh else 'still '}{snapshot.state} {snapshot.epoch}"
        yield from self._arrive(text, self._run(Admit(snapshot), (), self._now))

    def _end(self, flight: InFlight) -> Iterator[Move]:
        text = "its probe ends" if flight.ticks_left >= 0 else "its probe ends late"
        yield from self._report(text, Admitted(flight.admission, flight.item))

    def _report(self, text: str, call: Admitted) -> Iterator[Move]:
        for outcome, words in _OUTCOMES.items():
            half = Report(call.admission, outcome, call.item)
            stand = self._run(half)
            if isinstance(stand, Paused) and is_look(stand) and not self._scenario.every_look:
                stand = self._run(half, (), self._now)
            yield from self._arrive(f"{text}: {words}", stand)

    def _write(self, paused: Paused, write: Write) -> Iterator[Move]:
        written, item, problem = self._apply(paused, write)
        text = f"{'writes' if written.applied else 'fails to write'} “{write.transition.name}”"
        after = self._run(paused.half, (*paused.replies, written))
        yield from self._arrive(text, after, item, problem)
        if self._scenario.lost_replies:
            lost = self._run(paused.half, (*paused.replies, Lost()))
            yield from self._arrive(f"{text} and hears nothing", lost, item, problem)
            yield from self._arrive(f"can't reach the store for “{write.transition.name}”", lost)

    def _apply(self, paused: Paused, write: Write) -> tuple[Written, int, str | None]:
        before, values = self._attributes, dict(write.values)
        holds = expressions.condition(write.transition.condition_at(write.epoch))
        if not holds(before, values):
            return Written(False, self._world.items[self._item].as_breaker_item), self._item, None
        after = {**expressions.update(write.transition.update)(before, values), "provider": KEY}
        problem = problem_of_write(
            before, after, paused.half, write.transition.name, self._scenario.threshold, AHEAD_MS
        )
        item = self._world.item(after)
        return Written(True, self._world.items[item].as_breaker_item), item, problem

    def _arrive(
        self, text: str, stand: Stand, item: int | None = None, problem: str | None = None
    ) -> Iterator[Move]:
        item = self._item if item is None else item
        if isinstance(stand, Admitted) and stand.admission.probe_id is None:
            # The result is known when the call begins, and written as late as possible.
            call = Admitted(stand.admission, self._essential(stand.item))
            for move in self._report(f"{text}, calls", call):
                yield replace(move, item=item, problem=problem)
        elif isinstance(stand, Admitted):
            yield self._move(f"{text}, calls as the probe", self._flight(stand), item, problem)
        elif isinstance(stand, Over):
            yield self._move(f"{text}, is refused" if stand.refused else text, None, item, problem)
        else:
            yield self._move(text, stand, item, problem)

    def _flight(self, stand: Admitted) -> InFlight:
        known = BreakerItem(provider=KEY, state=State.HALF_OPEN, opens=stand.item.opens)
        return InFlight(
            stand.admission,
            stand.item if self._scenario.all_fields else known,
            self._scenario.call,
            stand.item.probe_until or 0,
        )

    def _move(
        self, text: str, stand: Paused | InFlight | None, item: int, problem: str | None
    ) -> Move:
        caller = replace(self._caller, stand=stand)
        if caller.stand is None and not caller.snapshots:
            caller = FINISHED
        return Move(
            text, self._world.callers.of(caller), item, problem, isinstance(stand, InFlight)
        )

    def _essential(self, item: BreakerItem) -> BreakerItem:
        return item if self._scenario.all_fields else essential(item)

    def _run(self, half: Half, replies: tuple[Reply, ...] = (), now: int | None = None) -> Stand:
        stand = self._scenario.driver.run(half, replies, now, self._probe_id)
        if now is None or self._scenario.all_fields or not isinstance(stand, Paused):
            return stand
        return self._merged(stand, half, replies, now)

    def _merged(self, stand: Paused, half: Half, replies: tuple[Reply, ...], now: int) -> Paused:
        """The same, without what made no difference to the write that it came to: the time, or
        since when the snapshot is due."""
        variants: list[tuple[Half, int]] = [(half, PAST)]
        if isinstance(half, Admit):
            variants.append((Admit(without_past(half.snapshot, now)), now))
        for other_half, other_now in variants:
            other = self._scenario.driver.run(other_half, replies, other_now, self._probe_id)
            if isinstance(other, Paused) and other.effect == stand.effect and not is_look(other):
                return other
        return stand
