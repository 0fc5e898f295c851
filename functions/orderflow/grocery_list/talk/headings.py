"""Sets aside the lines that order a list: headings, titles, table heads, shops' names, row numbers.

Only a list of several lines has them. A heading holds no number, and other lines follow it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orderflow.grocery_list.quantities.marks import outside_brackets
from orderflow.grocery_list.quantities.numbers import NUMBER_SPELLINGS
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.words.goods import COMPOUND_GOODS, GOODS, GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import (
    HEADING_ENDINGS,
    MEALS,
    OCCASIONS,
    ROW_NUMBERS,
    SECTIONS,
    STOCK_HEADINGS,
    TABLE_HEADS,
)
from orderflow.grocery_list.words.vocabulary import ARTICLES

_LONGEST_HEADING: Final = 5
_FEWEST_LINES: Final = 2
_MOST_LINES: Final = 400
_FEWEST_COLUMNS: Final = 2
_FEWEST_PRICED: Final = 2
_ALL_SECTIONS: Final = SECTIONS | MEALS
_LONGEST_SECTION: Final = max(len(name.split()) for name in _ALL_SECTIONS)
_PLACES: Final = words_in("""
    aisle day week section part stop row shelf
""")
_MARKS: Final = frozenset({Kind.BREAK, Kind.DASH, Kind.EMOJI})
_NUMBER_WORDS: Final = NUMBER_SPELLINGS - ARTICLES
_NUMERIC: Final = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PACK_OF, Kind.TIMES})
_DIVIDING: Final = frozenset({Kind.COMMA, Kind.COLON, Kind.DASH, Kind.TIMES})
_THINGS: Final = GOODS - SECTIONS
_TITLES: Final = frozenset({"ingredients", "shopping", "grocery"})
_END_OF_LINE: Final = Token(Kind.NEWLINE, "\n", "\n", 0, 0)
_DIGIT: Final = re.compile(r"\d")  # "WD-40" is a thing
_AROUND: Final = "*#_=~-"
_NUMBERED: Final = re.compile(r"\(?\d{1,2}[.)]\s")
_RECEIPTS: Final = frozenset({"receipt", "invoice"})  # and its number
_LISTS: Final = words_in(
    "list run haul shop shopping delivery ration rations kirana order groceries"
)
_LONGEST_TITLE: Final = 6
_KITCHEN: Final = words_in("cup cups tbsp tsp tablespoon tablespoons teaspoon teaspoons")
_BRACKETED: Final = re.compile(r"\[[^\W\d_][^\[\]\d]+\]")  # "[Produce]", no check box
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
    """A line's tokens, the same without its bullet, and what matters of these."""

    tokens: list[Token]
    content: list[Token]
    source: str
    words: list[str]
    has_number: bool
    has_price: bool
    has_separator: bool
    names_section: bool
    is_bulleted: bool


@dataclass(slots=True)
class _Layout:
    """What the lines of a list have in common."""

    bulleted: int
    sections: int
    capitals: int
    priced: int
    filled: int
    measured: int

    @classmethod
    def of(cls, lines: Sequence[_Line]) -> _Layout:
        """The layout of the lines that are not empty."""
        return cls(
            bulleted=sum(line.is_bulleted for line in lines),
            sections=sum(line.names_section for line in lines),
            capitals=sum(line.source.isupper() for line in lines),
            priced=sum(line.has_price for line in lines),
            filled=len(lines),
            measured=sum(not _KITCHEN.isdisjoint(line.words) for line in lines),
        )


def without_headings(text: str, tokens: list[Token]) -> tuple[list[Token], list[SetAside]]:
    """The tokens that may be items, and the headings, in the list's order."""
    lines, beyond = _lines(text, tokens)
    lines = [line for line in lines if line.content]
    if len(lines) < _FEWEST_LINES:
        return tokens, []
    layout = _Layout.of(lines)
    kept: list[Token] = []
    aside: list[SetAside] = []
    at_home = False  # under "Got:"
    row = 0  # the number of a table's next row; 0 outside of numbered tables
    for place, line in enumerate(lines):
        following = lines[place + 1] if place + 1 < len(lines) else None
        if following and _is_table_head(line):
            row = int(line.words[0] in ROW_NUMBERS)
            aside.append(_heading(line))
        elif following and _is_heading(line, following, layout, is_first=not place):
            aside.append(_heading(line))
            at_home = " ".join(line.words) in STOCK_HEADINGS
        elif at_home:
            span = (line.content[0].start, line.content[-1].end)
            aside.append(SetAside(Reason.REFUSED, span))
        else:
            is_row = bool(row) and _is_row(line, row)
            kept += line.content[_behind_row_number(line) :] if is_row else line.tokens
            row += is_row
        kept.append(_END_OF_LINE)
    return [*kept, *beyond], aside


def _lines(text: str, tokens: Sequence[Token]) -> tuple[list[_Line], Sequence[Token]]:
    """The lines, and the tokens beyond as many as a list can have with its headings."""
    lines: list[_Line] = []
    line: list[Token] = []
    start = 0
    for place, token in enumerate(tokens):
        if token.kind == Kind.NEWLINE:
            lines.append(_line(line, text[start : token.start]))
            line, start = [], token.end
            if len(lines) == _MOST_LINES:
                return lines, tokens[place:]
        else:
            line.append(token)
    lines.append(_line(line, text[start:]))
    return lines, ()


