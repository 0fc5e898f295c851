"""Cuts lines whose cells single blanks divide, below such heads: "No Item Qty Amount".

The thing is the one cell of several words: the others are taken from both ends of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from orderflow.grocery_list.tables.cells import Block, Cell, Line
from orderflow.grocery_list.tables.heads import Role, role_of
from orderflow.grocery_list.tables.values import Value, value_in

#: A single blank, which divides cells only below heads.
BLANK: Final = " "
#: What such heads have in common, whatever their order.
SPACED_HEADS: Final = re.compile(
    r"^[^\n\d]{0,60}\b(?:item|product|description|particulars|goods|name|commodity)s?\b[^\n\d]{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)
_WORD: Final = re.compile(r"\S+")
_MOST_HEADS: Final = 8
_FEWEST_HEADS: Final = 2
_AMOUNT_WORDS: Final = 2  # "2 bags"
# Heads of two words.
_PAIRS: Final = frozenset(
    f"{first} {second}"
    for firsts, seconds in (
        ("unit est est. selling", "price cost rate amount"),
        ("item product", "name no no. code"),
        ("how", "many much"),
        ("s sr sr. sl sl. serial", "no no."),
        ("pack", "size"),
        ("line grand", "total"),
    )
    for first in firsts.split()
    for second in seconds.split()
)
_OF_THINGS: Final = frozenset({Role.ITEM, Role.DESCRIPTION})
_FIGURES: Final = frozenset({Value.NUMBER, Value.MONEY})
_AMOUNTS: Final = frozenset({Value.NUMBER, Value.AMOUNT})


def spaced_blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """Heads of single words, each with the lines below it that fit them."""
    number = 0
    while number < len(lines):
        heads = _heads(lines[number].text)
        head = number
        number += 1
        if not heads:
            continue
        rows = [(head, heads)]
        while number < len(lines) and lines[number].text.strip():
            cells = _cells(lines[number].text, heads)
            if cells:
                rows.append((number, cells))
            number += 1
        yield Block(BLANK, rows)


def _heads(line: str) -> list[Cell]:
    """The heads that a line is made of; none where any word is no head."""
    words = [Cell(match[0], *match.span()) for match in _WORD.finditer(line)]
    if not _FEWEST_HEADS <= len(words) <= _MOST_HEADS:
        return []
    heads: list[Cell] = []
    for word in words:
        if heads and f"{heads[-1].text} {word.text}".lower() in _PAIRS:
            first = heads.pop()
            heads.append(Cell(f"{first.text} {word.text}", first.start, word.end))
        else:
            heads.append(word)
    roles = [role_of(head.text) for head in heads]
    if None in roles or len(heads) < _FEWEST_HEADS:
        return []
    return heads if len([role for role in roles if role in _OF_THINGS]) == 1 else []


def _cells(line: str, heads: Sequence[Cell]) -> list[Cell]:
    """The cells of a row; none where the line does not fit the heads."""
    words = [Cell(match[0], *match.span()) for match in _WORD.finditer(line)]
    roles = [role_of(head.text) for head in heads]
    item = next(place for place, role in enumerate(roles) if role in _OF_THINGS)
    before: list[Cell] = []
    for role in roles[:item]:
        cell, words = _taken(words, role, last=False)
        before.append(cell)
    behind: list[Cell] = []
    for role in reversed(roles[item + 1 :]):
        cell, words = _taken(words, role, last=True)
        behind.insert(0, cell)
    if not words or not any(cell.text for cell in (*before, *behind)):
        return []
    start, end = words[0].start, words[-1].end
    return [*before, Cell(line[start:end], start, end), *behind]


def _taken(words: list[Cell], role: str | None, *, last: bool) -> tuple[Cell, list[Cell]]:
    """The cell of this role at one end of the words, and the words left; a blank one for none."""
    for length in range(min(_AMOUNT_WORDS, len(words)), 0, -1):
        part, rest = (
            (words[-length:], words[:-length]) if last else (words[:length], words[length:])
        )
        cell = Cell(" ".join(word.text for word in part), part[0].start, part[-1].end)
        if _fits(cell.text, role):
            return cell, rest
    place = (words[-1].end if last else words[0].start) if words else 0
    return Cell("", place, place), words


def _fits(text: str, role: str | None) -> bool:
    value = value_in(text.rstrip(".)"))
    if role in {Role.PRICE, Role.TOTAL, Role.SERIAL, Role.CODE}:
        return value in _FIGURES and BLANK not in text
    if role == Role.UNIT:
        return value == Value.UNIT or (value == Value.AMOUNT and text[0].isdigit())
    return value in _AMOUNTS and (
        BLANK not in text or value_in(text.rpartition(BLANK)[2]) == Value.UNIT
    )
