"""The breaker's invariants in every interleaving of a few callers.

These explorations are small; ``make verify-breaker`` runs the large ones. See docs/breaker.md.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.providers import CallOutcome, Provider
from orderflow.breakers.settings import BreakerPolicy
from orderflow.breakers.state import State
from orderflow.breakers.transitions import OPEN_AT_THRESHOLD, TRANSITIONS, Transition
from tests.breaker.explorer import NOT_OPENED, STUCK, TWO_PROBES, Explorer, explore
from tests.breaker.memory_store import MemoryStore
from tests.breaker.mutants import MUTANTS
from tests.breaker.scenario import Mutant, Scenario
from tests.breaker.scenarios import QUICK
from tests.breaker.silence import Silence

#: The invariant by which each mutant is caught.
CAUGHT_BY = {
    "an unconditional claim": "2",
    "no epoch on the count": "1",
    "no epoch on the opening": "3",
    "no probe id on the report": "3",
    "a lease shorter than the call": "2",
    "a lease that no call fits into": "6",
    "a late success closes": "1",
    "a count where the last write wins": "4",
    "an opening below the threshold": "5",
    "no epoch on the reset": "3",
    "neither epoch nor probe id on the report": "3",
    "a claim that keeps the epoch": "1",
}


@pytest.mark.parametrize("name", QUICK)
def test_the_invariants_hold(name: str) -> None:
    found = explore(QUICK[name])

    assert found.problem is None, "\n".join(found.trace)
    assert found.states > 50


@pytest.mark.parametrize("name", MUTANTS)
def test_every_mutant_is_caught(name: str) -> None:
    found = explore(MUTANTS[name])

    assert (found.problem or "not caught")[0] == CAUGHT_BY[name]
    assert found.trace


def test_a_lease_shorter_than_the_call_allows_two_probes_at_once() -> None:
    found = explore(MUTANTS["a lease shorter than the call"])

    assert found.problem == TWO_PROBES
    setting_out = [line for line in found.trace if "calls as the probe" in line]
    assert len(setting_out) == 2


def test_a_breaker_that_never_closes_is_detected() -> None:
    assert explore(MUTANTS["a lease that no call fits into"]).problem == STUCK


def test_failures_that_do_not_open_the_breaker_are_detected() -> None:
    never = Transition(
        OPEN_AT_THRESHOLD.name, "attribute_not_exists(#provider)", OPEN_AT_THRESHOLD.update
    )
    scenario = Scenario(
        (1, 1), crashes=False, lost_replies=False, mutant=Mutant({never.name: never})
    )

    assert explore(scenario).problem == NOT_OPENED


class TestExplorer:
    """The reductions of the search leave no state out."""

    def test_the_search_takes_the_steps_of_its_traces(self) -> None:
        explorer = Explorer(Scenario((2, 1), threshold=1, deletions=1))

        seen = 0
        queue = [explorer.start()]
        met = set(queue)
        while queue and seen < 300:
            state = queue.pop(0)
            afters = set(explorer.afters(state) or [])
            assert afters == {explorer.state_after(step) for step in explorer.steps(state)}
            queue += afters - met
            met |= afters
            seen += 1
        assert seen == 300

    def test_a_breaker_keeps_no_state_but_the_item(self) -> None:
        """The explorer builds a new breaker for each half of a call."""
        store = MemoryStore()
        breaker = Breaker(
            Provider("paystack", 1, lambda _: CallOutcome.FAILURE),
            store,
            lambda: BreakerPolicy(threshold=1),
            snapshot=store.item("paystack"),
            by="test",
            events=Silence(),
        )
        before = dict(vars(breaker))

        breaker.report(breaker.admit(), CallOutcome.FAILURE)

        assert {name for name, value in vars(breaker).items() if value is not before[name]} == {
            "_item"
        }

    def test_every_transition_and_every_state_is_reached(self) -> None:
        explorer = Explorer(QUICK["3 callers with 1 call each"])
        explorer.search()

        states = {item.as_breaker_item.state for item in explorer.world.items.things}
        assert states == set(State)
        written = {
            re.sub(r".*writes “([^”]+)”.*", r"\1", move.text)
            for move in explorer.moves_met()
            if "writes" in move.text
        }
        assert written == {one.name for one in TRANSITIONS}

    @pytest.mark.parametrize(
        "fine", [{"every_look": True}, {"all_fields": True}], ids=lambda one: next(iter(one))
    )
    def test_the_reductions_change_no_version_of_the_item(self, fine: dict[str, Any]) -> None:
        """Time stands still between two reads of a clock; unread attributes are dropped."""
        coarse, exact = (
            Explorer(Scenario((2,), threshold=1, ahead=(1,), **flags)) for flags in ({}, fine)
        )
        for explorer in (coarse, exact):
            assert explorer.search().problem is None

        assert versions(coarse) == versions(exact)


def versions(explorer: Explorer) -> set[tuple[Any, ...]]:
    """The versions of the item that were reached, by the attributes that matter."""
    return {
        (
            *(item.state, item.epoch, item.failures, item.opens),
            item.retry_at if item.state is State.OPEN else None,
            item.probe_until,
            item.probe_id,
        )
        for item in (each.as_breaker_item for each in explorer.world.items.things)
    }