def _line(tokens: list[Token], source: str) -> _Line:
    start = 0
    while start < len(tokens) and tokens[start].kind in _MARKS:
        start += 1
    end = len(tokens)
    while end > start and tokens[end - 1].kind in _MARKS:
        end -= 1
    content = tokens[start:end]
    outside = outside_brackets(content)
    kinds = {token.kind for token in outside}
    words = [token.lower for token in outside if token.kind == Kind.WORD]
    return _Line(
        tokens,
        content,
        source.rstrip("\r"),
        words=words,
        has_number=not (kinds.isdisjoint(_NUMERIC) and _NUMBER_WORDS.isdisjoint(words)),
        has_price=Kind.MONEY in kinds,
        has_separator=not kinds.isdisjoint(_DIVIDING),
        names_section=len(words) <= _LONGEST_SECTION
        and (" ".join(words) in _ALL_SECTIONS or OCCASIONS.issuperset(words)),
        is_bulleted=len(content) < len(tokens)
        or source[:1] in {" ", "\t"}
        or _NUMBERED.match(source) is not None,
    )


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


def _is_heading(line: _Line, following: _Line, layout: _Layout, *, is_first: bool) -> bool:
    if not line.words:
        return _BRACKETED.fullmatch(line.source.strip()) is not None
    if (line.content[-1].kind == Kind.COLON and not line.has_number) or (
        is_first and _names_a_list(line)
    ):
        return True
    if len(line.words) > _LONGEST_HEADING or line.has_separator:
        return False
    if line.words[0] in _PLACES and len(line.content) == _FEWEST_COLUMNS:
        return True
    return not line.has_number and (
        line.words[-1] in HEADING_ENDINGS
        or line.words[0] in _TITLES
        or _is_decorated(line)
        or _is_section(line, following, layout, is_first=is_first)
        or _stands_out(line, following, layout)
        or (is_first and _is_title(line, following, layout))
    )


def _is_decorated(line: _Line) -> bool:
    """Whether the line is marked on both sides, or as Markdown marks headings: "*Bakery*"."""
    source = line.source.strip()
    if len(source) > 2 and source[0] in _AROUND and source[-1] == source[0]:  # noqa: PLR2004
        return True
    return source[:1] == "#" and source.lstrip("#")[:1] == " "


def _is_section(line: _Line, following: _Line, layout: _Layout, *, is_first: bool) -> bool:
    """Whether the line names a meal, a day, or a department that is no item among these lines."""
    if not line.names_section:
        return False
    if OCCASIONS.issuperset(line.words) or " ".join(line.words) in MEALS:
        return True
    begins_larger = line.source.strip()[:1].isupper() and following.source.strip()[:1].islower()
    return is_first or begins_larger or layout.sections >= _FEWEST_LINES


def _stands_out(line: _Line, following: _Line, layout: _Layout) -> bool:
    """Whether the line alone is in capitals, or has no bullet among lines that have one."""
    words = tuple(line.words)
    if words in COMPOUND_GOODS or (len(words) == 1 and words[0] in _THINGS):
        return False
    if line.source.isupper() and not (following.source.isupper() or _DIGIT.search(line.source)):
        return layout.capitals < layout.filled
    if line.is_bulleted or not following.is_bulleted:
        return False
    return layout.bulleted >= _FEWEST_LINES


def _is_title(line: _Line, following: _Line, layout: _Layout) -> bool:
    """Whether the first line tells what the list is for, or where it is from."""
    if _names_a_shop(line, layout) or _names_a_dish(line, following, layout):
        return True
    is_apart = not line.is_bulleted and layout.bulleted * 2 > layout.filled
    return is_apart or layout.measured >= _FEWEST_LINES  # of a recipe


def _names_a_list(line: _Line) -> bool:
    """Whether the first line says that a list follows, or for when: "Costco run - Saturday"."""
    if line.words[0] in _RECEIPTS:
        return True
    if line.words[-1] == "ingredients" and not line.has_number:
        return len(line.words) <= _LONGEST_HEADING  # "Turkey chili - ingredients"
    if len(line.words) > _LONGEST_TITLE or line.has_price or line.is_bulleted:
        return False
    return not _LISTS.isdisjoint(line.words) and GOODS_WORDS.isdisjoint(line.words)


def _names_a_dish(line: _Line, following: _Line, layout: _Layout) -> bool:
    """Whether the line is a recipe's title: "Ingredients" follows, and then lines with bullets."""
    is_titled = following.words[:1] == ["ingredients"] and not following.has_number
    return is_titled and not line.is_bulleted and layout.bulleted >= _FEWEST_LINES


def _names_a_shop(line: _Line, layout: _Layout) -> bool:
    """Whether most lines but this one have a price: then it is the shop's name."""
    return (
        not line.has_price
        and layout.priced >= _FEWEST_PRICED
        and layout.priced * _FEWEST_PRICED >= layout.filled - 1
        and GOODS.isdisjoint(line.words)
    )
