"""Makes rows of a table's lines: a thing, how much of it, what it costs, what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.tables.cells import WIDE, Cell
from orderflow.grocery_list.tables.columns import Columns
from orderflow.grocery_list.tables.values import DITTO, NONE_OF_IT, TICKS, UNTICKED, Value, value_in
from orderflow.grocery_list.words.sums import is_sum, is_total, label_of
from orderflow.grocery_list.words.talk_words import MEALS, SECTIONS

_SECTIONS: Final = SECTIONS | MEALS
_LONGEST_CODE: Final = 3  # letters: "OMO" is a thing
_NO_NOTES: Final = frozenset({"any", "none", "any brand", "nil"})


class Row(NamedTuple):
    """A row as written. ``reason`` says why it asks for nothing; "" where it does."""

    start: int
    end: int
    item: str
    quantity: str = ""
    unit: str = ""
    price: str = ""
    notes: tuple[str, ...] = ()
    reason: str = ""


class Grid(NamedTuple):
    """How a table's lines are cut: by which mark, in how many cells, below which heads.

    ``item`` is the column that a mark too many stands in.
    """

    mark: str
    width: int
    item: int = 0
    heads: Sequence[Cell] = ()


def aligned(cells: Sequence[Cell], grid: Grid) -> list[str]:
    """The texts of a row's cells by column; "" where it has none.

    Among blanks a cell belongs to the head that is nearest. Cells too many are blank, or of the
    item.
    """
    if grid.mark == WIDE and grid.heads and len(cells) != grid.width:
        return _by_place(cells, grid.heads)
    texts = [cell.text for cell in cells]
    while len(texts) > grid.width and "" in texts:
        texts.pop(len(texts) - 1 - texts[::-1].index(""))
    surplus = len(texts) - grid.width
    if surplus > 0:
        joint = f"{grid.mark} " if grid.mark in ",;" else grid.mark
        within = slice(grid.item, grid.item + surplus + 1)
        texts[within] = [joint.join(texts[within])]
    return texts + [""] * (grid.width - len(texts))


def _by_place(cells: Sequence[Cell], heads: Sequence[Cell]) -> list[str]:
    texts = [""] * len(heads)
    for cell in cells:
        distances = [min(abs(cell.start - head.start), abs(cell.end - head.end)) for head in heads]
        place = distances.index(min(distances))
        texts[place] = f"{texts[place]} {cell.text}".strip()
    return texts


def rows_of(lines: Sequence[tuple[int, int, list[str]]], columns: Columns) -> Iterator[Row]:
    """The rows of a table.

    Args:
        lines: where each begins and ends in the list, and its cells.
        columns: what these hold.
    """
    above: list[str] = []
    has_quantities = columns.quantity is not None
    for start, end, cells in lines:
        above = _without_ditto(cells, above)
        yield _row(
            start, end, above, columns, is_section=has_quantities and _is_section(above, columns)
        )


def _without_ditto(cells: Sequence[str], above: Sequence[str]) -> list[str]:
    """The cells, with what stands above each mark that says "the same"."""
    if not above:
        return list(cells)
    return [
        over if cell.lower() in DITTO else cell for cell, over in zip(cells, above, strict=True)
    ]


def _row(start: int, end: int, cells: Sequence[str], columns: Columns, *, is_section: bool) -> Row:
    item, quantity = cells[columns.item], _quantity(cells, columns)
    if is_section:
        return Row(start, end, item, reason=Reason.HEADING)
    if _is_sum(cells, columns, quantity):
        return Row(start, end, item, reason=Reason.MONEY)
    if _is_refused(cells, columns, quantity):
        return Row(start, end, item, reason=Reason.REFUSED)
    return Row(
        start,
        end,
        item,
        quantity,
        cells[columns.unit] if columns.unit is not None else "",
        _price(cells, columns),
        tuple(note for place in columns.notes if _says(note := cells[place])),
    )


def _says(note: str) -> bool:
    return note.lower() not in _NO_NOTES and value_in(note) not in {Value.BLANK, Value.TICK}


def _quantity(cells: Sequence[str], columns: Columns) -> str:
    """The quantity as written, with the unit that its column's head names."""
    if columns.quantity is None:
        return ""
    for place in (columns.quantity, *columns.alternatives):
        text = cells[place]
        if value_in(text) == Value.BLANK:
            continue
        unit = columns.units.get(place, "") if value_in(text) == Value.NUMBER else ""
        return f"{text} {unit}".strip()
    return ""


def is_price(text: str) -> bool:
    """Whether a cell of prices holds one."""
    return value_in(text) in {Value.NUMBER, Value.MONEY}


def _price(cells: Sequence[str], columns: Columns) -> str:
    text = cells[columns.price] if columns.price is not None else ""
    if not is_price(text):
        return ""
    return f"{columns.sign}{text}" if value_in(text) == Value.NUMBER else text


def _is_section(cells: Sequence[str], columns: Columns) -> bool:
    """Whether the row only names a department: "Dairy"."""
    item = cells[columns.item]
    if any(cell and place != columns.item for place, cell in enumerate(cells)):
        return False
    is_marked = item.endswith(":") or (item.isupper() and len(item) > _LONGEST_CODE)
    return is_marked or label_of(item) in _SECTIONS


def are_departments(cells: Sequence[Cell]) -> bool:
    """Whether the cells name departments, or places to keep things in, and nothing else."""
    names = [cell.text for cell in cells if cell.text]
    return len(names) > 1 and all(
        name[0].isupper() and label_of(name) in _SECTIONS for name in names
    )


def _is_sum(cells: Sequence[str], columns: Columns, quantity: str) -> bool:
    """Whether the row adds up the others, or has no thing in it."""
    item = cells[columns.item]
    if not any(map(str.isalpha, item)):
        return True
    return is_total(item) or (is_sum(item) and not quantity)


def _is_refused(cells: Sequence[str], columns: Columns, quantity: str) -> bool:
    """Whether the row's thing is there, or not wanted: "Have? yes", "Qty: none"."""
    if quantity.lower() in NONE_OF_IT or quantity.lower() in UNTICKED:
        return True
    return columns.have is not None and cells[columns.have].lower() in TICKS
