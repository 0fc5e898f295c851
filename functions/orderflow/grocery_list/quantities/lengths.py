"""Recognises lengths, which are no amounts: "5cm/2in" pieces, "1½-inch-thick", "23x15cm each"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.phrases import words_in

#: What lengths are measured in.
LENGTHS: Final = words_in("inch inches cm mm in")
#: What may be said with a length.
DIMENSIONS: Final = LENGTHS | words_in(
    "ft long wide thick tall square across diameter each x by to"
)
_LONG: Final = ("cm", "mm", "inch", "inches")
# What a pack is good for, or how large a piece is: "38 washes", "1" thick".
_CONTENTS: Final = words_in("washes wash loads servings doses thick wide long tall")
_GLUED: Final = re.compile(
    r"\d[\d\u2044./-]*(?:cm|mm|in|inch|inches)(?:-(?:thick|long|wide|square|round))?"
)
_MEASURING: Final = frozenset({Kind.NUMBER, Kind.TIMES, Kind.SLASH, Kind.DASH})


def is_glued_length(word: str) -> bool:
    """Whether the word is a number with a length: "5cm", "2-inch", "1-inch-thick"."""
    return word[:1].isdecimal() and _GLUED.fullmatch(word) is not None


def is_dimension(tokens: Sequence[Token]) -> bool:
    """Whether the tokens say how long or thick a thing is: "23x15cm/9x6in each", "2-cm thick"."""
    is_length = False
    for token in tokens:
        if token.kind in _MEASURING:
            continue
        word = token.lower.lstrip("-")
        if word not in DIMENSIONS and not is_glued_length(word):
            return False
        is_length = is_length or word in LENGTHS or word[0].isnumeric()
    return is_length


def begins_with_size(tokens: Sequence[Token]) -> bool:
    """Whether the tokens begin with a length, or what a pack is good for: "7cm", "38 washes"."""
    first = tokens[0]
    if first.kind == Kind.NUMBER:
        following = token_at(tokens, 1).lower.removeprefix("-")
        return following in _LONG or following in _CONTENTS
    if not (first.lower.endswith(_LONG) and first.text[0].isnumeric()):
        return False
    return GOODS.isdisjoint(token.lower for token in tokens)  # "2, 9-inch pie crusts"


def behind_lengths(tokens: Sequence[Token], start: int) -> int:
    """The first token behind "5cm/2in" or "2 inch / 5 cm"; ``start`` where no length stands."""
    end = _behind_length(tokens, start)
    while end > start and token_at(tokens, end).kind == Kind.SLASH:
        after = _behind_length(tokens, end + 1)
        if after == end + 1:
            return end
        end = after
    return end


def _behind_length(tokens: Sequence[Token], start: int) -> int:
    token = token_at(tokens, start)
    if token.kind == Kind.NUMBER:
        return start + 2 * (token_at(tokens, start + 1).lower.lstrip("-") in LENGTHS)
    return start + (token.kind == Kind.WORD and is_glued_length(token.lower))
