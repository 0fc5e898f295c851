"""Recognises amounts that can't be meant: none of a thing, or a million of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.nothing import UNNEEDED
from orderflow.grocery_list.words.vocabulary import LABELS
from orderflow.units import UNIT_SPELLINGS

_ZERO: Final = re.compile(r"0(?:[.,]0+)?|zero|nil")
# More digits than a quantity may have; where nothing marks them as one, fewer than bar codes have.
_TOO_MANY: Final = re.compile(r"\d{7,}|\d{1,3}(?:,\d{3}){2,}")
_LONGEST_UNMARKED: Final = 9


def is_impossible(tokens: Sequence[Token]) -> bool:
    """Whether an item's amount is zero or above 999,999: "0 eggs", "toilet roll x 1000000"."""
    for place, token in enumerate(tokens):
        if token.kind != Kind.WORD or not (token.text[0].isdecimal() or token.lower == "zero"):
            continue
        following = token_at(tokens, place + 1)
        is_marked = place > 0 and tokens[place - 1].kind == Kind.TIMES
        is_measured = following.lower in UNIT_SPELLINGS
        leads = place == 0 and following.kind in {Kind.WORD, Kind.TIMES}
        if _ZERO.fullmatch(token.lower) and (
            is_marked or is_measured or leads or _ends_with_zero(tokens, place)
        ):
            return True
        if _TOO_MANY.fullmatch(token.text):
            return is_marked or is_measured or (leads and len(token.text) <= _LONGEST_UNMARKED)
    return False


def _ends_with_zero(tokens: Sequence[Token], place: int) -> bool:
    """Whether the figure there is all, or closes a name: "milk 0", unlike "nappies size 0"."""
    if place + 1 < len(tokens) or not tokens[place].text[0].isdecimal():
        return False
    before = tokens[place - 1]
    return place == 0 or (before.kind == Kind.WORD and before.lower not in LABELS)


def says_none(tokens: Sequence[Token]) -> bool:
    """Whether they say that there is to be none of a thing: "0", "0 packs", "not needed"."""
    if tokens and _ZERO.fullmatch(tokens[0].lower):
        return all(token.lower in UNIT_SPELLINGS for token in tokens[1:])
    return " ".join(token.lower for token in tokens) in UNNEEDED
