"""Reads numbers from tokens, in figures and in words.

    number := single [("-" | "to" | "or" | "and") single]     a range: its upper end
    single := scalar ["and" ["a"] part] [multiplier ["and" ["a"] part]]    "one and a half dozen"
    scalar := figure [["-"] fraction] | figure "/" figure | "6-pack" | ["a"] word | "a"

Every rule looks at a bounded number of tokens, whatever follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from orderflow.grocery_list.scanning.token_kinds import END, Kind, Token, token_at
from orderflow.grocery_list.words.vocabulary import (
    ARTICLES,
    MULTIPLIERS,
    NEED_A_NUMBER,
    NUMBER_WORDS,
    PARTS,
    VAGUE_NUMBERS,
)
from orderflow.units import UNIT_SPELLINGS

_ONE: Final = Decimal(1)
_HUNDRED: Final = 100
_TEN: Final = 10
_FIRST_TENS: Final = 20
_LARGEST_DENOMINATOR: Final = 16
_RANGE_WORDS: Final = frozenset({"to", "or", "through", "maybe"})
#: Every word that a number may hold, ranges aside.
NUMBER_SPELLINGS: Final = frozenset(
    (*ARTICLES, *NUMBER_WORDS, *VAGUE_NUMBERS, *MULTIPLIERS, *PARTS)
)
#: Numbers in figures.
FIGURES: Final = frozenset({Kind.NUMBER, Kind.PACK_OF})
_RANGE_MARKS: Final = frozenset({Kind.DASH, Kind.AND})
# A word that is none of these ends a number in figures.
_CONTINUING: Final = frozenset((*PARTS, *MULTIPLIERS, *ARTICLES, *_RANGE_WORDS, "of"))


class Number(NamedTuple):
    """A value, and the first token that is no part of it."""

    value: Decimal
    end: int


def is_number(token: Token) -> bool:
    """Whether a number may begin with this token."""
    return token.kind in FIGURES or (token.kind == Kind.WORD and token.lower in NUMBER_SPELLINGS)


def is_part(token: Token) -> bool:
    """Whether the token may complete a mixed number: "1/2", "half"."""
    return _is_fraction(token) or token.lower in PARTS


def is_hundred(token: Token) -> bool:
    """Whether tens and ones may follow with an "and"."""
    return MULTIPLIERS.get(token.lower) == _HUNDRED


def links_range(token: Token) -> bool:
    """Whether the token may stand between the ends of a range."""
    return token.kind in _RANGE_MARKS or token.lower in _RANGE_WORDS


def read_number(tokens: Sequence[Token], start: int) -> Number | None:
    """The longest number that begins at ``start``; of a range, the upper end."""
    count = len(tokens)
    if start >= count:
        return None
    token = tokens[start]
    if token.kind == Kind.NUMBER:
        following = tokens[start + 1] if start + 1 < count else END
        if following.kind == Kind.WORD and following.lower not in _CONTINUING:
            value = _of_whole_things(token, following) if "/" in token.text else token.value
            return Number(value, start + 1)
    elif not is_number(token):
        return None
    first = _single(tokens, start)
    if first is None or not links_range(token_at(tokens, first.end)):
        return first
    after = first.end + 1
    after += token_at(tokens, after).lower == "to"  # "3- to 4-pound chicken"
    if token_at(tokens, after).lower in ARTICLES:
        return first
    second = _single(tokens, after)
    return first if second is None else Number(max(first.value, second.value), second.end)


def _of_whole_things(figure: Token, thing: Token) -> Decimal:
    """A fraction's value; "4/5 onions" are four or five, since parts of several are not sold."""
    if thing.lower in UNIT_SPELLINGS or thing.lower[-1] != "s":
        return figure.value
    lower, _, upper = figure.text.partition("/")
    if not (lower.isdecimal() and upper.isdecimal()) or int(upper) != int(lower) + 1:
        return figure.value
    return Decimal(upper) if int(lower) > 1 else figure.value


def _single(tokens: Sequence[Token], start: int) -> Number | None:
    scalar = _scalar(tokens, start)
    if scalar is None:
        return None
    scalar = _with_part(tokens, scalar, _ONE)
    number = _multiplied(tokens, scalar)
    if number is scalar or not scalar.value:
        return number
    return _with_part(tokens, number, MULTIPLIERS.get(tokens[number.end - 1].lower, 1))


def _scalar(tokens: Sequence[Token], start: int) -> Number | None:
    token = token_at(tokens, start)
    if token.kind == Kind.NUMBER:
        return _mixed(tokens, Number(token.value, start + 1))
    if token.kind == Kind.PACK_OF:
        return Number(token.value, start + 1)
    if token.kind != Kind.WORD or token.lower not in NUMBER_SPELLINGS:
        return None
    if token.lower in ARTICLES:
        return _vague(tokens, start + 1) or Number(_ONE, start + 1)
    if token.lower in NUMBER_WORDS:
        return _spelled(tokens, start)
    return None if token.lower in NEED_A_NUMBER else _vague(tokens, start)


