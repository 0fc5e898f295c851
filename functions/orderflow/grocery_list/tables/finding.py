"""Finds the tables of a list: "S/N | Item | Qty | Price", and rows that need no heads."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.tables.cells import (
    BARS,
    DELIMITERS,
    NEED_HEADS,
    RULE,
    STRONG,
    WIDE,
    Block,
    Cell,
    blocks_of,
    lines_of,
)
from orderflow.grocery_list.tables.columns import Columns, columns_of, columns_without_heads
from orderflow.grocery_list.tables.heads import Role, role_of
from orderflow.grocery_list.tables.receipts import Receipt, may_be_receipt, receipt_of
from orderflow.grocery_list.tables.records import FIGURE_LINE, records_of
from orderflow.grocery_list.tables.rows import (
    Grid,
    Row,
    aligned,
    are_departments,
    rows_of,
)
from orderflow.grocery_list.tables.spaced import BLANK, SPACED_HEADS, spaced_blocks
from orderflow.grocery_list.tables.values import NONE_OF_IT, Value, value_in
from orderflow.grocery_list.words.sums import is_total

#: Stands for a row among the tokens of a list.
MARK: Final = "w"
_FEWEST_ROWS: Final = 2
_FEWEST_COLUMNS: Final = 2
_FEWEST_WITHOUT_HEADS: Final = 3
_NO_HEADS: Final = frozenset({Value.NUMBER, Value.AMOUNT, Value.MONEY})
_OF_THINGS: Final = frozenset({Role.ITEM, Role.DESCRIPTION, Role.QUANTITY})

_Numbered = Sequence[tuple[int, list[Cell]]]


class Tables(NamedTuple):
    """A text without its tables, their rows by where they begin, and what is no item in them."""

    text: str
    rows: dict[int, Row]
    aside: list[SetAside]


def without_tables(text: str) -> Tables:
    """The text with a mark in place of each row of a table, which is to be read by its columns."""
    if "\n" not in text:
        return Tables(text, {}, [])
    marks = [mark for mark in DELIMITERS if mark in text or (mark == "|" and BARS.search(text))]
    heads = SPACED_HEADS.search(text)
    records = FIGURE_LINE.search(text)
    is_priced = may_be_receipt(text)
    if not marks and not heads and not records and not is_priced:
        return Tables(text, {}, [])
    finder = _Finder(text)
    if records:
        finder.find_records()
    if is_priced:
        finder.read_receipt()
    for mark in marks:
        finder.find(mark)
    if heads:
        finder.find(BLANK)
    if is_priced:
        finder.find_receipt()
    return finder.found() if finder.taken else Tables(text, {}, [])


class _Finder:
    """Collects the tables of a text; ``taken`` are the numbers of their lines."""

    def __init__(self, text: str) -> None:
        self.taken: set[int] = set()
        self._text = text
        self._lines = lines_of(text)
        self._rows: dict[int, Row] = {}
        self._aside: list[SetAside] = []
        self._receipt: Receipt | None = None

    def read_receipt(self) -> None:
        """Read the lines as a till's; what is one has no tables but below heads."""
        self._receipt = receipt_of(self._lines)

    def find_receipt(self) -> None:
        """Find what a till printed, except in tables."""
        for lines, row in self._receipt.printed(set(self.taken)) if self._receipt else ():
            self.taken.update(lines)
            self._keep(row)

    def find(self, mark: str) -> None:
        """Find the tables whose cells the mark divides."""
        blocks = blocks_of(self._lines, mark) if mark != BLANK else spaced_blocks(self._lines)
        for block in blocks:
            if not self.taken.isdisjoint(number for number, _ in block.lines):
                continue
            if self._take_below_heads(block) or mark in {*NEED_HEADS, BLANK}:
                continue
            if self._receipt and self._receipt.is_whole and mark not in STRONG:
                continue
            if mark in {*STRONG, WIDE} and are_departments(block.lines[0][1]):
                self._take_departments(block)
            else:
                self._take_without_heads(block)

    def find_records(self) -> None:
        """Find the tables that have a line for each cell."""
        for lines, row in records_of(self._lines):
            self.taken.update(lines)
            self._keep(row)

    def found(self) -> Tables:
        """The text without the tables that were found."""
        kept = [
            " " * len(line.text) if number in self.taken or RULE.fullmatch(line.text) else line.text
            for number, line in enumerate(lines_of(self._text, drawn=True))
        ]
        characters = list("\n".join(kept))
        for start, row in self._rows.items():
            characters[start] = MARK
            if "\n" not in self._text[row.end : row.end + 1] and row.end < len(characters):
                characters[row.end] = ";"
        return Tables("".join(characters), self._rows, self._aside)

    def _take_below_heads(self, block: Block) -> bool:
        """Take the tables of the block, each up to the next heads; whether there is one."""
        mark, lines = block
        places = [place for place, (_, cells) in enumerate(lines) if _may_be_heads(cells, mark)]
        if not places and mark in STRONG and _stand_over_figures(lines):
            places = [0]
        found = False
        for place, end in zip(places, [*places, len(lines)][1:], strict=True):
            number, heads = lines[place]
            body = lines[place + 1 : end]
            if body and (columns := _columns(heads, body, mark)):
                filled = [cell for cell in heads if cell.text]
                span = self._span(number, filled[0].start, filled[-1].end)
                self._aside.append(SetAside(Reason.HEADING, span))
                self.taken.add(number)
                self._take(body, columns, Grid(mark, columns.width, columns.item, heads))
                found = True
        return found

    def _take_departments(self, block: Block) -> None:
        """Take each cell below the names of departments for a thing: "Fridge | Cupboard"."""
        (number, heads), *body = block.lines
        self._aside.append(
            SetAside(Reason.HEADING, self._span(number, heads[0].start, heads[-1].end))
        )
        self.taken.update(number for number, _ in block.lines)
        for line, cells in body:
            for cell in cells:
                if any(map(str.isalpha, cell.text)):
                    start, end = self._span(line, cell.start, cell.end)
                    self._rows[start] = Row(start, end, cell.text)

    def _take_without_heads(self, block: Block) -> None:
        """Take the rows of the block, or of parts of it, that are alike."""
        mark, lines = block
        for rows in [lines] if mark in STRONG else _alike(lines):
            listed = [cells for _, cells in rows if not is_total(cells[0].text)]
            width = max(map(len, listed), default=0)
            fewest = _FEWEST_COLUMNS if mark in STRONG else _FEWEST_WITHOUT_HEADS
            if len(listed) < _FEWEST_ROWS or width < fewest:
                continue
            grid = Grid(mark, width)
            columns = columns_without_heads([aligned(cells, grid) for cells in listed])
            if columns:
                self._take(rows, columns, grid)

    def _take(self, body: _Numbered, columns: Columns, grid: Grid) -> None:
        """Take in the rows of a table."""
        lines: list[tuple[int, int, list[str]]] = []
        for number, cells in body:
            texts = aligned(cells, grid)
            filled = [cell for cell in cells if cell.text]
            if filled and grid.mark not in STRONG and _is_prose(texts, columns):
                continue
            self.taken.add(number)
            said = [cell for cell in filled if any(map(str.isalpha, cell.text))] or filled
            if filled:
                begins = filled[0] if columns.first() == 0 else said[0]
                lines.append((*self._span(number, begins.start, filled[-1].end), texts))
        for row in rows_of(lines, columns):
            self._keep(row)

    def _keep(self, row: Row) -> None:
        if row.reason:
            self._aside.append(SetAside(row.reason, (row.start, row.end)))
        else:
            self._rows[row.start] = row

    def _span(self, number: int, start: int, end: int) -> tuple[int, int]:
        begins = self._lines[number].start
        return begins + start, begins + end


