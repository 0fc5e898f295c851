"""The real Breaker, driven one effect at a time.

Each half of a call (admission, report of a result) runs in a world that answers from a list of
replies. At the end of the list the world stops the code and returns the effect that it requests.
Running the half again with one more reply goes one step further. So the code under proof itself
runs, and its position is a value: the half and the replies so far.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from orderflow.breakers.breaker import Admission, Breaker, Effects
from orderflow.breakers.ports import Written
from orderflow.breakers.providers import CallOutcome, Provider
from orderflow.breakers.settings import BreakerPolicy
from orderflow.breakers.state import BreakerItem
from orderflow.breakers.store import CONSTANTS
from orderflow.breakers.transitions import Transition
from orderflow.errors import BreakerOpen, PaystackUnavailable, StoreUnavailable
from tests.breaker.silence import Silence

KEY: Final = "provider"
_ERROR: Final = PaystackUnavailable("no answer")


@dataclass(frozen=True, slots=True)
class Admit:
    """A call requests its admission."""

    snapshot: BreakerItem


@dataclass(frozen=True, slots=True)
class Report:
    """A call reports its result; ``item`` is the item as its breaker knows it by then."""

    admission: Admission
    outcome: CallOutcome
    item: BreakerItem


Half = Admit | Report


@dataclass(frozen=True, slots=True)
class Look:
    """The code requests the time or a probe id."""


@dataclass(frozen=True, slots=True)
class Write:
    """The code requests a transition; ``values`` are those that its expressions use."""

    transition: Transition
    epoch: int
    values: tuple[tuple[str, Any], ...]


Effect = Look | Write


@dataclass(frozen=True, slots=True)
class At:
    """The reply to a read of the clock, in milliseconds."""

    ms: int


@dataclass(frozen=True, slots=True)
class Id:
    """The reply to a request for a probe id."""

    name: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The reply of a store that can't be reached."""


Reply = At | Id | Lost | Written


@dataclass(frozen=True, slots=True)
class Paused:
    """The code stopped before an effect."""

    half: Half
    replies: tuple[Reply, ...]
    effect: Effect


@dataclass(frozen=True, slots=True)
class Admitted:
    """The call may be made; ``item`` is what its breaker knows."""

    admission: Admission
    item: BreakerItem


@dataclass(frozen=True, slots=True)
class Over:
    """The call has ended."""

    refused: bool = False


Stand = Paused | Admitted | Over


def _as_it_is(transition: Transition) -> Transition:
    return transition


def no_values(_: BreakerItem) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Driver:
    """Runs halves of calls of one provider.

    Args:
        declared_call_seconds: the length of a call that the breaker assumes.
        every_look: stop at each read of the clock; otherwise time stands still between two
            accesses to the store, after the first read.
        transition: returns the transition to write instead of another one.
        more_values: further values of mutants, from the item as the breaker knows it.
    """

    policy: BreakerPolicy
    declared_call_seconds: float
    every_look: bool = False
    transition: Callable[[Transition], Transition] = _as_it_is
    more_values: Callable[[BreakerItem], Mapping[str, Any]] = no_values

    def run(
        self,
        half: Half,
        replies: tuple[Reply, ...] = (),
        now: int | None = None,
        probe_id: str = "",
    ) -> Stand:
        """Run to the end of the replies, then on as long as the code requests only ``now``."""
        world = _World(self, replies, now, probe_id)
        world.breaker = self._breaker(world, half)
        try:
            return _go(world.breaker, half)
        except BreakerOpen:
            return Over(refused=True)
        except _Stop as stop:
            return Paused(half, tuple(world.given), stop.effect)

    def _breaker(self, world: _World, half: Half) -> Breaker:
        return Breaker(
            Provider(KEY, self.declared_call_seconds, lambda _: CallOutcome.FAILURE),
            world,
            lambda: self.policy,
            snapshot=half.snapshot if isinstance(half, Admit) else half.item,
            by="caller",
            events=Silence(),
            effects=Effects(world.clock, world.new_probe_id, lambda: 0.0),
        )


def _go(breaker: Breaker, half: Half) -> Stand:
    if isinstance(half, Admit):
        return Admitted(breaker.admit(), known(breaker))
    error = _ERROR if half.outcome is CallOutcome.FAILURE else None
    breaker.report(half.admission, half.outcome, error)
    return Over()


def known(breaker: Breaker) -> BreakerItem:
    """The item as the breaker knows it: its only state between two effects."""
    item = breaker._item
    assert item is not None
    return item


class _Stop(BaseException):
    """Stops the code. Not an Exception, so that the code under proof does not catch it."""

    def __init__(self, effect: Effect) -> None:
        self.effect = effect


class _World:
    """The store, the clock and the ids of one run."""

    breaker: Breaker

    def __init__(
        self, driver: Driver, replies: tuple[Reply, ...], now: int | None, probe_id: str
    ) -> None:
        self.given: list[Reply] = []
        self._driver = driver
        self._left = list(reversed(replies))
        self._now = now
        self._probe_id = probe_id

    def clock(self) -> int:
        if not self._left and self._now is not None:
            self._left.append(At(self._now))
            if self._driver.every_look:
                self._now = None
        reply = self._next(Look())
        assert isinstance(reply, At)
        return reply.ms

    def new_probe_id(self) -> str:
        if not self._left:
            self._left.append(Id(self._probe_id))
        reply = self._next(Look())
        assert isinstance(reply, Id)
        return reply.name

    def read(self, provider: str) -> BreakerItem:
        raise AssertionError(f"a caller of {provider} begins with a snapshot here")

    def write(
        self, provider: str, transition: Transition, epoch: int, values: Mapping[str, Any]
    ) -> Written:
        assert provider == KEY
        wanted = self._driver.transition(transition)
        more = self._driver.more_values(known(self.breaker))
        every = {**CONSTANTS, **values, **more, "epoch": epoch}
        used = tuple((name, every[name]) for name in _placeholders(wanted))
        reply = self._next(Write(wanted, epoch, used))
        if isinstance(reply, Lost):
            raise StoreUnavailable("lost")
        assert isinstance(reply, Written)
        return reply

    def _next(self, effect: Effect) -> Reply:
        if not self._left:
            raise _Stop(effect)
        self.given.append(self._left.pop())
        return self.given[-1]


@cache
def _placeholders(transition: Transition) -> tuple[str, ...]:
    text = f"{transition.condition} {transition.update}"
    return tuple(sorted(set(re.findall(r":(\w+)", text))))
