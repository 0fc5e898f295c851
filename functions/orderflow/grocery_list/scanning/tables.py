"""Reads tables by the heads of their columns: "item,qty,unit", "S/N | Item | Qty | Price".

A row is rewritten in place, each character for one, as a line of a list: numbers of rows, and
columns that say nothing of the order, become blanks; a price gets an "@" before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.words.phrases import words_in
from orderflow.units import UNIT_SPELLINGS

_ITEM, _QUANTITY, _UNIT, _PRICE, _OTHER = range(5)
# What the words of a head say of its column; the first that holds decides.
_HEADS: Final = (
    (_QUANTITY, words_in("qty quantity quantities qnty quant count pcs many needed required need")),
    (_OTHER, words_in("total subtotal amount value")),
    (_PRICE, words_in("price prices rate cost costs mrp each naira")),
    (_OTHER, words_in("no number code id sn sl sr serial nr # s n")),
    (_UNIT, words_in("unit units uom measure pack")),
    (
        _ITEM,
        words_in("""
    item items product products description particulars goods article articles ingredient
    ingredients name commodity grocery groceries thing things what shopping buy
"""),
    ),
    (
        _OTHER,
        words_in("""
    aisle note notes remark remarks category section store brand comment comments size shop where
    department dept for status supplier type have stock left day meal menu dish recipe when
"""),
    ),
)
_WORD: Final = re.compile(r"[^\W\d_]+|#")
_WIDE: Final = "  "  # or more blanks
_DELIMITERS: Final = ("|", "\t", ";", ",", " - ", _WIDE)
_MARKS: Final = frozenset({"|", "\t"})  # that divide nothing but tables
_CELL: Final = re.compile(r"\S+(?: \S+)*")
_RULE: Final = re.compile(r"(?=.*[-=]{2})[\s|:+=-]+")  # the line below the heads
_SUM: Final = re.compile(r"[^\d\s]{0,3}\s?\d[\d.,]*")
_AMOUNT: Final = re.compile(r"\d+(?:[.,/]\d+)?\s*([^\W\d_]*)")
_FEWEST_COLUMNS: Final = 2
_FEWEST_ROWS: Final = 2
_MOST_COLUMNS: Final = 12
_TOTALS: Final = words_in("total subtotal sub-total")
_LONGEST_HEAD: Final = 3  # words


class _Cell(NamedTuple):
    text: str
    start: int
    end: int


class _Table(NamedTuple):
    """What divides a table's cells, the role of each column, and where its head stands."""

    delimiter: str
    roles: Sequence[int]
    heads: Sequence[_Cell] = ()


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
        elif table and _RULE.fullmatch(line):
            read = " " * len(line)
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
        cells = list(_cells(line, delimiter))
        roles = [_role_of_head(cell.text) for cell in cells]
        is_strict = delimiter == ","  # that prose has, too
        if len(cells) < _FEWEST_COLUMNS or (None in roles and is_strict) or _ITEM not in roles:
            continue
        known = [_OTHER if role is None else role for role in roles]
        if _QUANTITY not in known:
            amounts = [place for place, cell in enumerate(cells) if "amount" in cell.text.lower()]
            for place in amounts[:1]:
                known[place] = _QUANTITY
        names_amount = not {_QUANTITY, _PRICE, _UNIT}.isdisjoint(known)
        names_all = delimiter in _MARKS and None not in roles
        if (names_amount or names_all) and roles.count(None) < len(roles) / 2:
            return _Table(delimiter, known, cells)
    return None


def _role_of_head(head: str) -> int | None:
    """The role of a column with this head; None for one that may be no head."""
    words = _WORD.findall(head.lower())
    if not words:
        return None if any(map(str.isdigit, head)) else _OTHER
    if len(words) > _LONGEST_HEAD or any(map(str.isdigit, head)):
        return None
    return next((role for role, known in _HEADS if not known.isdisjoint(words)), None)


def _without_head(text: str) -> _Table | None:
    """The table that all lines are rows of: "rice,5,kg" and more of such."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < _FEWEST_ROWS:
        return None
    for delimiter in _DELIMITERS:
        rows = [[cell.text.strip() for cell in _cells(line, delimiter)] for line in lines]
        count = len(rows[0])
        if count > _FEWEST_COLUMNS and all(len(row) == count for row in rows):
            roles = _roles([list(column) for column in zip(*rows, strict=True)])
            if _ITEM in roles and _QUANTITY in roles and (delimiter != "," or _UNIT in roles):
                return _Table(delimiter, roles)
    return None


def _roles(columns: Sequence[Sequence[str]]) -> list[int]:
    """The roles of columns without heads: of things and amounts, the first of each counts."""
    roles: list[int] = []
    for cells in columns:
        role = _role(cells)
        if role in roles:
            role = _PRICE if role == _QUANTITY else _OTHER
        roles.append(role)
    return roles


def _role(cells: Sequence[str]) -> int:
    """What the cells of a column without a head are."""
    if not any(cells) or list(cells) == [str(row) for row in range(1, len(cells) + 1)]:
        return _OTHER
    amounts = [_AMOUNT.fullmatch(cell) for cell in cells]
    if all(amount and (amount[1].lower() in {"", *UNIT_SPELLINGS}) for amount in amounts):
        return _QUANTITY
    if all(cell.lower() in UNIT_SPELLINGS for cell in cells):
        return _UNIT
    return _PRICE if all(_SUM.fullmatch(cell) for cell in cells) else _ITEM


def _row(line: str, start: int, table: _Table) -> tuple[str, list[SetAside]]:
    """The row as a line of a list, and what is no item in it."""
    cells = list(_cells(line, table.delimiter))
    roles = _roles_of_cells(cells, table)
    items = [cell for cell, role in zip(cells, roles, strict=False) if role == _ITEM]
    if not any(cell.text.strip() for cell in items) or _is_total(items):
        is_total = any(character.isalnum() for character in line)
        total = SetAside(Reason.MONEY, (start, start + len(line)))
        return " " * len(line), [total] if is_total else []
    written = [" "] * len(line)
    aside: list[SetAside] = []
    for cell, role in zip(cells, roles, strict=False):
        if role == _PRICE and cell.start and _SUM.fullmatch(cell.text.strip()):
            written[cell.start - 1] = "@"
        elif role in {_OTHER, _PRICE}:
            if any(character.isalpha() for character in cell.text):
                aside.append(SetAside(Reason.TALK, (start + cell.start, start + cell.end)))
            continue
        written[cell.start : cell.end] = cell.text
    return "".join(written), aside


def _roles_of_cells(cells: Sequence[_Cell], table: _Table) -> Sequence[int]:
    """The roles of a row's cells; among blanks, those of the heads that are nearest."""
    if table.delimiter != _WIDE or len(cells) == len(table.roles) or not table.heads:
        return table.roles

    def distance(cell: _Cell, head: _Cell) -> int:
        return min(abs(cell.start - head.start), abs(cell.end - head.end))

    places = range(len(table.heads))
    return [
        table.roles[min(places, key=lambda place: distance(cell, table.heads[place]))]
        for cell in cells
    ]


def _is_total(items: Sequence[_Cell]) -> bool:
    return all(cell.text.strip(" :").lower() in _TOTALS for cell in items)


def _cells(line: str, delimiter: str) -> Iterator[_Cell]:
    if delimiter == _WIDE:
        for match in _CELL.finditer(line):
            yield _Cell(match[0], *match.span())
        return
    start = 0
    for text in line.split(delimiter, _MOST_COLUMNS):
        yield _Cell(text, start, start + len(text))
        start += len(text) + len(delimiter)
