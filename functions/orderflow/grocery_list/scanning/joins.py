"""Settles tokens that depend on their neighbours: "2lbs" is two of them, "7up" and "6-pack" one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import (
    ZERO,
    Kind,
    Token,
    folded,
    joined,
    make_token,
)
from orderflow.grocery_list.words.fixed_names import FIXED_NAMES
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.phrases import Phrases
from orderflow.grocery_list.words.vocabulary import CURRENCIES, NUMBERED_COMPOUNDS
from orderflow.units import MEASURES, UNIT_SPELLINGS

#: The words that join items, or parts of one, and how the grammar calls them.
AND_WORDS: Final = {"and": "and", "n": "and", "nd": "and", "aur": "and", "plus": "plus"}
#: What a word may be joined to.
GLUING: Final = frozenset({Kind.NUMBER, Kind.DASH, Kind.MONEY})
#: Names and units of several words, which are one token each.
MERGED: Final = Phrases(FIXED_NAMES | {unit for unit in UNIT_SPELLINGS if " " in unit})

_PACKS: Final = frozenset({"pack", "packs", "pk", "count", "ct"})
_COUNTS: Final = frozenset({"ct", "count"})
_ORDINALS: Final = frozenset({"st", "nd", "rd", "th"})
# A word as short as this, glued to a number and no unit, makes a name of both: "7up", "2nd".
_SHORT_WORD: Final = 2
_APART: Final = frozenset({"no", "to"})  # "2no" are two pieces, "1to2" is a range
# "rice5kg": a name, a number and a unit without a gap. Names with digits have no unit behind them.
_GLUED_AMOUNT: Final = re.compile(r"([^\W\d_]{3,}|kg|lb)(\d+)([^\W\d_]+)")
# "eggs12", where the word is a thing to buy.
_GLUED_COUNT: Final = re.compile(r"([a-zA-Z]{3,})([1-9]\d?)")
_PACK: Final = frozenset({"pack", "pk"})
_BEHIND_NUMBERS: Final = frozenset((*CURRENCIES, *_COUNTS, *_PACK))
_FEW: Final = frozenset({"1", "2", "3"})  # "2pk" are two packs
# Packs of as many are sold, and as many packs are not: "24 pack".
_PACK_SIZES: Final = frozenset({"12", "18", "24", "30", "36", "48"})
# No word begins with these.
_CLEAR_UNITS: Final = frozenset({"kg", "kgs", "ml", "ltr", "pkt", "pkts", "pcs", "tbsp", "tsp"})
_LONGEST_GLUED_UNIT: Final = 7
_SHORTEST_GLUED_NAME: Final = 3
# As many slashes in one word separate items: "tea/coffee/sugar".
_LIST_SLASHES: Final = 2


def joins_number(word: str, *, glued: bool) -> bool:
    """Whether a number before the word may belong to it: "7up", "12 ct", unlike "5kg", "3 eggs"."""
    return word in _BEHIND_NUMBERS or (glued and word not in UNIT_SPELLINGS)


def join_word(text: str, tokens: list[Token], word: Token) -> Token:
    """The word; or, where the tokens before it belong to it, all of them (taken off) as one."""
    if word.lower in AND_WORDS:
        return word._replace(kind=Kind.AND, lower=AND_WORDS[word.lower])
    if not tokens:
        return word
    previous = tokens[-1]
    if previous.kind == Kind.MONEY and word.lower in CURRENCIES:  # "@ 500 naira"
        return joined(text, tokens.pop(), word, Kind.MONEY)
    if previous.kind == Kind.NUMBER:
        return _after_number(text, tokens, previous, word)
    if previous.kind == Kind.DASH and previous.end == word.start and len(tokens) > 1:
        return _hyphenated(text, tokens, word)
    return word


def _after_number(text: str, tokens: list[Token], number: Token, word: Token) -> Token:
    if word.lower in CURRENCIES:
        return joined(text, tokens.pop(), word, Kind.MONEY)
    is_glued = number.end == word.start and number.text not in _FEW
    if word.lower in _COUNTS or (word.lower in _PACK and (is_glued or number.text in _PACK_SIZES)):
        return joined(text, tokens.pop(), word, Kind.PACK_OF)
    if number.end == word.start and _is_suffix(word):
        kind = Kind.NUMBER if "/" in number.text and word.lower in _ORDINALS else Kind.WORD
        return joined(text, tokens.pop(), word, kind)  # "1/3rd" is a number, "2nd" a word
    length = _unit_length(word) if number.end == word.start else 0
    if length:
        middle = word.start + length
        unit = (Kind.WORD, word.text[:length], word.lower[:length], word.start, middle, ZERO)
        tokens.append(make_token(unit))
        return word._replace(text=word.text[length:], lower=word.lower[length:], start=middle)
    return word


def _unit_length(word: Token) -> int:
    """How many letters are a unit before a name that is glued to it: "2kgrice"; 0 for none."""
    if word.lower in UNIT_SPELLINGS or len(word.lower) != len(word.text):
        return 0
    for length in range(min(_LONGEST_GLUED_UNIT, len(word.lower) - _SHORTEST_GLUED_NAME), 0, -1):
        unit, name = word.lower[:length], word.lower[length:]
        if unit in UNIT_SPELLINGS and (name in GOODS or unit in _CLEAR_UNITS):
            return length
    return 0


def _is_suffix(word: Token) -> bool:
    is_short = len(word.lower) <= _SHORT_WORD and word.lower not in _APART
    return is_short and word.lower not in UNIT_SPELLINGS


def _hyphenated(text: str, tokens: list[Token], word: Token) -> Token:
    """Settles a number, a hyphen and a word: "6-pack", "14-ounce", "12-inch"."""
    number, hyphen = tokens[-2:]
    if number.kind != Kind.NUMBER or number.end != hyphen.start:
        return word
    if word.lower in _PACKS:
        del tokens[-2:]
        return joined(text, number, word, Kind.PACK_OF)
    if word.lower in UNIT_SPELLINGS:
        del tokens[-1]
        return word._replace(text=f"-{word.text}", start=hyphen.start)
    if word.lower.split("-", 1)[0] in NUMBERED_COMPOUNDS:
        del tokens[-2:]
        if [each.kind for each in tokens[-2:]] == [Kind.NUMBER, Kind.DASH]:
            number = tokens[-2]  # "1-1½-inch"
            del tokens[-2:]
        return joined(text, number, word, Kind.WORD)
    return word


def join_number(text: str, tokens: list[Token], number: Token) -> Token:
    """The number; or the model number that it ends, with the word and hyphen before it: "WD-40"."""
    word, hyphen = tokens[-2:]
    if word.end != hyphen.start or hyphen.end != number.start:
        return number
    if len(word.text) > _SHORT_WORD or word.lower in UNIT_SPELLINGS:
        return number
    del tokens[-2:]
    return joined(text, word, number, Kind.WORD)


def split_word(word: Token) -> list[Token]:
    """The tokens that a word is made of, as for "rice5kg" and "tea/coffee/sugar"; none for most."""
    if word.text.isalpha():
        return []
    if word.text.count("/") >= _LIST_SLASHES:
        return _split_at_slashes(word)
    counted = _GLUED_COUNT.fullmatch(word.text)
    if counted and counted[1].lower() in GOODS:
        return _counted(word, *counted.groups())
    glued = _GLUED_AMOUNT.fullmatch(word.text)
    if glued and UNIT_SPELLINGS.get(glued[3].lower()) in _GLUED_UNITS:
        edges = [word.start, *(word.start + glued.end(group) for group in (1, 2, 3))]
        name, unit = (
            make_token((Kind.WORD, glued[group], folded(glued[group]), *place, ZERO))
            for group, place in ((1, (edges[0], edges[1])), (3, (edges[2], edges[3])))
        )
        value = Decimal(glued[2])
        if value:
            number = make_token((Kind.NUMBER, glued[2], glued[2], edges[1], edges[2], value))
            return [name, number, unit]
    return []


def _counted(word: Token, name: str, count: str) -> list[Token]:
    """The thing and the number behind it."""
    end = word.start + len(name)
    thing = make_token((Kind.WORD, name, folded(name), word.start, end, ZERO))
    return [thing, make_token((Kind.NUMBER, count, count, end, word.end, Decimal(count)))]


_GLUED_UNITS: Final = MEASURES | {"derica", "paint", "mudu", "congo", "bag", "carton", "can"}


def _split_at_slashes(word: Token) -> list[Token]:
    parts: list[Token] = []
    start = word.start
    for part in word.text.split("/"):
        if parts:
            parts.append(make_token((Kind.SLASH, "/", "/", start - 1, start, ZERO)))
        end = start + len(part)
        parts.append(make_token((Kind.WORD, part, folded(part), start, end, ZERO)))
        start = end + 1
    return parts


def merge_phrases(text: str, tokens: Sequence[Token]) -> list[Token]:
    """The tokens with each fixed name or unit of several words as a single word."""
    merged: list[Token] = []
    position = 0
    while position < len(tokens):
        first = tokens[position]
        length = MERGED.match(tokens, position)
        if length:
            last = tokens[position + length - 1]
            phrase = joined(text, first, last, Kind.WORD)
            merged.append(phrase._replace(lower=" ".join(phrase.lower.split())))
        else:
            merged.append(first)
        position += length or 1
    return merged
