"""Sets aside the lines that order a list: headings, titles, table heads, shops' names, row numbers.

Only a list of several lines has them. A heading holds no number, and other lines follow it.
"""

from __future__ import annotations

import re
from typing import Final

from orderflow.grocery_list.layout import Layout, Line, lines_of
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.words.goods import COMPOUND_GOODS, GOODS, GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.shops import SHOPS
from orderflow.grocery_list.words.talk_words import (
    ADDRESSED,
    COMMANDS,
    GREETINGS,
    HEADING_ENDINGS,
    MEALS,
    OCCASIONS,
    PRONOUNS,
    ROW_NUMBERS,
    SECTIONS,
    SIGN_OFFS,
    STOCK_HEADINGS,
    TABLE_HEADS,
)

_LONGEST_HEADING: Final = 5
_FEWEST_LINES: Final = 2
_FEWEST_COLUMNS: Final = 2
_FEWEST_PRICED: Final = 2
_PLACES: Final = words_in("""
    aisle day week section part stop row shelf
""")
_THINGS: Final = GOODS - SECTIONS
_TITLES: Final = frozenset({"ingredients", "shopping", "grocery"})
_END_OF_LINE: Final = Token(Kind.NEWLINE, "\n", "\n", 0, 0)
_DIGIT: Final = re.compile(r"\d")  # "WD-40" is a thing
_AROUND: Final = "*#_=~-"
_POLITE: Final = SIGN_OFFS | GREETINGS | ADDRESSED | COMMANDS | PRONOUNS
_LONGEST_BLOCK_HEAD: Final = 3
_RECEIPTS: Final = frozenset({"receipt", "invoice"})  # and its number
_LISTS: Final = words_in(
    "list run haul shop shopping delivery ration rations kirana order groceries"
)
_LONGEST_TITLE: Final = 6
_BRACKETED: Final = re.compile(r"\[[^\W\d_][^\[\]\d]+\]")  # "[Produce]", no check box
# As in "Leek soup (serves 6)" and "Tacos for 10".
_SERVING: Final = re.compile(
    r"(?<=\w)[ (,-]+(?:serves|feeds|makes|for) \d{1,3}(?: (?:people|persons|guests|pax))?\)?$",
    re.IGNORECASE,
)
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


def without_headings(text: str, tokens: list[Token]) -> tuple[list[Token], list[SetAside]]:
    """The tokens that may be items, and the headings, in the list's order."""
    lines, beyond = lines_of(text, tokens)
    lines = [line for line in lines if line.content]
    if len(lines) < _FEWEST_LINES:
        return tokens, []
    layout = Layout.of(lines)
    kept: list[Token] = []
    aside: list[SetAside] = []
    at_home = False  # under "Got:"
    row = 0  # the number of a table's next row; 0 outside of numbered tables
    for place, line in enumerate(lines):
        following = lines[place + 1] if place + 1 < len(lines) else None
        if following and _is_table_head(line):
            row = int(line.words[0] in ROW_NUMBERS)
            aside.append(_heading(line))
        elif _is_of_till(line, layout) or (
            following and _is_heading(line, following, layout, is_first=not place)
        ):
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


def _heading(line: Line) -> SetAside:
    last = line.content[-1]
    end = line.content[-2].end if last.kind == Kind.COLON and len(line.content) > 1 else last.end
    return SetAside(Reason.HEADING, (line.content[0].start, end))


def _is_table_head(line: Line) -> bool:
    """Whether the line names columns: "Item | Qty", "S/N ITEM QTY"."""
    words = line.words
    return (
        len(words) >= _FEWEST_COLUMNS
        and all(token.lower in TABLE_HEADS or token.kind in _SEPARATORS for token in line.content)
        and not line.has_number
    )


def _is_row(line: Line, row: int) -> bool:
    first = token_at(line.content, 0)
    return first.kind == Kind.NUMBER and first.value == row and len(line.content) > 1


def _behind_row_number(line: Line) -> int:
    return 1 + (token_at(line.content, 1).kind in _SEPARATORS)


