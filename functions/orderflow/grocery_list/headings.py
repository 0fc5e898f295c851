"""Sets aside the lines that order a list: headings, titles, table heads, shops' names, row numbers.

Only a list of several lines has them. A heading holds no number, and other lines follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orderflow.grocery_list.goods import COMPOUND_GOODS, GOODS
from orderflow.grocery_list.numbers import is_number
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.talk_words import (
    HEADING_ENDINGS,
    MEALS,
    ROW_NUMBERS,
    SECTIONS,
    TABLE_HEADS,
)
from orderflow.grocery_list.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.vocabulary import ARTICLES

_LONGEST_HEADING: Final = 5
_FEWEST_LINES: Final = 2
_FEWEST_COLUMNS: Final = 2
_FEWEST_PRICED: Final = 2
_PLACES: Final = frozenset(["aisle", "day", "week", "section", "part", "stop", "row", "shelf"])
_MARKS: Final = frozenset({Kind.BREAK, Kind.DASH, Kind.EMOJI})
_END_OF_LINE: Final = Token(Kind.NEWLINE, "\n", "\n", 0, 0)
_AROUND: Final = "*#_=~-"
_SEPARATORS: Final = frozenset(
    (
        Kind.COMMA,
        Kind.DASH,
        Kind.SLASH,
        Kind.STOP,
        Kind.DOT,
        Kind.AND,
        Kind.COLON,
        Kind.OPEN,
        Kind.CLOSE,
    )
)


@dataclass(slots=True)
class _Line:
    """A line's tokens without its bullet; ``source`` is its text."""

    tokens: list[Token]
    content: list[Token]
    source: str

    @property
    def words(self) -> list[str]:
        return [token.lower for token in self.unbracketed if token.kind == Kind.WORD]

    @property
    def is_bulleted(self) -> bool:
        return len(self.content) < len(self.tokens) or self.source[:1] in " \t"

    @property
    def has_number(self) -> bool:
        return any(
            token.kind in {Kind.NUMBER, Kind.MONEY, Kind.PACK_OF, Kind.TIMES}
            or (is_number(token) and token.lower not in ARTICLES)
            for token in self.unbracketed
        )

    @property
    def unbracketed(self) -> list[Token]:
        """The content without what stands in brackets."""
        depth = 0
        outside = []
        for token in self.content:
            depth += token.kind == Kind.OPEN
            if not depth:
                outside.append(token)
            depth -= token.kind == Kind.CLOSE and depth > 0
        return outside


def without_headings(text: str, tokens: list[Token]) -> tuple[list[Token], list[SetAside]]:
    """The tokens that may be items, and the headings, in the list's order."""
    lines = _lines(text, tokens)
    filled = [line for line in lines if line.content]
    if len(filled) < _FEWEST_LINES:
        return tokens, []
    kept: list[Token] = []
    aside: list[SetAside] = []
    row = 0  # the number of a table's next row; 0 outside of numbered tables
    for place, line in enumerate(lines):
        if _is_table_head(line):
            row = int(line.words[0] in ROW_NUMBERS)
            aside.append(_heading(line))
        elif _is_heading(line, place, lines, filled):
            aside.append(_heading(line))
        else:
            is_row = bool(row) and _is_row(line, row)
            kept += line.content[_behind_row_number(line) :] if is_row else line.tokens
            row += is_row
        if place + 1 < len(lines):
            kept.append(_END_OF_LINE)
    return kept, aside


def _lines(text: str, tokens: Sequence[Token]) -> list[_Line]:
    lines: list[_Line] = []
    line: list[Token] = []
    start = 0
    for token in tokens:
        if token.kind == Kind.NEWLINE:
            lines.append(_line(line, text[start : token.start]))
            line, start = [], token.end
        else:
            line.append(token)
    lines.append(_line(line, text[start:]))
    return lines


def _line(tokens: list[Token], source: str) -> _Line:
    start = 0
    while start < len(tokens) and tokens[start].kind in _MARKS:
        start += 1
    end = len(tokens)
    while end > start and tokens[end - 1].kind in _MARKS:
        end -= 1
    return _Line(tokens, tokens[start:end], source.rstrip("\r"))


