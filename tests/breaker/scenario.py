"""A scenario to explore: the callers, the policy and the faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final

from orderflow.breakers.settings import LEASE_MARGIN_SECONDS, BreakerPolicy
from orderflow.breakers.state import BreakerItem
from orderflow.breakers.transitions import Transition
from tests.breaker.callers import Driver, no_values

#: Time passes in ticks of a second.
TICK_MS: Final = 1000
MARGIN_MS: Final = int(LEASE_MARGIN_SECONDS * TICK_MS)
#: A caller's clock is right or ahead by this: less than the lease's margin.
AHEAD_MS: Final = TICK_MS

#: No decision reads these attributes ...
_UNREAD: Final = re.compile(r", #(?:openedAt|reason|updatedBy) = :\w+")
#: ... and of this only its presence is read, as the breaker here always keeps its cooldown.
_CLOSED_AT: Final = "#closedAt = :now"


@dataclass(frozen=True)
class Mutant:
    """A faulty breaker: other transitions, by name, and values for them."""

    replaced: Mapping[str, Transition] = field(default_factory=dict)
    more_values: Callable[[BreakerItem], Mapping[str, Any]] = no_values


@dataclass(frozen=True)
class Scenario:
    """A scenario. Durations are in ticks; ``calls`` and ``ahead`` have one number for each caller.

    Args:
        calls: how many calls each caller makes, one after the other.
        ahead: whether a caller's clock is ahead of the time (1) or right (0).
        call: how long a call takes at most, if it is on time; ``declared_call`` is what the breaker
            believes.
        crashes: callers may stop for ever, anywhere.
        stale: a call's snapshot may be any earlier version of the item.
        lost_replies: the store may fail to answer, with or without having written.
        deletions: how often the item can be deleted.
        every_look: time can pass between any two reads of a clock.
        all_fields: no attribute of the item is left out of the exploration.
    """

    calls: tuple[int, ...]
    ahead: tuple[int, ...] = (0, 0, 0)
    threshold: int = 2
    cooldown: float = 1
    max_cooldown: float = 2
    lease: float = 4
    declared_call: float = 1
    call: int = 1
    crashes: bool = True
    stale: bool = True
    lost_replies: bool = True
    deletions: int = 0
    every_look: bool = False
    all_fields: bool = False
    mutant: Mutant = Mutant()

    @cached_property
    def policy(self) -> BreakerPolicy:
        return BreakerPolicy(
            threshold=self.threshold,
            cooldown_seconds=self.cooldown,
            max_cooldown_seconds=self.max_cooldown,
            jitter=0,
            keep_cooldown_seconds=1_000_000_000,
            lease_seconds=self.lease,
        )

    @cached_property
    def driver(self) -> Driver:
        return Driver(
            self.policy,
            self.declared_call,
            self.every_look,
            self._transition,
            self.mutant.more_values,
        )

    def _transition(self, transition: Transition) -> Transition:
        wanted = self.mutant.replaced.get(transition.name, transition)
        return wanted if self.all_fields else _deciding(wanted)


@cache
def _deciding(transition: Transition) -> Transition:
    """The transition, without attributes that no decision reads."""
    update = _UNREAD.sub("", transition.update).replace(_CLOSED_AT, "#closedAt = :zero")
    return Transition(transition.name, transition.condition, update, transition.missing_is_epoch_0)
