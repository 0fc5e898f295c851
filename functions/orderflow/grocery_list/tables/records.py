"""Finds records, tables of a line for each cell: "Item: Rice", "Size: 5kg", "Qty: 2"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.tables.cells import Line
from orderflow.grocery_list.tables.heads import Role, role_of
from orderflow.grocery_list.tables.rows import Row, is_price
from orderflow.grocery_list.tables.values import NONE_OF_IT

#: A text without such a line has no records: one that says how many, or at what price.
FIGURE_LINE: Final = re.compile(
    r"^[ \t]*(?:qty|qnty|quantity|no\. of [a-z]+|(?:unit )?(?:price|cost|rate))[ \t]*[:=]",
    re.IGNORECASE | re.MULTILINE,
)
_LABELLED: Final = re.compile(
    r"(?P<mark>[ \t]*(?:[-*•]|\d{1,3}[.)])?[ \t]*)"
    r"(?P<label>[^\W\d_][^:=]{0,24})[:=][ \t]*(?P<said>.*)"
)
_THINGS: Final = frozenset({Role.ITEM, Role.DESCRIPTION})
_FIGURES: Final = frozenset({Role.QUANTITY, Role.UNIT, Role.PRICE})
_PRICES: Final = frozenset({Role.PRICE, Role.TOTAL})


class Record(NamedTuple):
    """The numbers of a record's lines, and the row that these make."""

    lines: range
    row: Row


class _Cell(NamedTuple):
    role: str | None
    said: str
    start: int


def records_of(lines: Sequence[Line]) -> Iterator[Record]:
    """The records that say how much of a thing is asked for; its line may have no label."""
    cells = [_cell(line) for line in lines]
    place = 0
    while place < len(cells):
        end = place + 1
        if _names_a_thing(cells, place):
            while end < len(cells) and cells[end].role not in {None, *_THINGS}:
                end += 1
            row = _row(cells[place:end], lines[end - 1])
            if row.quantity or row.price or row.reason:
                yield Record(range(place, end), row)
        place = end


def _cell(line: Line) -> _Cell:
    match = _LABELLED.fullmatch(line.text)
    role = role_of(match["label"].strip()) if match else None
    if match is None or role is None:
        blanks = len(line.text) - len(line.text.lstrip())
        return _Cell(None, line.text.strip(), line.start + blanks)
    return _Cell(role, match["said"].strip(), line.start + len(match["mark"]))


def _names_a_thing(cells: Sequence[_Cell], place: int) -> bool:
    cell = cells[place]
    if cell.role is None and cell.said[-1:] not in {"", ":"}:
        return place + 1 < len(cells) and cells[place + 1].role in _FIGURES
    return cell.role in _THINGS and any(map(str.isalpha, cell.said))


def _row(cells: Sequence[_Cell], last: Line) -> Row:
    thing, *rest = cells
    said = {cell.role: cell.said for cell in reversed(rest)}
    quantity = said.get(Role.QUANTITY, "")
    prices = (cell.said for cell in rest if cell.role in _PRICES)
    return Row(
        thing.start,
        last.start + len(last.text),
        thing.said,
        quantity,
        said.get(Role.UNIT, ""),
        next(filter(is_price, prices), ""),
        tuple(cell.said for cell in rest if cell.role == Role.NOTE and cell.said),
        Reason.REFUSED if quantity.lower() in NONE_OF_IT else "",
    )
