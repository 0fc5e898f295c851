"""The sixth invariant: from every item, a healthy provider brings the breaker to CLOSED.

The callers that there were have all stopped for ever. New ones arrive one after the other, time
passes, and every call that is let through succeeds.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import count
from typing import Any, Final

from orderflow.breakers.breaker import Breaker, Effects
from orderflow.breakers.providers import CallOutcome, Provider
from orderflow.breakers.state import BreakerItem, State
from orderflow.errors import BreakerOpen
from tests.breaker.callers import KEY
from tests.breaker.memory_store import MemoryStore
from tests.breaker.scenario import TICK_MS, Scenario
from tests.breaker.silence import Silence

#: Longer than any cooldown and any lease together.
_PATIENCE_TICKS: Final = 20


def stuck_items(scenario: Scenario, items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The versions of the item from which the breaker does not reach CLOSED."""
    return [item for item in items if not _closes(scenario, item)]


def _closes(scenario: Scenario, item: dict[str, Any]) -> bool:
    store = MemoryStore(item, scenario.driver.transition)
    ids = (f"new-{number}" for number in count())
    for now in range(0, _PATIENCE_TICKS * TICK_MS, TICK_MS):
        _arrive(scenario, store, Effects(partial(int, now), ids.__next__, float))
        if store.item(KEY).state is State.CLOSED:
            return True
    return False


def _arrive(scenario: Scenario, store: MemoryStore, effects: Effects) -> None:
    breaker = Breaker(
        Provider(KEY, scenario.declared_call, lambda _: CallOutcome.FAILURE),
        store,
        lambda: scenario.policy,
        snapshot=BreakerItem.model_validate({"provider": KEY, **store.attributes}),
        by="newcomer",
        events=Silence(),
        effects=effects,
    )
    try:
        with breaker.call():
            pass
    except BreakerOpen:
        pass
