"""Reads the amount that a name ends with: "rice 5kg", unlike "pampers size 3" and "Nan 1"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.quantities.amount import Amount
from orderflow.grocery_list.quantities.amounts import ends_amounts, read_amount
from orderflow.grocery_list.quantities.measures import is_unit
from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.quantities.unit_words import misspelt_unit
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.vocabulary import (
    ARTICLES,
    CLOSING_SIZES,
    LABELS,
    LEADING_SIZES,
    STAGED_BRANDS,
)
from orderflow.units import COUNTED_UNITS, UNIT_SPELLINGS

# Of tokens: "two and a half to three and a half large cups".
_LONGEST_CLOSING_AMOUNT: Final = 10
_STAGES: Final = frozenset("1234")
_LONGEST_STAGED: Final = 3  # words of a formula milk's name


def read_closing_amount(tokens: Sequence[Token]) -> tuple[int, Amount] | None:
    """The longest amount that ends with the last token, and where it begins (never at 0)."""
    count = len(tokens)
    if count and ends_amounts(tokens[-1]) and not _ends_misspelt(tokens):
        return None
    for start in range(max(1, count - _LONGEST_CLOSING_AMOUNT), count):
        if _begins_closing_amount(tokens, start):
            amount = read_amount(tokens, start)
            if amount is not None and amount.end == count:
                return start, amount
    return None


def _ends_misspelt(tokens: Sequence[Token]) -> bool:
    """Whether a figure and a unit with a wrong letter end the tokens: "parmesan 1 containor"."""
    if len(tokens) < len(("rice", "2", "bgas")) or tokens[-2].kind != Kind.NUMBER:
        return False
    last = tokens[-1].lower
    return last not in GOODS and misspelt_unit(last, before_of=False) is not None


def _begins_closing_amount(tokens: Sequence[Token], start: int) -> bool:
    """Whether a number, an "x", or the unit of "crate and half" stands there."""
    token = tokens[start]
    if token.kind == Kind.TIMES or is_counting(tokens, start):
        return True
    if token.lower in LEADING_SIZES:
        return start + 1 < len(tokens) and is_number(tokens[start + 1])
    if not is_unit(token):
        return False
    following = token_at(tokens, start + 1)
    return following.kind == Kind.AND or (
        following.lower == "of" and token_at(tokens, start + 2).kind == Kind.NUMBER
    )


def is_counting(tokens: Sequence[Token], position: int) -> bool:
    """Whether a number stands there that is no part of a name: "hepatitis a", "size 3"."""
    token = tokens[position]
    if not is_number(token) or _is_stage(tokens, position):
        return False
    if _labels(tokens, position - 1):
        unit = UNIT_SPELLINGS.get(token_at(tokens, position + 1).lower)
        return unit in COUNTED_UNITS  # "hungry man size 1 carton"
    return token.lower not in ARTICLES or position < len(tokens) - 1


def _labels(tokens: Sequence[Token], position: int) -> bool:
    """Whether a word such as "size" stands there, unless it is the end of "big size"."""
    if position < 0 or tokens[position].lower not in LABELS:
        return False
    return position == 0 or tokens[position - 1].lower not in CLOSING_SIZES


def _is_stage(tokens: Sequence[Token], position: int) -> bool:
    """Whether the number is the stage of a formula milk: "Nan 1", "SMA gold 2"."""
    token = tokens[position]
    if position == 0 or token.text not in _STAGES or token.kind != Kind.NUMBER:
        return False
    if is_unit(token_at(tokens, position + 1)):
        return False
    before = tokens[max(0, position - _LONGEST_STAGED) : position]
    return any(each.lower in STAGED_BRANDS for each in before)
