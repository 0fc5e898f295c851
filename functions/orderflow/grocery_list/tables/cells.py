"""Cuts lines into cells, and a text into blocks of lines that the same mark divides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

WIDE: Final = "  "  # or more blanks
#: What may divide cells; of several, the first that makes a table of the lines.
DELIMITERS: Final = ("|", "\t", ";", ",", " - ", " – ", " — ", WIDE, " / ", ": ")  # noqa: RUF001
#: These divide nothing but tables.
STRONG: Final = frozenset({"|", "\t"})
#: These make tables only of lines below heads.
NEED_HEADS: Final = frozenset({" / ", ": "})

#: The bars of tables that are drawn.
BARS: Final = re.compile("[│┃║¦]")
#: The line below the heads, or around a table.
RULE: Final = re.compile(r"(?=.*[-=─━═_]{2})[\s|:+=─━═_┌┬┐├┼┤└┴┘╔╦╗╠╬╣╚╩╝-]+")
_WIDE_CELL: Final = re.compile(r"\S+(?: \S+)*")
_QUOTED: Final = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?=[,;]|$)|[^,;]*')
_COMMA: Final = re.compile(r"(?<!\d),|,(?!\d{3}(?!\d))")  # none of thousands
_ROW_NUMBER: Final = re.compile(r"\d{1,3}")
_NUMBERED: Final = re.compile(r"(\d{1,3}) (\S.*)")
_MOST_COLUMNS: Final = 12
_FEWEST_CELLS: Final = 2


class Cell(NamedTuple):
    """A cell's text without the blanks around it, and where in the line that stands."""

    text: str
    start: int
    end: int


class Line(NamedTuple):
    """A line of a list, and where it begins."""

    text: str
    start: int


class Block(NamedTuple):
    """Lines in a row that one mark divides, by their numbers, with the cells of each."""

    delimiter: str
    lines: list[tuple[int, list[Cell]]]


def lines_of(text: str, *, drawn: bool = False) -> list[Line]:
    """The lines of the text; those of drawn tables with plain bars, unless ``drawn``."""
    lines: list[Line] = []
    start = 0
    for line in (text if drawn else BARS.sub("|", text)).split("\n"):
        lines.append(Line(line, start))
        start += len(line) + 1
    return lines


def blocks_of(lines: list[Line], delimiter: str) -> Iterator[Block]:
    """The blocks that the mark divides.

    Rules, empty lines and single lines of one cell, as sections of a table have them, end none.
    """
    block: list[tuple[int, list[Cell]]] = []
    for number, line in enumerate(lines):
        divides = delimiter in line.text and (delimiter != "," or _COMMA.search(line.text))
        cells = cells_of(line.text, delimiter) if divides else []
        if delimiter == WIDE and cells and block:
            cells = _with_number(cells, block[-1][1])
        if len(cells) >= _FEWEST_CELLS and not RULE.fullmatch(line.text):
            if block and _is_apart(lines, block[-1][0], number):
                yield Block(delimiter, block)
                block = []
            block.append((number, cells))
    if block:
        yield Block(delimiter, block)


def _with_number(cells: list[Cell], above: list[Cell]) -> list[Cell]:
    """The cells, of which a row's number is one by itself: "10 sprouts" below "9  onions"."""
    first = cells[0]
    numbered, before = _NUMBERED.match(first.text), _ROW_NUMBER.fullmatch(above[0].text)
    if not (numbered and before) or int(numbered[1]) != int(before[0]) + 1:
        return cells
    number, rest = (
        Cell(
            numbered[group], first.start + numbered.start(group), first.start + numbered.end(group)
        )
        for group in (1, 2)
    )
    return [number, rest, *cells[1:]]


def _is_apart(lines: list[Line], before: int, number: int) -> bool:
    """Whether more than a section's name stands between two lines."""
    between = [line.text for line in lines[before + 1 : number][: _FEWEST_CELLS + 2]]
    said = [line for line in between if line.strip() and not RULE.fullmatch(line)]
    return number - before > _FEWEST_CELLS + 2 or len(said) >= _FEWEST_CELLS


def cells_of(line: str, delimiter: str) -> list[Cell]:
    """The cells of a line; those at the ends of "| a | b |" are blank."""
    if delimiter == WIDE:
        return [Cell(match[0], *match.span()) for match in _WIDE_CELL.finditer(line)]
    if '"' in line and delimiter in {",", ";"}:
        return [_cell(line, *match.span(1 if match[1] else 0)) for match in _quoted(line)]
    cells: list[Cell] = []
    start = 0
    for text in line.split(delimiter, _MOST_COLUMNS):
        cells.append(_cell(line, start, start + len(text)))
        start += len(text) + len(delimiter)
    return cells


def _quoted(line: str) -> Iterator[re.Match[str]]:
    """The cells of a line in which some stand in quotation marks."""
    position = 0
    while position <= len(line):
        match = _QUOTED.match(line, position)
        if match is None:  # pragma: no cover - the pattern matches nothing at all, too
            return
        yield match
        position = match.end() + 1


def _cell(line: str, start: int, end: int) -> Cell:
    text = line[start:end]
    stripped = text.strip()
    start += len(text) - len(text.lstrip())
    return Cell(stripped, start, start + len(stripped))
