"""Every interleaving of callers of the real Breaker, over one item.

A state is a version of the item, the number of deletions left, and the position of each caller.
Times are relative to now, so that no clock is part of a state; callers in equal positions are
interchangeable. A state is packed into one integer. The search is breadth first: the first trace
to a broken invariant is a shortest one.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Final

from orderflow.breakers.state import State
from tests.breaker.liveness import stuck_items
from tests.breaker.moves import Move, Mover
from tests.breaker.scenario import Scenario
from tests.breaker.world import FINISHED, FRESH, MISSING, Caller, InFlight, World

_CALLER_BITS: Final = 20
_CALLER_MASK: Final = (1 << _CALLER_BITS) - 1
_ITEM_BITS: Final = 16
_ITEM_MASK: Final = (1 << _ITEM_BITS) - 1
_NAMES: Final = "ABCDEF"
_A_TICK: Final = "a second passes"

_REPORT_EVERY: Final = 10_000

TWO_PROBES: Final = "2: two probes are with the provider at once"
STUCK: Final = "6: a healthy provider, and the breaker never closes"
NOT_OPENED: Final = "4: all failures are counted, and the breaker has not opened"


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search. ``trace`` leads to the ``problem``, if there is one."""

    states: int
    edges: int
    items: int = 0
    problem: str | None = None
    trace: tuple[str, ...] = ()


class Moves:
    """The moves of a caller at an item, sorted for the search."""

    def __init__(self, moves: list[Move], item: int) -> None:
        self.all = moves
        self.has_problem = any(move.problem for move in moves)
        self.calls = any(move.calls for move in moves)
        changed: dict[int, dict[int, None]] = {}
        for move in moves:
            changed.setdefault(move.item, {})[move.caller] = None
        self.in_place = list(changed.pop(item, {}))
        self.elsewhere = [(other, list(callers)) for other, callers in changed.items()]


class Table(dict[int, int]):
    """A function of numbers, computed once for each."""

    def __init__(self, function: Callable[[int], int]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, number: int) -> int:
        self[number] = self._function(number)
        return self[number]


@dataclass(frozen=True, slots=True)
class Step:
    """One step in full, for readers.

    ``callers`` are those that come of it, whoever moved (``who``, its place before) at their head;
    ``who`` is None for time and operators.
    """

    item: int
    deletions: int
    callers: tuple[int, ...]
    who: int | None
    text: str
    problem: str | None = None


def explore(scenario: Scenario, progress: Callable[[int], None] = lambda _: None) -> Found:
    """Search the scenario's states, then check that the breaker closes from each item found."""
    explorer = Explorer(scenario)
    found = explorer.search(progress)
    if found.problem:
        return found
    met = [item.as_mapping for item in explorer.world.items.things]
    stuck = stuck_items(scenario, met)
    if stuck:
        return replace(found, problem=STUCK, trace=(f"It stays {stuck[0]}.",))
    return replace(found, items=len(met))