def _is_heading(line: Line, following: Line, layout: Layout, *, is_first: bool) -> bool:
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
        " ".join(line.words) in SHOPS
        or line.words[-1] in HEADING_ENDINGS
        or line.words[0] in _TITLES
        or _is_decorated(line)
        or _is_section(line, following, layout, is_first=is_first)
        or _stands_out(line, following, layout)
        or _heads_block(line, following, layout)
        or (is_first and _is_title(line, following, layout))
    )


def _is_of_till(line: Line, layout: Layout) -> bool:
    """Whether a receipt's line is of no thing: its shop, date, clerk."""
    return layout.is_receipt and not line.has_price and GOODS.isdisjoint(line.words)


def _is_decorated(line: Line) -> bool:
    """Whether the line is marked on both sides, or as Markdown marks headings: "*Bakery*"."""
    source = line.source.strip()
    if len(source) > 2 and source[0] in _AROUND and source[-1] == source[0]:  # noqa: PLR2004
        return True
    return source[:1] == "#" and source.lstrip("#")[:1] == " "


def _is_section(line: Line, following: Line, layout: Layout, *, is_first: bool) -> bool:
    """Whether the line names a meal, a day, or a department that is no item among these lines."""
    if not line.names_section:
        return False
    if OCCASIONS.issuperset(line.words) or " ".join(line.words) in MEALS:
        return True
    begins_larger = line.source.strip()[:1].isupper() and following.source.strip()[:1].islower()
    return is_first or begins_larger or layout.sections >= _FEWEST_LINES


def _stands_out(line: Line, following: Line, layout: Layout) -> bool:
    """Whether the line alone is in capitals, or has no bullet among lines that have one."""
    words = tuple(line.words)
    if words in COMPOUND_GOODS or (len(words) == 1 and words[0] in _THINGS):
        return False
    said = line.source.partition("(")[0]  # "KANO MARKET (for Hajiya)"
    if said.isupper() and not (following.source.isupper() or _DIGIT.search(said)):
        return layout.capitals < layout.filled
    if line.is_bulleted or not following.is_bulleted:
        return False
    return layout.bulleted >= _FEWEST_LINES


def _heads_block(line: Line, following: Line, layout: Layout) -> bool:
    """Whether the line, which names no thing, is the first of a block among several."""
    if not line.begins_block or following.begins_block or layout.blocks < _FEWEST_LINES:
        return False
    words = line.words[:2]
    is_polite = not _POLITE.isdisjoint(words)
    return not is_polite and len(line.words) <= _LONGEST_BLOCK_HEAD and _names_nothing(line)


def _names_nothing(line: Line) -> bool:
    return GOODS_WORDS.isdisjoint(line.words) and not line.has_price


def _is_title(line: Line, following: Line, layout: Layout) -> bool:
    """Whether the first line tells what the list is for, or where it is from."""
    if _names_a_shop(line, layout) or _names_a_dish(line, following, layout):
        return True
    is_apart = not line.is_bulleted and layout.bulleted * 2 > layout.filled
    return is_apart or layout.measured >= _FEWEST_LINES  # of a recipe


def _names_a_list(line: Line) -> bool:
    """Whether the first line says that a list follows, or for when: "Costco run - Saturday"."""
    if line.words[0] in _RECEIPTS or _SERVING.search(line.source.rstrip(" :")):
        return True
    if line.words[-1] == "ingredients" and not line.has_number:
        return len(line.words) <= _LONGEST_HEADING  # "Turkey chili - ingredients"
    if len(line.words) > _LONGEST_TITLE or line.has_price or line.is_bulleted:
        return False
    return not _LISTS.isdisjoint(line.words) and GOODS_WORDS.isdisjoint(line.words)


def _names_a_dish(line: Line, following: Line, layout: Layout) -> bool:
    """Whether the line is a recipe's title: "Ingredients" follows, and then lines with bullets."""
    is_titled = following.words[:1] == ["ingredients"] and not following.has_number
    return is_titled and not line.is_bulleted and layout.bulleted >= _FEWEST_LINES


def _names_a_shop(line: Line, layout: Layout) -> bool:
    """Whether most lines but this one have a price: then it is the shop's name."""
    return (
        not line.has_price
        and layout.priced >= _FEWEST_PRICED
        and layout.priced * _FEWEST_PRICED >= layout.filled - 1
        and GOODS.isdisjoint(line.words)
    )