def _heading(line: _Line) -> SetAside:
    last = line.content[-1]
    end = line.content[-2].end if last.kind == Kind.COLON and len(line.content) > 1 else last.end
    return SetAside(Reason.HEADING, (line.content[0].start, end))


def _is_table_head(line: _Line) -> bool:
    """Whether the line names columns: "Item | Qty", "S/N ITEM QTY"."""
    words = line.words
    return (
        len(words) >= _FEWEST_COLUMNS
        and all(token.lower in TABLE_HEADS or token.kind in _SEPARATORS for token in line.content)
        and not line.has_number
    )


def _is_row(line: _Line, row: int) -> bool:
    first = token_at(line.content, 0)
    return first.kind == Kind.NUMBER and first.value == row and len(line.content) > 1


def _behind_row_number(line: _Line) -> int:
    return 1 + (token_at(line.content, 1).kind in _SEPARATORS)


def _is_heading(line: _Line, place: int, lines: Sequence[_Line], filled: Sequence[_Line]) -> bool:
    following = next((each for each in lines[place + 1 :] if each.content), None)
    if following is None or not line.content or not line.words:
        return False
    if line.content[-1].kind == Kind.COLON and not line.has_number:
        return True
    if len(line.words) > _LONGEST_HEADING or _holds_separators(line):
        return False
    if line.words[0] in _PLACES and len(line.content) == _FEWEST_COLUMNS:
        return True
    if line.has_number and line.words[-1] not in {"list"}:
        return False
    return (
        line.words[-1] in HEADING_ENDINGS
        or line.words[0] in {"ingredients", "shopping", "grocery"}
        or _is_decorated(line)
        or _is_section(line, lines, following)
        or _stands_out(line, following, filled)
        or (line is filled[0] and _names_a_shop(filled))
    )


def _holds_separators(line: _Line) -> bool:
    kinds = {token.kind for token in line.unbracketed}
    return not kinds.isdisjoint({Kind.COMMA, Kind.COLON, Kind.DASH, Kind.TIMES})


def _is_decorated(line: _Line) -> bool:
    """Whether the line is marked on both sides, or as Markdown marks headings: "*Bakery*"."""
    source = line.source.strip()
    if len(source) > 2 and source[0] in _AROUND and source[-1] == source[0]:  # noqa: PLR2004
        return True
    return source[:1] == "#" and source.lstrip("#")[:1] == " "


def _is_section(line: _Line, lines: Sequence[_Line], following: _Line) -> bool:
    """Whether the line names a meal, a day, or a department that is no item among these lines."""
    phrase = " ".join(line.words)
    if phrase in MEALS:
        return True
    if phrase not in SECTIONS:
        return False
    sections = sum(" ".join(each.words) in SECTIONS | MEALS for each in lines)
    begins = line is next(each for each in lines if each.content)
    return begins or sections >= _FEWEST_LINES or _is_title(line, following)


def _is_title(line: _Line, following: _Line) -> bool:
    return line.source.strip()[:1].isupper() and following.source.strip()[:1].islower()


def _stands_out(line: _Line, following: _Line, filled: Sequence[_Line]) -> bool:
    """Whether the line alone is in capitals, or has no bullet among lines that have one."""
    if _is_thing(line):
        return False
    if line.source.isupper() and not following.source.isupper():
        return any(not each.source.isupper() for each in filled if each is not line)
    bulleted = sum(each.is_bulleted for each in filled)
    return (
        following.is_bulleted
        and not line.is_bulleted
        and bulleted >= _FEWEST_LINES
        and (len(line.tokens) == len(line.content))
    )


def _is_thing(line: _Line) -> bool:
    words = tuple(line.words)
    return words in COMPOUND_GOODS or (len(words) == 1 and words[0] in GOODS - SECTIONS)


def _names_a_shop(filled: Sequence[_Line]) -> bool:
    """Whether all lines but the first have a price: then that is the shop's name."""
    priced = [any(token.kind == Kind.MONEY for token in line.content) for line in filled]
    first = filled[0]
    return (
        not priced[0]
        and sum(priced) >= _FEWEST_PRICED
        and sum(priced) * _FEWEST_PRICED >= len(filled) - 1
        and GOODS.isdisjoint(first.words)
    )
