"""The budget of an order: what was measured keeps to it, and what grows is named."""

from __future__ import annotations

import pytest

from scripts.cost.measured_order import EARLIER, measured_order
from scripts.cost.usage import Unit, Usage
from tests.support.order_budget import BUDGET, CAUSED, TRANSITIONS_TO_LINK, over_budget


def test_the_measured_order_keeps_to_its_budget() -> None:
    present = measured_order()
    assert present.transitions_to_link <= TRANSITIONS_TO_LINK
    assert present.transitions <= BUDGET[Unit.TRANSITIONS]
    assert over_budget(present.used) == {}


def test_an_order_makes_fewer_transitions_than_it_did() -> None:
    before = measured_order(EARLIER).used.of(Unit.TRANSITIONS)
    assert measured_order().used.of(Unit.TRANSITIONS) <= before - 3


@pytest.mark.parametrize("unit", BUDGET)
def test_one_more_of_a_unit_is_too_much(unit: Unit) -> None:
    most = BUDGET[unit]
    assert over_budget(Usage({(unit, "any"): most})) == {}
    assert over_budget(Usage({(unit, "any"): most + 1})) == {str(unit): (most + 1, most)}


@pytest.mark.parametrize("name", CAUSED)
def test_one_invocation_more_of_a_consumer_is_too_much(name: str) -> None:
    most = CAUSED[name]
    assert over_budget(Usage({(Unit.FUNCTION_REQUESTS, name): most + 1})) == {
        name: (most + 1, most)
    }
