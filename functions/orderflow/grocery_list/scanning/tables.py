"""Reads tables by the heads of their columns: "item,qty,unit", "S/N | Item | Qty | Price".

A row is rewritten in place, each character for one, as a line of a list: numbers of rows, and
columns that say nothing of the order, become blanks; a price gets an "@" before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.words.phrases import phrases_in
from orderflow.units import UNIT_SPELLINGS

_ITEM, _QUANTITY, _UNIT, _PRICE, _OTHER = range(5)
_ROLES: Final = {
    head: role
    for role, heads in (
        (
            _ITEM,
            """
item, items, product, products, description, particulars, goods, article, ingredient, ingredients
name, item name, product name
""",
        ),
        (_QUANTITY, "qty, quantity, qnty, quantities, count, how many, pcs, qty needed"),
        (_UNIT, "unit, units, uom, measure, pack"),
        (_PRICE, "price, rate, unit price, cost, mrp, price each, each"),
        (
            _OTHER,
            """
#, no, s/n, sn, sl, sr, sl no, sr no, s no, serial, nr, amount, total, subtotal, aisle, note, notes
remark, remarks, category, section, store, brand, comment, comments, size
""",
        ),
    )
    for head in phrases_in(heads)
}
_WIDE: Final = "  "  # or more blanks
_DELIMITERS: Final = ("|", "\t", ";", ",", _WIDE)
_CELL: Final = re.compile(r"\S+(?: \S+)*")
_RULE: Final = re.compile(r"[\s|:+-]*-[\s|:+-]*")  # the line below the heads in Markdown
_SUM: Final = re.compile(r"[^\d\s]{0,3}\s?\d[\d.,]*")
_FEWEST_COLUMNS: Final = 2
_FEWEST_ROWS: Final = 2
_MOST_COLUMNS: Final = 12


class _Table(NamedTuple):
    """What divides a table's cells, and the role of each column."""

    delimiter: str
    roles: Sequence[int]


class _Cell(NamedTuple):
    text: str
    start: int
    end: int


def without_columns(text: str) -> tuple[str, list[SetAside]]:
    """The text with its tables' rows as lines of a list, and what is no item in them."""
    if not any(delimiter in text for delimiter in _DELIMITERS) or "\n" not in text:
        return text, []
    table = _without_head(text)
    lines: list[str] = []
    aside: list[SetAside] = []
    start = 0
    for line in text.split("\n"):
        read, unread = line, list[SetAside]()
        if head := _head(line):
            table, read = head, " " * len(line)
            unread = [SetAside(Reason.HEADING, (start, start + len(line)))]
        elif table and table.delimiter in line:
            read, unread = _row(line, start, table)
        elif line.strip():
            table = None
        lines.append(read)
        aside += unread
        start += len(line) + 1
    return "\n".join(lines), aside


def _head(line: str) -> _Table | None:
    """The table whose columns the line names, if it does."""
    for delimiter in _DELIMITERS:
        names = [cell.text.strip(" *.").lower() for cell in _cells(line, delimiter)]
        roles = [_ROLES.get(name, _OTHER if not name else -1) for name in names]
        if len(names) >= _FEWEST_COLUMNS and _ITEM in roles and -1 not in roles:
            if "amount" in names and _QUANTITY not in roles:
                roles[names.index("amount")] = _QUANTITY
            return _Table(delimiter, roles) if {_QUANTITY, _PRICE} & set(roles) else None
    return None


def _without_head(text: str) -> _Table | None:
    """The table that all lines are rows of: "rice,5,kg" and more of such."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < _FEWEST_ROWS or _head(lines[0]):
        return None
    for delimiter in _DELIMITERS:
        rows = [[cell.text.strip() for cell in _cells(line, delimiter)] for line in lines]
        count = len(rows[0])
        if count > _FEWEST_COLUMNS and all(len(row) == count for row in rows):
            roles = [_role(column) for column in zip(*rows, strict=True)]
            if sorted(roles) == [_ITEM, _QUANTITY, _UNIT]:
                return _Table(delimiter, roles)
    return None


def _role(cells: Sequence[str]) -> int:
    """What the cells of a column without a head are."""
    if all(cell.isdecimal() for cell in cells):
        return _QUANTITY
    return _UNIT if all(cell.lower() in UNIT_SPELLINGS for cell in cells) else _ITEM


def _row(line: str, start: int, table: _Table) -> tuple[str, list[SetAside]]:
    """The row as a line of a list, and what is no item in it."""
    cells = list(_cells(line, table.delimiter))
    if table.delimiter == _WIDE and len(cells) != len(table.roles):
        return line, []
    items = [cell for cell, role in zip(cells, table.roles, strict=False) if role == _ITEM]
    if not any(cell.text.strip() for cell in items) or _RULE.fullmatch(line):
        is_total = any(character.isalnum() for character in line)
        total = SetAside(Reason.MONEY, (start, start + len(line)))
        return " " * len(line), [total] if is_total else []
    written = [" "] * len(line)
    aside: list[SetAside] = []
    for cell, role in zip(cells, table.roles, strict=False):
        if role == _PRICE and cell.start and _SUM.fullmatch(cell.text.strip()):
            written[cell.start - 1] = "@"
        elif role in {_OTHER, _PRICE}:
            if any(character.isalpha() for character in cell.text):
                aside.append(SetAside(Reason.TALK, (start + cell.start, start + cell.end)))
            continue
        written[cell.start : cell.end] = cell.text
    return "".join(written), aside


def _cells(line: str, delimiter: str) -> Iterator[_Cell]:
    if delimiter == _WIDE:
        for match in _CELL.finditer(line):
            yield _Cell(match[0], *match.span())
        return
    start = 0
    for text in line.split(delimiter, _MOST_COLUMNS):
        yield _Cell(text, start, start + len(text))
        start += len(text) + len(delimiter)
