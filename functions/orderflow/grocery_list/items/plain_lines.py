"""Reads the lines that need no grammar: a number, perhaps a unit, and a name of plain words.

They are most lines of most lists. What it reads, the grammar reads the same way, in four times the
time: a test compares them.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from orderflow.grocery_list.items.remarks import REMARK_WORDS
from orderflow.grocery_list.quantities.lengths import LENGTHS
from orderflow.grocery_list.quantities.numbers import NUMBER_SPELLINGS
from orderflow.grocery_list.quantities.unit_words import misspelt_unit
from orderflow.grocery_list.scanning.joins import AND_WORDS, MERGED
from orderflow.grocery_list.scanning.numerals import value_of
from orderflow.grocery_list.speech.spoken import SPOKEN_WORDS
from orderflow.grocery_list.words.goods import GOODS, GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import TALK_WORDS
from orderflow.grocery_list.words.vocabulary import (
    AFTER_AMOUNT,
    AFTER_SIZE,
    CLOSING,
    CLOSING_SIZES,
    CURRENCIES,
    DESCRIPTIONS,
    EXTRACTS,
    LABELS,
    LEADING_SIZES,
    PREFERENCES,
    SIZES,
    STAGED_BRANDS,
    TITLES,
    WRAPPING,
)
from orderflow.units import UNIT_SPELLINGS

_LINE: Final = re.compile(r"(\d{1,4}(?:/\d{1,2})?) ([a-zA-Z]{2,})((?: [a-zA-Z]{2,}){0,5})")
#: Every word that the grammar gives a meaning, descriptions aside.
_MEANING: Final = frozenset(
    (
        *UNIT_SPELLINGS,
        *NUMBER_SPELLINGS,
        *AND_WORDS,
        *WRAPPING.first_words,
        *CLOSING.last_words,
        *REMARK_WORDS,
        *SPOKEN_WORDS,
        *TALK_WORDS,
        *CURRENCIES,
        *AFTER_AMOUNT,
        *AFTER_SIZE,
        *CLOSING_SIZES,
        *LABELS,
        *LEADING_SIZES,
        *PREFERENCES,
        *EXTRACTS,
        *STAGED_BRANDS,
        *TITLES,
        *LENGTHS,
        *words_in("x each qty qnty quantity as fl ct count zero extra more bit am pm"),
    )
)
_MOST_GOODS: Final = 2


class PlainLine(NamedTuple):
    """How much of what a line asks for; ``unit`` is a canonical name, "" for none."""

    quantity: Decimal
    unit: str
    name: str


def read_plain_line(text: str) -> PlainLine | None:
    """What the text says where it is such a line; None where only the grammar can tell."""
    match = _LINE.fullmatch(text)
    if match is None:
        return None
    figure, first, rest = match.groups()
    value = value_of(figure)
    if not value:
        return None
    unit = UNIT_SPELLINGS.get(first.lower())
    if unit is None:
        return _counted(value, figure, first, rest)
    name = rest[1:]
    words = name.lower().split()
    if len(first) == 1 or not words or not _is_plain(words):
        return None
    return PlainLine(value, unit, name)


def _counted(value: Decimal, figure: str, first: str, rest: str) -> PlainLine | None:
    name = first + rest
    words = name.lower().split()
    if words[0] in SIZES or "/" in figure or not _is_plain(words):
        return None
    if words[0] not in GOODS and misspelt_unit(words[0], before_of=False):
        return None
    return PlainLine(value, "", name)


def _is_plain(words: list[str]) -> bool:
    """Whether the words are a name, and nothing else to the grammar."""
    if not _MEANING.isdisjoint(words) or words[-1] in DESCRIPTIONS:
        return False
    if not (MERGED.first_words.isdisjoint(words) or MERGED.second_words.isdisjoint(words)):
        return False
    if any(word[-2:] in {"ed", "ly"} for word in words[1:]):
        return False
    if words[0] in SIZES or words[-1][-2:] in {"ed", "ly"}:
        return False
    goods = [word for word in words if word in GOODS_WORDS]
    if len(goods) < _MOST_GOODS:
        return True
    return len(goods) == _MOST_GOODS and goods[0][-1] != "s"
