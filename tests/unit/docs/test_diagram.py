"""The drawings of the state machine: complete and syntactically safe."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from cdk.definition import load_definition
from scripts.documentation.diagram import Arrow, arrows, draw, main_arrows, node_id

DEFINITION = load_definition()
STATES: dict[str, dict[str, Any]] = DEFINITION["States"]
FULL = draw(DEFINITION, arrows(DEFINITION), details=True)
EDGE = re.compile(r'^(\w+) (-->|-\.->)(?:\|"([^"]*)"\|)? (\w+)$')
#: Mermaid's keywords, in any case.
RESERVED = {"end", "graph", "subgraph", "flowchart", "class", "style", "click", "default"}


def edges(drawing: str) -> Counter[tuple[str, str, str]]:
    found = (EDGE.match(line) for line in drawing.splitlines())
    return Counter((edge[1], edge[2], edge[4]) for edge in found if edge)


def test_every_state_is_drawn_under_its_own_name() -> None:
    ids = {name: node_id(name) for name in STATES}
    assert len(set(ids.values())) == len(STATES)
    for name, node in ids.items():
        assert re.search(rf'^{node}\W+"{re.escape(name)}(<br/>.+?)?"\W+:::\w+$', FULL, re.MULTILINE)
        assert re.fullmatch(r"\w+", node)
        assert node.lower() not in RESERVED


def test_every_transition_is_drawn_and_no_other() -> None:
    wanted: Counter[tuple[str, str, str]] = Counter()
    for name, state in STATES.items():
        plain = [state[key] for key in ("Next", "Default") if key in state]
        plain += [choice["Next"] for choice in state.get("Choices", [])]
        wanted.update((node_id(name), "-->", node_id(target)) for target in plain)
        for catcher in state.get("Catch", []):
            wanted[node_id(name), "-.->", node_id(catcher["Next"])] += 1

    assert edges(FULL) == wanted
    ends = {node_id(name) for name, state in STATES.items() if not {"Next", "Default"} & {*state}}
    assert set(re.findall(r"^(\w+) --> finish\(\(\(end\)\)\)$", FULL, re.MULTILINE)) == ends
    assert f"start((start)) --> {node_id(DEFINITION['StartAt'])}" in FULL


def test_each_kind_of_state_has_its_class_and_the_legend_explains_it() -> None:
    kinds = dict(re.findall(r"^(\w+)\W+.*:::(\w+)$", FULL, re.MULTILINE))
    assert kinds["ParseOrder"] == "function"
    assert kinds["ScheduleRecovery"] == "direct"
    assert kinds["ParkOrder"] == kinds["AwaitPayment"] == "waiting"
    assert kinds["LinkPossible"] == "choice"
    assert kinds["OrderClosed"] == "closed"
    for kind in set(kinds.values()):
        assert kinds[f"legend_{kind}"] == kind
        assert f"classDef {kind} " in FULL


def test_an_arrow_is_labelled_with_its_condition() -> None:
    drawn = arrows(
        {
            "StartAt": "Ask?",
            "States": {
                "Ask?": {
                    "Type": "Choice",
                    "Choices": [{"Condition": "{% $count = 0 %}", "Next": "Work"}],
                    "Default": "Done",
                },
                "Work": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::dynamodb:getItem",
                    "Catch": [
                        {"ErrorEquals": ["DynamoDB.A", "DynamoDB.B", "Refused"], "Next": "Done"}
                    ],
                    "Next": "Done",
                },
                "Done": {"Type": "Succeed"},
            },
        }
    )

    assert drawn == [
        Arrow("Ask?", "Work", "count = 0"),
        Arrow("Ask?", "Done", "otherwise"),
        Arrow("Work", "Done"),
        Arrow("Work", "Done", "2 DynamoDB errors<br/>Refused", is_caught=True),
    ]


def test_the_short_drawing_keeps_the_happy_path_and_the_fallbacks() -> None:
    short = main_arrows(DEFINITION)
    plain = [arrow for arrow in arrows(DEFINITION) if not arrow.is_caught]
    caught = {(arrow.source, arrow.target) for arrow in short if arrow.is_caught}

    assert [arrow for arrow in short if not arrow.is_caught] == plain
    assert ("MatchProducts", "MatchByName") in caught
    assert ("CreatePaymentLink", "ScheduleRecovery") in caught
    assert ("VerifyPayment", "ExpireOrder") in caught
    assert ("VerifyPayment", "CancelOrder") in caught
    # A caught error that leads where the state goes on anyway is no way of its own.
    assert not {(arrow.source, arrow.target) for arrow in plain} & caught
    assert not any(target == "OrderClosed" for _, target in caught)
    assert "OrderClosed" not in draw(DEFINITION, short, details=False)
