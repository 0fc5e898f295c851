"""Recognises amounts that can't be meant: none of a thing, or a million of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.units import UNIT_SPELLINGS

_NOTHING: Final = re.compile(r"0(?:[.,]0+)?|zero|nil")
# More digits than a quantity may have; where nothing marks them as one, fewer than bar codes have.
_TOO_MANY: Final = re.compile(r"\d{7,}|\d{1,3}(?:,\d{3}){2,}")
_LONGEST_UNMARKED: Final = 9


def is_impossible(tokens: Sequence[Token]) -> bool:
    """Whether an item's amount is zero or above 999,999: "0 eggs", "toilet roll x 1000000"."""
    for place, token in enumerate(tokens):
        if token.kind != Kind.WORD or not (token.text[0].isdecimal() or token.lower == "zero"):
            continue
        is_marked = place > 0 and tokens[place - 1].kind == Kind.TIMES
        is_measured = token_at(tokens, place + 1).lower in UNIT_SPELLINGS
        leads = place == 0 and token_at(tokens, 1).kind == Kind.WORD
        if _NOTHING.fullmatch(token.lower) and (is_marked or is_measured or leads):
            return True
        if _TOO_MANY.fullmatch(token.text):
            return is_marked or is_measured or (leads and len(token.text) <= _LONGEST_UNMARKED)
    return False