def _mixed(tokens: Sequence[Token], whole: Number) -> Number:
    """The number with the fraction behind it: "1 1/2", "1-1/2", "3 quarters"."""
    following = token_at(tokens, whole.end)
    if following.kind == Kind.SLASH:
        return _spaced_fraction(tokens, whole)
    at = whole.end + (following.kind == Kind.DASH)
    fraction = token_at(tokens, at)
    if whole.value < 1 or whole.value != whole.value.to_integral_value():
        end = _after_of_a(tokens, whole.end) if whole.value < 1 else whole.end
        return Number(whole.value, end)  # "1/2 a", "1/2 of a"
    if fraction.lower in PARTS:
        return Number(whole.value * PARTS[fraction.lower], _after_of_a(tokens, at + 1))
    if token_at(tokens, at + 1).kind == Kind.SLASH and fraction.kind == Kind.NUMBER:
        part = _spaced_fraction(tokens, Number(fraction.value, at + 1))  # "1 2 / 3"
        return Number(whole.value + part.value, part.end) if part.value < 1 else whole
    return Number(whole.value + fraction.value, at + 1) if _is_fraction(fraction) else whole


def _spaced_fraction(tokens: Sequence[Token], above: Number) -> Number:
    """ "1 / 2"; the number above where no number stands below the line."""
    below = token_at(tokens, above.end + 1)
    if below.kind != Kind.NUMBER or not above.value < below.value <= _LARGEST_DENOMINATOR:
        return above
    if token_at(tokens, above.end + 2).kind != Kind.WORD:
        return above
    return Number(above.value / below.value, above.end + 2)


def _is_fraction(token: Token) -> bool:
    return token.kind == Kind.NUMBER and token.value < 1 and not {".", ","} & set(token.text)


def _vague(tokens: Sequence[Token], start: int) -> Number | None:
    """The words that an article may introduce: "(a) few", "half (a)", "(a) dozen"."""
    word = token_at(tokens, start).lower
    if word in VAGUE_NUMBERS:
        of_units = token_at(tokens, start + 1).lower == "of" and (
            token_at(tokens, start + 2).lower in UNIT_SPELLINGS
        )
        return Number(Decimal(VAGUE_NUMBERS[word]), start + 1 + of_units)
    if word in PARTS:
        return Number(PARTS[word], _after_of_a(tokens, start + 1))
    if word in MULTIPLIERS or token_at(tokens, start).kind == Kind.PACK_OF:
        return Number(_ONE, start)  # "a dozen" is one times a dozen
    return None


def _after_of_a(tokens: Sequence[Token], position: int) -> int:
    position += token_at(tokens, position).lower == "of"
    return position + (token_at(tokens, position).lower in ARTICLES)


def _spelled(tokens: Sequence[Token], start: int) -> Number:
    """ "twenty", "twenty five", "three quarters"."""
    value, end = NUMBER_WORDS[tokens[start].lower], start + 1
    following = token_at(tokens, end).lower
    if value >= _FIRST_TENS and value % _TEN == 0 and NUMBER_WORDS.get(following, _TEN) < _TEN:
        return Number(Decimal(value + NUMBER_WORDS[following]), end + 1)
    if following in PARTS:
        return Number(value * PARTS[following], _after_of_a(tokens, end + 1))
    return Number(Decimal(value), end)


def _multiplied(tokens: Sequence[Token], number: Number) -> Number:
    """The number times the "dozen", "hundred" or "6-pack" behind it."""
    multiplier = token_at(tokens, number.end)
    if multiplier.kind == Kind.PACK_OF:
        return Number(number.value * multiplier.value, number.end + 1)
    if multiplier.lower not in MULTIPLIERS:
        return number
    product = Number(number.value * MULTIPLIERS[multiplier.lower], number.end + 1)
    return _with_tens(tokens, product) if is_hundred(multiplier) else product


def _with_tens(tokens: Sequence[Token], hundreds: Number) -> Number:
    """ "two hundred (and) fifty"."""
    at = hundreds.end + (token_at(tokens, hundreds.end).kind == Kind.AND)
    if token_at(tokens, at).lower not in NUMBER_WORDS:
        return hundreds
    tens = _spelled(tokens, at)
    return Number(hundreds.value + tens.value, tens.end)


def _with_part(tokens: Sequence[Token], number: Number, whole: Decimal | int) -> Number:
    """ "one and a half", "2 and 1/4", "a dozen and a half": the number and a part of the whole."""
    if token_at(tokens, number.end).kind != Kind.AND:
        return number
    at = number.end + 1 + (token_at(tokens, number.end + 1).lower in ARTICLES)
    part = token_at(tokens, at)
    if token_at(tokens, at + 1).lower in PARTS and is_number(part):  # "two and two thirds"
        several = _scalar(tokens, at)
        return Number(number.value + several.value, several.end) if several else number
    if not is_part(part):
        return number
    value = part.value if part.kind == Kind.NUMBER else PARTS[part.lower]
    return Number(number.value + whole * value, at + 1)


def said_once(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without a number that is said again for each of several: "2 2 bottles"."""
    return [
        token
        for place, token in enumerate(tokens)
        if not place or token.lower != tokens[place - 1].lower or not is_number(token)
    ]
