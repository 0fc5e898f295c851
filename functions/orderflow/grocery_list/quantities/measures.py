"""Reads one measure from tokens: a number with its unit, or a range of two.

measure := single [("-" | "to" | "or") single]        a range: its upper end
single  := [size] number [size] [unit ["and" ["a"] part]]
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from orderflow.grocery_list.quantities.amount import Amount, added
from orderflow.grocery_list.quantities.lengths import LENGTHS, behind_lengths
from orderflow.grocery_list.quantities.numbers import (
    is_number,
    links_range,
    read_number,
)
from orderflow.grocery_list.quantities.unit_words import read_unit
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at, written
from orderflow.grocery_list.words.vocabulary import ARTICLES, LEADING_SIZES, PARTS
from orderflow.units import COUNTED_UNITS, MEASURES, UNIT_SPELLINGS

_LENGTHS: Final = LENGTHS | {"ft", "foot", "feet"}
_SIZING: Final = frozenset({"inch", "inches", "cm"})
_MORE: Final = frozenset({"more", "extra", "other"})
_THINGS: Final = frozenset({"thing", "things"})


def is_unit(token: Token) -> bool:
    """Whether the token is a unit as shoppers write it."""
    return token.lower in UNIT_SPELLINGS


def with_note(tokens: Sequence[Token], amount: Amount, other: Amount) -> Amount:
    """The amount with the one behind it as a note."""
    note = written(tokens[amount.end : other.end])
    return amount._replace(end=other.end, notes=(*amount.notes, note))


def read_measure(tokens: Sequence[Token], start: int) -> Amount | None:
    """The measure that begins at ``start``; of a range, the upper end."""
    first = _single(tokens, start)
    if first is None or not first.unit or first.end >= len(tokens):
        return first
    following = tokens[first.end]
    if following.kind == Kind.AND or not links_range(following):
        return first
    second = _single(tokens, first.end + 1)
    if second and not second.unit and tokens[start].lower in ARTICLES:  # "a tin or two of beans"
        is_of = token_at(tokens, second.end).lower == "of"
        return first._replace(quantity=second.quantity, end=second.end) if is_of else first
    if second is None or second.unit not in MEASURES:
        return first
    if second.unit == first.unit and second.quantity < first.quantity:
        return first._replace(end=second.end)
    is_range = added(first, second) or added(second, first)
    return second if is_range else with_note(tokens, first, second)  # "1 cup or 100 grams"


def _single(tokens: Sequence[Token], start: int) -> Amount | None:
    number = read_number(tokens, start)
    if number is None:
        is_sized = token_at(tokens, start).lower in LEADING_SIZES
        if not is_sized or not is_number(token_at(tokens, start + 1)):
            return None
        sized = _single(tokens, start + 1)
        return sized._replace(notes=(tokens[start].text, *sized.notes)) if sized else None
    if number.end >= len(tokens):
        return Amount(number.value, "", number.end)
    unit = read_unit(tokens, number.end)
    if unit is None and tokens[number.end].lower in _MORE:
        unit = read_unit(tokens, number.end + 1)  # "one more bag of rice"
    sized = None if unit else _of_length(tokens, start, number.end)
    if sized:
        return sized
    if unit is None:
        return Amount(number.value, "", number.end + _length_of_things(tokens, number.end))
    return with_part(tokens, Amount(number.value, unit.name, unit.end, unit.word, unit.sizes))


def _of_length(tokens: Sequence[Token], start: int, position: int) -> Amount | None:
    """One thing of a length, which is a note: "1 inch of ginger", "12 inch pizza"."""
    length = token_at(tokens, position).lower.lstrip("-")
    end = position + 1
    if _is_length_of(tokens, position):
        return Amount(Decimal(1), "", end, "", (written(tokens[start:end]),))
    if length not in LENGTHS:
        return None
    end = max(end, behind_lengths(tokens, position - 1))
    piece = read_unit(tokens, end)
    if piece and piece.name in COUNTED_UNITS:  # "1 inch piece of ginger"
        return Amount(Decimal(1), piece.name, piece.end, piece.word, (written(tokens[start:end]),))
    if length in _SIZING and token_at(tokens, end).kind == Kind.WORD:
        return Amount(Decimal(1), "", end, "", (written(tokens[start:end]),))
    return None


def _length_of_things(tokens: Sequence[Token], position: int) -> int:
    """2 for the "things of" of "two things of yogurt", else 0."""
    is_things = token_at(tokens, position).lower in _THINGS
    return 2 * (is_things and token_at(tokens, position + 1).lower == "of")


def _is_length_of(tokens: Sequence[Token], position: int) -> bool:
    """Whether a length is taken of a thing: the inch of "1 inch of ginger"."""
    if token_at(tokens, position).lower not in _LENGTHS:
        return False
    return token_at(tokens, position + 1).lower == "of"


def with_part(tokens: Sequence[Token], amount: Amount) -> Amount:
    """The amount with the "and a half" behind it: "a kilo and a half", "a crate and half".

    An "or jar" behind a can becomes a note.
    """
    if amount.end >= len(tokens):
        return amount
    following = tokens[amount.end]
    if following.lower == "or":
        other = read_unit(tokens, amount.end + 1)
        if other and {amount.unit, other.name} <= COUNTED_UNITS:
            note = written(tokens[amount.end : other.end])
            return amount._replace(end=other.end, notes=(*amount.notes, note))
    if following.kind != Kind.AND:
        return amount
    at = amount.end + 1 + (token_at(tokens, amount.end + 1).lower in ARTICLES)
    part = PARTS.get(token_at(tokens, at).lower)
    if part is None:
        return amount
    if at == amount.end + 1 and is_unit(token_at(tokens, at + 1)):
        return amount  # "2 kg and half bag" are two amounts
    return amount._replace(quantity=amount.quantity + part, end=at + 1)