class Explorer:
    """Searches the states of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.world = World(scenario)
        self._callers_bits = _CALLER_BITS * len(scenario.calls)
        self._moves: dict[tuple[int, int, int], Moves] = {}
        self._keepings: dict[tuple[int, int], list[int]] = {}
        self._finished = self.world.callers.of(FINISHED)
        self._may_claim = Table(self._is_between_calls)
        self._held = Table(self.world.held_ids)
        self._caller_later = Table(self.world.caller_later)
        self._item_later = Table(self.world.item_later)
        self._caller_waits = Table(self.world.caller_waits)
        self._item_waits = Table(self.world.item_waits)
        self._probes_alone = Table(self._has_probe_alone)

    def search(self, progress: Callable[[int], None] = lambda _: None) -> Found:
        """Search all states, or up to the first broken invariant.

        ``progress`` is called with the number of states from time to time.
        """
        start = self.start()
        parents: dict[int, int] = {start: start}
        edges = 0
        # Grows during the iteration: breadth first.
        queue = [start]
        for done, state in enumerate(queue):
            if done % _REPORT_EVERY == 0:
                progress(len(parents))
            afters = self.afters(state)
            if afters is None or (not afters and self._is_unopened(state)):
                return self._broken(parents, edges, state)
            edges += len(afters)
            for after in afters:
                if after not in parents:
                    parents[after] = state
                    queue.append(after)
        assert len(self.world.callers.things) <= _CALLER_MASK
        assert len(self.world.items.things) <= _ITEM_MASK
        return Found(len(parents), edges)

    def start(self) -> int:
        """The initial state."""
        callers = [
            self.world.callers.of(Caller(None, (FRESH,) * calls, ahead))
            for calls, ahead in zip(self.scenario.calls, self.scenario.ahead, strict=False)
        ]
        return _packed(self._rest(MISSING, self.scenario.deletions), callers)

    def moves_met(self) -> Iterator[Move]:
        """Every move that a search found."""
        for moves in self._moves.values():
            yield from moves.all

    # The search itself works on numbers alone, for speed.

    def afters(self, state: int) -> list[int] | None:
        """The states after one step; None if one of these steps breaks an invariant."""
        item, deletions, callers = self._unpacked(state)
        rest = self._rest(item, deletions)
        afters = [
            _packed(self._rest(there, left), standing)
            for there, left, standing in self._from_outside(item, deletions, callers)
        ]
        for who, caller in enumerate(callers):
            if caller == self._finished or (who and caller == callers[who - 1]):
                continue  # who stands alike has had its turn
            others = callers[:who] + callers[who + 1 :]
            moves = self._moves_of(caller, others, item)
            if moves.has_problem or (moves.calls and self._overlaps(others, deletions)):
                return None
            if moves.in_place:
                slots = _slots(rest, others)
                for one in moves.in_place:
                    place, shift = slots[bisect(others, one)]
                    afters.append(place | one << shift)
            for changed, movers in moves.elsewhere:
                self._add_changed(afters, self._rest(changed, deletions), movers, others, item)
        return afters

    def _add_changed(
        self,
        afters: list[int],
        rest: int,
        movers: list[int],
        others: tuple[int, ...],
        before: int,
    ) -> None:
        kept_movers = [kept for one in movers for kept in self._kept(one, before)]
        for kept in product(*[self._kept(other, before) for other in others]):
            standing = sorted(kept)
            slots = _slots(rest, standing)
            for one in kept_movers:
                place, shift = slots[bisect(standing, one)]
                afters.append(place | one << shift)

    def _overlaps(self, others: tuple[int, ...], deletions: int) -> bool:
        """Whether a probe that begins now overlaps another one. Deleting the item permits that."""
        return deletions == self.scenario.deletions and any(
            map(self._probes_alone.__getitem__, others)
        )

    def _is_between_calls(self, caller: int) -> bool:
        return self.world.callers[caller].stand is None

    def _has_probe_alone(self, caller: int) -> bool:
        stand = self.world.callers[caller].stand
        return isinstance(stand, InFlight) and stand.is_alone

    def _moves_of(self, caller: int, others: tuple[int, ...], item: int) -> Moves:
        held = 0
        if self._may_claim[caller]:
            for other in others:
                held |= self._held[other]
        key = (caller, item, held)
        moves = self._moves.get(key)
        if moves is None:
            found = Mover(self.world, caller, item, held).moves()
            moves = self._moves[key] = Moves(found, item)
        return moves

    def _kept(self, caller: int, item: int) -> list[int]:
        """The caller, with and without the present item as a snapshot for later."""
        if not self.scenario.stale:
            return [caller]
        key = (caller, item)
        found = self._keepings.get(key)
        if found is None:
            found = self._keepings[key] = self.world.keepings(caller, item)
        return found

    def _from_outside(
        self, item: int, deletions: int, callers: tuple[int, ...]
    ) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """Steps of time and operators: the item, the deletions left and the callers after each."""
        # Time that nothing waits for changes no state.
        if self._item_waits[item] or any(map(self._caller_waits.__getitem__, callers)):
            later = tuple(map(self._caller_later.__getitem__, callers))
            yield self._item_later[item], deletions, later
        if deletions and item != MISSING:
            for kept in product(*[self._kept(caller, item) for caller in callers]):
                yield MISSING, deletions - 1, kept

    def _is_unopened(self, state: int) -> bool:
        """Whether the breaker is not open although enough failures were reported."""
        if self.scenario.crashes or self.scenario.lost_replies:
            return False
        item = self.world.items[self._unpacked(state)[0]].as_breaker_item
        return item.state is State.CLOSED and item.failures >= self.scenario.threshold

    def _rest(self, item: int, deletions: int) -> int:
        return (deletions << _ITEM_BITS | item) << self._callers_bits

    def _unpacked(self, state: int) -> tuple[int, int, tuple[int, ...]]:
        callers = []
        for _ in self.scenario.calls:
            callers.append(state & _CALLER_MASK)
            state >>= _CALLER_BITS
        return state & _ITEM_MASK, state >> _ITEM_BITS, tuple(callers)

    # The same steps in full, for traces.

    def steps(self, state: int) -> Iterator[Step]:
        item, deletions, callers = self._unpacked(state)
        for who, caller in enumerate(callers):
            others = callers[:who] + callers[who + 1 :]
            for move in self._moves_of(caller, others, item).all:
                problem = move.problem
                if move.calls and self._overlaps(others, deletions):
                    problem = TWO_PROBES
                kept: Iterable[tuple[int, ...]] = [(move.caller, *others)]
                if move.item != item:
                    kept = product(*[self._kept(one, item) for one in (move.caller, *others)])
                for after in kept:
                    yield Step(move.item, deletions, after, who, move.text, problem)
        for there, left, standing in self._from_outside(item, deletions, callers):
            text = _A_TICK if left == deletions else "the item is deleted"
            yield Step(there, left, standing, None, text)

    def _broken(self, parents: dict[int, int], edges: int, state: int) -> Found:
        way = [state]
        while parents[way[0]] != way[0]:
            way.insert(0, parents[way[0]])
        steps = [self._step(one, other) for one, other in pairwise(way)]
        last = next((step for step in self.steps(state) if step.problem), None)
        trace = tuple(self._in_words([*steps, last] if last else steps))
        problem = (last and last.problem) or NOT_OPENED
        return Found(len(parents), edges, problem=problem, trace=trace)

    def _step(self, state: int, after: int) -> Step:
        return next(step for step in self.steps(state) if self.state_after(step) == after)

    def state_after(self, step: Step) -> int:
        return _packed(self._rest(step.item, step.deletions), step.callers)

    def _in_words(self, steps: Iterable[Step]) -> Iterator[str]:
        """The steps in words. Callers keep their names although their places change."""
        names = _NAMES[: len(self.scenario.calls)]
        seconds = 0
        for step in steps:
            if step.who is not None:
                names = names[step.who] + names[: step.who] + names[step.who + 1 :]
            seconds += step.text == _A_TICK
            actor = "" if step.who is None else f"{names[0]} "
            yield f"{seconds:2d} s  {actor}{step.text}  [{self._brief(step.item)}]"
            names = "".join(name for _, name in sorted(zip(step.callers, names, strict=True)))

    def _brief(self, number: int) -> str:
        item = self.world.items[number].as_breaker_item
        failures = f", failures: {item.failures}" if item.failures else ""
        return f"{item.state} {item.epoch}{failures}"


def _slots(rest: int, callers: Sequence[int]) -> list[tuple[int, int]]:
    """For each place among the sorted callers where one more can go: the state without it, and
    how far to shift it into there."""
    state = shift = 0
    for caller in reversed(callers):
        state = (state | caller) << _CALLER_BITS
    state |= rest
    slots = [(state, shift)]
    for caller in callers:
        state -= caller << shift + _CALLER_BITS
        state += caller << shift
        shift += _CALLER_BITS
        slots.append((state, shift))
    return slots


def _packed(rest: int, callers: Iterable[int]) -> int:
    """One integer: the callers in ascending order from the lowest bits."""
    state = rest
    for place, caller in enumerate(sorted(callers)):
        state |= caller << _CALLER_BITS * place
    return state
