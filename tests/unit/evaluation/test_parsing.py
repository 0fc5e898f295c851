"""How readings are compared with labels, and how lines are made messy."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from scripts.evaluation.labelled import DevLine, LabelledLine, LabelledList
from scripts.evaluation.parsing import Accuracy, ParsedLine, our_parser, read_lists, read_rewrites
from scripts.evaluation.perturbations import STYLES, rewrites, written_dev_line

MILK = LabelledLine(quantity=Decimal(2), unit="cup", name="milk")
EGGS = LabelledLine(quantity=Decimal(3), unit="", name="eggs")
BOTH = LabelledList(id="general-1", text="2 cups milk, 3 eggs", lines=(MILK, EGGS))


def _reading(*readings: tuple[int, str, str]) -> Accuracy:
    def parse(text: str) -> Sequence[ParsedLine]:
        return [ParsedLine(Decimal(quantity), unit, name) for quantity, unit, name in readings]

    return read_lists("here", parse, [BOTH])


def test_quantity_unit_and_name_are_counted_apart_and_together() -> None:
    assert _reading((2, "cup", "MILK"), (3, "", "eggs")) == Accuracy("here", 2, 2, 2, 2, 2)
    assert _reading((2, "", "milk"), (4, "", "egg")) == Accuracy("here", 2, 1, 1, 1, 0)


def test_a_line_too_few_or_too_many_makes_only_that_line_wrong() -> None:
    assert _reading((3, "", "eggs")).everything == 1
    assert _reading((2, "cup", "milk"), (1, "", "and"), (3, "", "eggs")).everything == 2


def test_a_rewrite_keeps_amount_and_name_in_every_style() -> None:
    line = DevLine(text="1 1/2 cups milk", quantity=Decimal("1.5"), unit="cup", name="milk")
    written = written_dev_line(line)
    assert written is not None

    made = rewrites([written], seed=1)

    assert [each.style for each in made] == list(STYLES)
    assert all("milk" in each.text.casefold() for each in made)
    assert {each.label for each in made} == {line.label()}
    assert made[0].text.startswith("1½cup")


def test_slices_come_in_the_order_of_their_rewrites() -> None:
    line = DevLine(text="2 cups milk", quantity=Decimal(2), unit="cup", name="milk")
    written = written_dev_line(line)
    assert written is not None

    accuracies = read_rewrites(our_parser, rewrites([written], seed=1))

    assert [each.slice for each in accuracies] == list(STYLES)
    assert all(each.share("everything") == 1 for each in accuracies)
