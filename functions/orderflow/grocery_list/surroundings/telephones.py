"""Finds telephone numbers, and what is said with them: "my line 0803 123 4567", "call me on"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import Kind, Token
from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.surroundings.cuts import ENDS, Cut, Places
from orderflow.grocery_list.words.goods import GOODS_WORDS
from orderflow.grocery_list.words.ordinary import ORDINARY_WORDS
from orderflow.units import UNIT_SPELLINGS

_NUMBER: Final = re.compile(
    r"""(?<![\w.,/-])(?:
        (?P<dialled>(?=[(+0])(?:\+[ ]?)?\(?\d+(?!\w)(?:[ ]?\(0\)[ ]?\d+(?!\w))?
            (?:(?:[ -]|\)[ -]?|[ ]?\()\d\d+(?!\w))*+)
      | \(?\d{3}(?:\)[ ]?|[ .-])\d{3}[.-]\d{4}\)?(?![\w-])  # "555-123-4567"
      | [6-9]\d{4}[ ]\d{5}(?![\w-])  # "98765 43210"
    )""",
    re.VERBOSE,
)
_GROUP: Final = re.compile(r"\d+")
# How many digits a number has at least that is dialled at home, abroad, and behind "00".
_AT_HOME, _ABROAD, _DIALLED_ABROAD = 10, 11, 13
_FEWEST: Final = 9
_MOST: Final = 15
_LONGEST_OPENING: Final = 40  # characters
_OPENING: Final = re.compile(
    r"""(?<!\w)(?:(?:[a-z]+'s|my|our|his|her|the|on|pls|please|kindly)[ ])?
    (?:(?:call|ring|text|dial|reach|contact|phone|telephone|tel|mobile|mob|cell|gsm|ph|whatsapp
        |line|number|no|num)\b[.]?(?:[ ](?:me|us|him|her|them|(?-i:[A-Z][a-z]+)))?[ ]?){1,3}
    (?:(?:on|at|is|via|with|to|:|=|-)[ ]?){0,2}\(?\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE_ENDS: Final = ENDS | {Kind.OPEN, Kind.CLOSE}
_LONGEST_CLAUSE: Final = 30  # tokens to either side


def telephones(text: str, tokens: Sequence[Token], places: Places) -> Iterator[Cut]:
    """Each telephone number with the words of its clause, but for what may be asked for there."""
    for match in _NUMBER.finditer(text):
        end = _end(match)
        if end is None:
            continue
        start = match.start()
        opening = _OPENING.search(text, max(0, start - _LONGEST_OPENING), start)
        found = places.between(start, end)
        if found is None:
            continue
        first, behind = found
        if opening and (opened := places.between(opening.start(), end)):
            first = opened[0]
        yield Cut(
            _clause_start(tokens, first, is_opened=opening is not None),
            _clause_end(tokens, behind),
            Reason.ADDRESS,
        )


def _end(match: re.Match[str]) -> int | None:
    """Where the number ends, whose groups go on with no amount; None where it is none."""
    if not match["dialled"]:
        return match.end()
    digits = match[0].lstrip("+ (")
    needed = _AT_HOME
    if "+" in match[0]:
        needed = _ABROAD
    elif digits.startswith("00"):
        needed = _DIALLED_ABROAD
    count = 0
    for group in _GROUP.finditer(match[0]):
        count += len(group[0])
        if count >= needed:
            return match.start() + group.end() if count <= _MOST else None
    is_grouped = not match[0].isdecimal()
    return match.end() if count >= _FEWEST and is_grouped else None


def _clause_start(tokens: Sequence[Token], first: int, *, is_opened: bool) -> int:
    """The first token of the clause, unless something may be asked for there."""
    start = first
    while start and first - start < _LONGEST_CLAUSE and tokens[start - 1].kind not in _CLAUSE_ENDS:
        start -= 1
    said = tokens[start:first]
    if not is_opened:
        return first if _may_ask(said) else start
    return start if all(token.lower in ORDINARY_WORDS for token in said) else first


def _clause_end(tokens: Sequence[Token], behind: int) -> int:
    end = behind
    while (
        end < len(tokens)
        and end - behind < _LONGEST_CLAUSE
        and tokens[end].kind not in _CLAUSE_ENDS
    ):
        end += 1
    return behind if _may_ask(tokens[behind:end]) else end


def _may_ask(tokens: Sequence[Token]) -> bool:
    """Whether an amount or a thing stands there."""
    return any(
        token.kind in {Kind.NUMBER, Kind.PACK_OF, Kind.MONEY}
        or token.lower in GOODS_WORDS
        or token.lower in UNIT_SPELLINGS
        for token in tokens
    )
