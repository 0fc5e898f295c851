"""The accuracy of a parser: quantity, unit and name, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from orderflow.grocery_list.known_names import KnownNames
from orderflow.grocery_list.parser import parse
from scripts.evaluation.cases.labelled import LabelledLine, LabelledList
from scripts.evaluation.cases.perturbations import PerturbedLine


class ParsedLine(NamedTuple):
    """A parser's result for one line. The unit is canonical and singular, "" for none."""

    quantity: Decimal
    unit: str
    name: str


#: Parses a text of any number of lines.
Parser = Callable[[str], Sequence[ParsedLine]]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many of a slice's ``lines`` a parser parsed correctly, as a whole and in parts."""

    slice: str
    lines: int
    quantity: int = 0
    unit: int = 0
    name: int = 0
    everything: int = 0

    def share(self, part: str) -> float:
        """0 to 1, for ``quantity``, ``unit``, ``name`` or ``everything``."""
        correct: int = getattr(self, part)
        return correct / self.lines if self.lines else 0.0

    def renamed(self, slice_: str) -> Accuracy:
        """The same counts under another slice name."""
        return replace(self, slice=slice_)

    def __add__(self, other: Accuracy) -> Accuracy:
        return Accuracy(
            self.slice,
            self.lines + other.lines,
            self.quantity + other.quantity,
            self.unit + other.unit,
            self.name + other.name,
            self.everything + other.everything,
        )


def our_parser(text: str) -> list[ParsedLine]:
    """:func:`orderflow.grocery_list.parser.parse`."""
    return [ParsedLine(line.quantity, line.unit, line.name) for line in parse(text).lines]


def our_parser_knowing(names: KnownNames) -> Parser:
    """The same with the names of a catalog."""

    def parse_with_names(text: str) -> list[ParsedLine]:
        return [
            ParsedLine(line.quantity, line.unit, line.name) for line in parse(text, names).lines
        ]

    return parse_with_names


def score_single_lines(
    slice_: str, parser: Parser, items: Iterable[tuple[str, LabelledLine]]
) -> Accuracy:
    """The accuracy on texts of one line each.

    A text that is parsed as several lines counts as wrong in all parts.
    """
    total = Accuracy(slice_, 0)
    for text, label in items:
        parsed_lines = parser(text)
        total += _score_line(slice_, label, parsed_lines[0] if len(parsed_lines) == 1 else None)
    return total


def score_perturbed_lines(parser: Parser, perturbed: Sequence[PerturbedLine]) -> list[Accuracy]:
    """The accuracy on each style of perturbation."""
    styles = dict.fromkeys(line.style for line in perturbed)
    return [
        score_single_lines(
            style, parser, [(one.text, one.label) for one in perturbed if one.style == style]
        )
        for style in styles
    ]


def score_lists(slice_: str, parser: Parser, lists: Iterable[LabelledList]) -> Accuracy:
    """The accuracy on the lines of whole lists.

    Where the number of parsed lines differs from the number of labels, lines are paired by name.
    """
    total = Accuracy(slice_, 0)
    for each in lists:
        parsed_lines = parser(each.text)
        for label, parsed in zip(each.lines, _align(each.lines, parsed_lines), strict=True):
            total += _score_line(slice_, label, parsed)
    return total


def _align(
    labels: Sequence[LabelledLine], parsed_lines: Sequence[ParsedLine]
) -> Sequence[ParsedLine | None]:
    if len(labels) == len(parsed_lines):
        return parsed_lines
    unpaired = list(parsed_lines)
    aligned: list[ParsedLine | None] = []
    for label in labels:
        found = next((one for one in unpaired if _same_name(label, one)), None)
        if found:
            unpaired.remove(found)
        aligned.append(found)
    return aligned


def _score_line(slice_: str, label: LabelledLine, parsed: ParsedLine | None) -> Accuracy:
    if parsed is None:
        return Accuracy(slice_, 1)
    quantity = label.has_quantity(parsed.quantity)
    unit, name = label.unit == parsed.unit, _same_name(label, parsed)
    return Accuracy(slice_, 1, quantity, unit, name, quantity and unit and name)


def _same_name(label: LabelledLine, parsed: ParsedLine) -> bool:
    # Upper-case names count as correct: case carries no meaning.
    return label.name.casefold() == parsed.name.casefold()
