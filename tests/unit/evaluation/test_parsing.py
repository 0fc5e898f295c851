"""Parsed lines are compared with labels, and lines are perturbed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from scripts.evaluation.cases.labelled import DevLine, LabelledLine, LabelledList
from scripts.evaluation.cases.perturbations import STYLES, dev_line_text, perturb
from scripts.evaluation.parsing import (
    Accuracy,
    ParsedLine,
    our_parser,
    score_lists,
    score_perturbed_lines,
)

MILK = LabelledLine(quantity=Decimal(2), unit="cup", name="milk")
EGGS = LabelledLine(quantity=Decimal(3), unit="", name="eggs")
BOTH = LabelledList(id="general-1", text="2 cups milk, 3 eggs", lines=(MILK, EGGS))


def _score(*parsed_lines: tuple[int, str, str]) -> Accuracy:
    def parse(text: str) -> Sequence[ParsedLine]:
        return [ParsedLine(Decimal(quantity), unit, name) for quantity, unit, name in parsed_lines]

    return score_lists("here", parse, [BOTH])


def test_quantity_unit_and_name_are_counted_separately_and_together() -> None:
    assert _score((2, "cup", "MILK"), (3, "", "eggs")) == Accuracy("here", 2, 2, 2, 2, 2)
    assert _score((2, "", "milk"), (4, "", "egg")) == Accuracy("here", 2, 1, 1, 1, 0)


def test_a_missing_or_extra_line_counts_as_one_error() -> None:
    assert _score((3, "", "eggs")).everything == 1
    assert _score((2, "cup", "milk"), (1, "", "and"), (3, "", "eggs")).everything == 2


def test_a_perturbation_keeps_amount_and_name_in_every_style() -> None:
    line = DevLine(text="1 1/2 cups milk", quantity=Decimal("1.5"), unit="cup", name="milk")
    item = dev_line_text(line)
    assert item is not None

    perturbed = perturb([item], seed=1)

    assert [each.style for each in perturbed] == list(STYLES)
    assert all("milk" in each.text.casefold() for each in perturbed)
    assert {each.label for each in perturbed} == {line.label()}
    assert perturbed[0].text.startswith("1½cup")


def test_slices_are_in_the_order_of_the_styles() -> None:
    line = DevLine(text="2 cups milk", quantity=Decimal(2), unit="cup", name="milk")
    item = dev_line_text(line)
    assert item is not None

    accuracies = score_perturbed_lines(our_parser, perturb([item], seed=1))

    assert [each.slice for each in accuracies] == list(STYLES)
    assert all(each.share("everything") == 1 for each in accuracies)
