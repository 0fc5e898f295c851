"""The drawings of the state machine: complete, syntactically safe, and up to date."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from cdk.definition import load_definition
from scripts import diagram
from scripts.diagram import Arrow, MarkersMissingError, arrows, draw, main_arrows, node_id

DEFINITION = load_definition()
STATES: dict[str, dict[str, Any]] = DEFINITION["States"]
FULL = draw(DEFINITION, arrows(DEFINITION), details=True)
EDGE = re.compile(r'^(\w+) (-->|-\.->)(?:\|"([^"]*)"\|)? (\w+)$')
#: What Mermaid reads as its own words, in whatever case.
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
    assert f"start((start)) --> {node_id(DEFINITION['StartAt'])}" in FULL


def test_each_kind_of_state_has_its_class_and_the_legend_explains_it() -> None:
    kinds = dict(re.findall(r"^(\w+)\W+.*:::(\w+)$", FULL, re.MULTILINE))
    assert kinds["ParseOrder"] == "function"
    assert kinds["ScheduleRecovery"] == "direct"
    assert kinds["ParkOrder"] == kinds["AwaitPayment"] == "waiting"
    assert kinds["AnythingMatched"] == "choice"
    assert kinds["OrderClosed"] == "closed"
    for kind in set(kinds.values()):
        assert kinds[f"legend_{kind}"] == kind
        assert f"classDef {kind} " in FULL


def test_an_arrow_says_what_takes_it() -> None:
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
    assert ("AwaitPayment", "ExpireOrder") in caught
    assert ("NotifyCustomer", "AwaitPayment") not in caught
    assert not any(target == "OrderClosed" for _, target in caught)


def test_the_drawings_in_the_repository_are_up_to_date() -> None:
    assert [path.name for path in diagram.outdated(DEFINITION)] == [], "run `make diagram`"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only file that has a drawing, an old one."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{diagram.START}\nold\n{diagram.END}\nafter\n")
    monkeypatch.setattr(diagram, "ROOT", tmp_path)
    monkeypatch.setattr(diagram, "drawings", lambda _: {page: "flowchart TD"})
    return page


def run(*arguments: str) -> tuple[int, str]:
    app = Typer()
    app.command()(diagram.main)
    result = CliRunner().invoke(app, [*arguments])
    return result.exit_code, result.output


def test_check_reports_an_old_drawing_and_leaves_it(page: Path) -> None:
    assert run("--check") == (1, "page.md: out of date\n")
    assert "old" in page.read_text()


def test_redrawing_replaces_what_is_between_the_markers_once(page: Path) -> None:
    assert run() == (0, "page.md: redrawn\n")
    text = page.read_text()
    assert text.startswith(f"before\n{diagram.START}\n")
    assert text.endswith(f"```mermaid\nflowchart TD\n```\n{diagram.END}\nafter\n")
    assert run() == (0, "")
    assert run("--check") == (0, "")
    assert page.read_text() == text


@pytest.mark.parametrize("text", ["", diagram.START, f"{diagram.END}{diagram.START * 2}"])
def test_a_file_without_its_markers_is_named(page: Path, text: str) -> None:
    page.write_text(text)
    code, output = run()
    assert code == 1
    assert output.startswith("error: page.md needs one")
    with pytest.raises(MarkersMissingError):
        diagram.with_drawing(text, "flowchart TD")
