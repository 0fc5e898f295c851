"""The layout of the state machine's drawing."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cdk.definition import load_definition
from scripts.console.executions.graph import drawn

NAMES = st.integers(0, 9).map("S{}".format)


def machine(edges: list[tuple[str, str]]) -> dict[str, Any]:
    """A definition of Choice states with these transitions, from S0."""
    following: dict[str, list[str]] = {"S0": []}
    for source, target in edges:
        following.setdefault(source, []).append(target)
        following.setdefault(target, [])
    states = {
        name: {"Type": "Choice", "Choices": [{"Condition": "{% x %}", "Next": each} for each in to]}
        if to
        else {"Type": "Succeed"}
        for name, to in following.items()
    }
    return {"StartAt": "S0", "States": states}


@given(st.lists(st.tuples(NAMES, NAMES), max_size=25))
def test_states_do_not_overlap_and_arrows_lead_down_through_every_layer(
    edges: list[tuple[str, str]],
) -> None:
    shown = drawn(machine(edges))

    places = {state["name"]: (state["x"], state["y"]) for state in shown["states"]}
    for name, (x, y) in places.items():
        beside = [other for other, (_, row) in places.items() if row == y and other != name]
        assert all(abs(places[other][0] - x) > 0.99 for other in beside)
    for arrow in shown["arrows"]:
        top, bottom = places[arrow["from"]][1], places[arrow["to"]][1]
        layers = [top, *(y for _, y in arrow["bends"]), bottom]
        if bottom > top and arrow["bends"]:
            assert all(lower - upper == 1 for upper, lower in pairwise(layers))


def test_the_workflow_starts_at_the_top_and_every_transition_is_drawn() -> None:
    definition = load_definition()

    shown = drawn(definition)

    top = [state["name"] for state in shown["states"] if state["y"] == 0]
    assert top == ["ParseOrder"]
    assert {state["name"] for state in shown["states"]} == set(definition["States"])
    arrows = {(arrow["from"], arrow["to"]): arrow for arrow in shown["arrows"]}
    assert arrows["CreatePaymentLink", "ScheduleRecovery"]["isCaught"]
    assert arrows["ParseOrder", "ReadBreakers"]["isMain"]
    assert arrows["ParseOrder", "RejectOrder"]["isCaught"]