def _alike(lines: _Numbered) -> list[_Numbered]:
    """The lines in parts with as many cells; sums go with the rows before them."""
    parts: list[_Numbered] = []
    for _, part in groupby(lines, lambda line: len(line[1])):
        rows = list(part)
        if parts and all(is_total(cells[0].text) for _, cells in rows):
            parts[-1] = [*parts[-1], *rows]
        else:
            parts.append(rows)
    return parts


def _may_be_heads(cells: Sequence[Cell], mark: str) -> bool:
    """Whether the cells may be heads: words, of which most say what a column is for."""
    texts = [cell.text for cell in cells if cell.text]
    roles = [role for text in texts if (role := role_of(text))]
    if _OF_THINGS.isdisjoint(roles) or any(value_in(text) in _NO_HEADS for text in texts):
        return False
    if len(roles) == len(texts):
        return len(roles) >= _FEWEST_COLUMNS
    return 2 * len(roles) >= len(texts) and (len(roles) >= _FEWEST_COLUMNS or mark in STRONG)


def _stand_over_figures(lines: _Numbered) -> bool:
    """Whether the first line are heads in whatever words: figures stand below one of them alone."""
    (_, heads), *body = lines
    names = {place: cell.text for place, cell in enumerate(heads) if cell.text}
    if len(body) < _FEWEST_ROWS or any(any(map(str.isdigit, name)) for name in names.values()):
        return False
    return len(names) >= _FEWEST_COLUMNS and any(
        all(len(cells) > place and value_in(cells[place].text) in _NO_HEADS for _, cells in body)
        and value_in(name) in {Value.WORDS, Value.UNIT}
        for place, name in names.items()
    )


def _columns(names: Sequence[Cell], body: _Numbered, mark: str) -> Columns | None:
    """What the columns below the heads hold; None where the rows do not fit these."""
    heads = [cell.text for cell in names]
    are_known = all(role_of(head) for head in heads if head)
    is_doubtful = not are_known and mark not in {*STRONG, WIDE}
    if is_doubtful and any(len(cells) != len(heads) for _, cells in body):
        return None
    item = next((place for place, head in enumerate(heads) if role_of(head) == Role.ITEM), 0)
    grid = Grid(mark, len(heads), item, names)
    columns = columns_of(heads, [aligned(cells, grid) for _, cells in body])
    if columns is None:
        return None
    return columns if columns.orders() or mark in STRONG else None


def _is_prose(texts: Sequence[str], columns: Columns) -> bool:
    """Whether a line that a comma divides is no row: words stand where its quantity would."""
    if columns.quantity is None:
        return False
    said = texts[columns.quantity]
    return value_in(said) == Value.WORDS and said.lower() not in NONE_OF_IT
