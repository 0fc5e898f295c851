"""How a parser's lines are compared with what a message asks for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from orderflow.units import COUNTED_UNITS, MEASURES
from scripts.evaluation.cases.labelled import DATA
from scripts.evaluation.messages import (
    AcceptedReading,
    Message,
    MessageAccuracy,
    MessageLine,
    load_messages,
    score_messages,
)
from scripts.evaluation.parsing import ParsedLine, our_parser


def _line(*readings: tuple[int, str, str]) -> MessageLine:
    return MessageLine(
        accept=tuple(
            AcceptedReading(quantity=Decimal(quantity), unit=unit, names=(name, f"{name}s"))
            for quantity, unit, name in readings
        )
    )


PACKS = Message(
    id="M1",
    tags=("sizes",),
    text="2 x 2kg rice, egg",
    lines=(_line((2, "", "rice"), (4, "kilogram", "rice")), _line((1, "", "egg"))),
)


def _score(*parsed: tuple[int, str, str]) -> MessageAccuracy:
    def parse(text: str) -> Sequence[ParsedLine]:
        return [ParsedLine(Decimal(quantity), unit, name) for quantity, unit, name in parsed]

    return score_messages("here", parse, [PACKS])


def test_each_accepted_reading_and_name_is_right() -> None:
    right = MessageAccuracy("here", messages=1, lines=2, right=2, produced=2, whole=1)

    assert _score((2, "", "Rice"), (1, "", "eggs")) == right
    assert _score((4, "kilogram", "rice"), (1, "", "egg")) == right


def test_a_line_too_many_costs_precision_and_the_message() -> None:
    accuracy = _score((2, "", "rice"), (1, "", "egg"), (1, "", "thanks"))

    assert (accuracy.recall, accuracy.whole_share) == (1.0, 0.0)
    assert accuracy.precision == pytest.approx(2 / 3)


def test_parts_of_two_readings_make_no_right_one() -> None:
    assert _score((4, "", "rice"), (1, "", "egg")).right == 1


def test_two_lines_that_are_alike_need_two_lines() -> None:
    twice = PACKS.model_copy(update={"lines": (_line((1, "", "egg")), _line((1, "", "egg")))})

    accuracy = score_messages("here", lambda _: [ParsedLine(Decimal(1), "", "egg")], [twice])

    assert accuracy.right == 1


@pytest.mark.parametrize(
    "name",
    [f"shoppers_{name}" for name in ("dev", "own", "more", "outside", "second", "fresh")],
)
def test_the_parser_reads_the_messages_that_it_is_judged_by(name: str) -> None:
    accuracy = score_messages(name, our_parser, load_messages(DATA / f"{name}.jsonl"))

    assert accuracy.recall > 0.95
    assert accuracy.precision > 0.95
    assert accuracy.whole_share > 0.8


@pytest.mark.parametrize(
    ("name", "recall", "precision", "whole"),
    [
        ("shoppers_held_out", 0.95, 0.94, 0.83),
        ("shoppers_outside_held_out", 0.89, 0.87, 0.51),
        ("shoppers_fresh_held_out", 0.97, 0.95, 0.83),
    ],
)
def test_the_parser_keeps_what_it_reads_of_messages_that_nobody_tuned_on(
    name: str, recall: float, precision: float, whole: float
) -> None:
    accuracy = score_messages(name, our_parser, load_messages(DATA / f"{name}.jsonl"))

    # As measured, less a margin: these messages only judge, and their mistakes are not read.
    assert accuracy.recall > recall
    assert accuracy.precision > precision
    assert accuracy.whole_share > whole


@pytest.mark.parametrize(
    "name",
    [
        f"shoppers_{name}"
        for name in ("outside", "outside_held_out", "second", "fresh", "fresh_held_out")
    ],
)
def test_labels_have_units_by_their_canonical_names(name: str) -> None:
    units = {
        reading.unit
        for message in load_messages(DATA / f"{name}.jsonl")
        for line in message.lines
        for reading in line.accept
    }

    assert units - {"", "centimeter"} <= MEASURES | COUNTED_UNITS
