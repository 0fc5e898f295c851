"""How much of a list a parser understands: quantity, unit and name, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from orderflow.grocery_list.parser import parse
from scripts.evaluation.labelled import LabelledLine, LabelledList
from scripts.evaluation.perturbations import Rewrite


class ParsedLine(NamedTuple):
    """What a parser made of one line. The unit is canonical and singular, "" for none."""

    quantity: Decimal
    unit: str
    name: str


#: Reads a text of any number of lines.
Parser = Callable[[str], Sequence[ParsedLine]]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many of a slice's ``lines`` a parser read rightly, as a whole and in parts."""

    slice: str
    lines: int
    quantity: int = 0
    unit: int = 0
    name: int = 0
    everything: int = 0

    def share(self, part: str) -> float:
        """0 to 1, for ``quantity``, ``unit``, ``name`` or ``everything``."""
        right: int = getattr(self, part)
        return right / self.lines if self.lines else 0.0

    def renamed(self, slice_: str) -> Accuracy:
        """The same of a slice by another name."""
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


def read_single_lines(
    slice_: str, parser: Parser, items: Iterable[tuple[str, LabelledLine]]
) -> Accuracy:
    """The accuracy on texts of one line each; a text read as several lines is wrong in all."""
    total = Accuracy(slice_, 0)
    for text, label in items:
        readings = parser(text)
        total += _compared(slice_, label, readings[0] if len(readings) == 1 else None)
    return total


def read_rewrites(parser: Parser, rewritten: Sequence[Rewrite]) -> list[Accuracy]:
    """The accuracy on each style of rewrite."""
    styles = dict.fromkeys(rewrite.style for rewrite in rewritten)
    return [
        read_single_lines(
            style, parser, [(one.text, one.label) for one in rewritten if one.style == style]
        )
        for style in styles
    ]


def read_lists(slice_: str, parser: Parser, lists: Iterable[LabelledList]) -> Accuracy:
    """The accuracy on the lines of whole lists.

    Where a parser finds another number of lines than there are, lines are compared by their names.
    """
    total = Accuracy(slice_, 0)
    for each in lists:
        readings = parser(each.text)
        for label, reading in zip(each.lines, _aligned(each.lines, readings), strict=True):
            total += _compared(slice_, label, reading)
    return total


def _aligned(
    labels: Sequence[LabelledLine], readings: Sequence[ParsedLine]
) -> Sequence[ParsedLine | None]:
    if len(labels) == len(readings):
        return readings
    left = list(readings)
    aligned: list[ParsedLine | None] = []
    for label in labels:
        found = next((one for one in left if _same_name(label, one)), None)
        if found:
            left.remove(found)
        aligned.append(found)
    return aligned


def _compared(slice_: str, label: LabelledLine, reading: ParsedLine | None) -> Accuracy:
    if reading is None:
        return Accuracy(slice_, 1)
    quantity = label.has_quantity(reading.quantity)
    unit, name = label.unit == reading.unit, _same_name(label, reading)
    return Accuracy(slice_, 1, quantity, unit, name, quantity and unit and name)


def _same_name(label: LabelledLine, reading: ParsedLine) -> bool:
    # Shouted names are compared with what was meant: case says nothing.
    return label.name.casefold() == reading.name.casefold()
