"""Reads sums of money in words: "five hundred naira", "two pounds fifty", "tomato one thousand"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final

from orderflow.grocery_list.quantities.numbers import Number, is_number, read_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, joined, token_at
from orderflow.grocery_list.words.goods import GOODS_WORDS
from orderflow.grocery_list.words.vocabulary import CURRENCIES
from orderflow.units import UNIT_SPELLINGS

#: What ends an item.
ENDS: Final = frozenset(
    (Kind.NEWLINE, Kind.COMMA, Kind.STOP, Kind.BREAK, Kind.CLOSE, Kind.AND, Kind.EMOJI)
)
#: With so many of the smaller coin behind them these are money, and no weight: "two pounds fifty".
COINS: Final = frozenset({"pound", "pounds", "dollar", "dollars", "euro", "euros"})
#: They end a round number in words.
HUNDREDS: Final = frozenset({"hundred", "thousand"})
_LONGEST: Final = 12  # words of a number, so that none is read again at each of its words
_FEWEST_CENTS: Final = 10
#: Without any of these, or a currency's name, no sum is in words.
SUM_WORDS: Final = COINS | HUNDREDS


def with_sums_in_words(text: str, tokens: list[Token], words: Collection[str]) -> list[Token]:
    """The tokens, with each sum in words as one of money, or a number where none is named.

    Args:
        text: the list.
        tokens: its tokens.
        words: how the vocabularies spell these.
    """
    tokens = _spelled_out(text, _with_cents(text, tokens, words))
    return tokens if HUNDREDS.isdisjoint(words) else _with_hundreds(text, tokens)


def _spelled_out(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens with each sum in words as one: "five hundred naira"."""
    currencies = [
        place
        for place, token in enumerate(tokens)
        if token.kind == Kind.WORD and token.lower in CURRENCIES
    ]
    if not currencies:
        return tokens
    result = list(tokens)
    for place in reversed(currencies):
        start = _beginning(result, place)
        if start < place:
            value = _value(result[start:place])
            money = joined(text, result[start], result[place], Kind.MONEY)
            result[start : place + 1] = [money._replace(value=value)]
    return result


def _with_cents(text: str, tokens: list[Token], words: Collection[str]) -> list[Token]:
    """The tokens with each sum in two coins as one: "two pounds fifty", unlike "2 pounds 50"."""
    if COINS.isdisjoint(words):
        return tokens
    result: list[Token] = []
    place = 0
    while place < len(tokens):
        following = token_at(tokens, place + 1).lower
        end = place + 3 + (token_at(tokens, place + 3).kind != Kind.AND)
        cents = read_number(tokens[:end], place + 2) if following in COINS else None
        if cents and _is_in_words(tokens[place]) and _are_cents(tokens, place + 2, cents):
            money = joined(text, tokens[place], tokens[cents.end - 1], Kind.MONEY)
            pounds = read_number(tokens[place : place + 1], 0)
            value = (pounds.value if pounds else 0) + cents.value / 100
            result.append(money._replace(value=value))
            place = cents.end
        else:
            result.append(tokens[place])
            place += 1
    return result


def _with_hundreds(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens with each number in words that ends an item as a figure: "tomato one thousand"."""
    result: list[Token] = []
    for place, token in enumerate(tokens):
        result.append(token)
        if token.lower not in HUNDREDS or not _ends_number(tokens, place + 1):
            continue
        start = _beginning(result, len(result))
        if start and result[start - 1].lower in GOODS_WORDS:
            value = _value(result[start:])
            number = joined(text, result[start], token, Kind.NUMBER)
            result[start:] = [number._replace(value=value)]
    return result


def _beginning(tokens: Sequence[Token], end: int) -> int:
    """Where the number begins that ends before ``end``: there, where none does."""
    start = end
    while start > max(0, end - _LONGEST) and _is_spelled(tokens, start - 1):
        start -= 1
    return start


def _ends_number(tokens: Sequence[Token], place: int) -> bool:
    """Whether no more of a number follows, as in "two hundred and fifty"."""
    if token_at(tokens, place).kind not in ENDS:
        return False
    return tokens[place:] == [] or not (
        tokens[place].kind == Kind.AND and is_number(token_at(tokens, place + 1))
    )


def _are_cents(tokens: Sequence[Token], place: int, cents: Number) -> bool:
    """Whether the number, in words, is of coins: no unit and no thing that it counts follows."""
    behind = token_at(tokens, cents.end).lower
    is_small = _FEWEST_CENTS <= cents.value < 100  # noqa: PLR2004 - cents of one
    counts = behind in UNIT_SPELLINGS or behind in GOODS_WORDS or behind == "of"
    return is_small and _is_in_words(tokens[place]) and not counts


def _is_in_words(token: Token) -> bool:
    return is_number(token) and token.text.isalpha()


def _is_spelled(tokens: Sequence[Token], place: int) -> bool:
    """Whether the token is part of a number before a currency: "hundred and fifty" naira."""
    token = tokens[place]
    if token.kind == Kind.AND:
        return place > 0 and tokens[place - 1].lower in HUNDREDS
    return token.kind in {Kind.NUMBER, Kind.WORD} and (
        is_number(token) or token.lower == "thousand"
    )


def _value(tokens: Sequence[Token]) -> Decimal:
    words = [token for token in tokens if token.lower != "thousand"]
    number = read_number(words, 0)
    value = number.value if number else Decimal(1)
    return value * (1000 if len(words) < len(tokens) else 1)
