"""Reads sums of money: what something may cost is a remark, and never how many of it are asked for.

The shop's currency is the naira; a sum in it, or without a currency, is known in kobo. Signs that
several currencies share mean the one that most lists mean: "$" and "¢" the US dollar's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at, written
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.vocabulary import CURRENCIES, NAIRA
from orderflow.units import UNIT_SPELLINGS

_BEFORE: Final = words_in("""
    at for of @ worth about under below around approx max maximum cost costs costing each price
    is = - total up to like priced only
""")
_AFTER: Final = words_in(
    "each ea apiece own worth only max total altogether wala wali wale ka ki ke"
)
_SAID: Final = frozenset({"each", "ea", "apiece", "max"})
_MARK: Final = re.compile(r"[₦#$€£₹¢]|[a-z]+")
_MARKS: Final[Mapping[str, str]] = {
    **CURRENCIES,
    **dict.fromkeys("₦#n", NAIRA),
    **dict.fromkeys("$¢", "USD"),
    **dict.fromkeys("£p", "GBP"),
    "€": "EUR",
    "₹": "INR",
}
_FIGURE: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_THOUSAND: Final = 1_000
_KOBO: Final = 100


class Price(NamedTuple):
    """A sum of money as written, with its currency's code, and in kobo where it may be naira.

    ``currency`` is "" where the sum names none.
    """

    text: str
    currency: str
    kobo: int | None


def take_price(tokens: Sequence[Token]) -> tuple[list[Token], list[Price]]:
    """The tokens without the sums among them, and these with what belongs to them ("@ £2 each")."""
    left: list[Token] = []
    prices: list[Price] = []
    end = 0  # of the last sum and what belongs to it
    for position, token in enumerate(tokens):
        if position < end:
            continue
        if token.kind != Kind.MONEY:
            left.append(token)
            continue
        while left and left[-1].lower in _BEFORE:
            left.pop()
        end = _end(tokens, position + 1)
        prices.append(_price(written(tokens[position:end]), token))
        end = _behind(tokens, end)
    return left, prices


def _end(tokens: Sequence[Token], position: int) -> int:
    """Where what is to be told of a sum ends: behind "each", "per kg", "/lb"."""
    if position >= len(tokens):
        return position
    following = tokens[position]
    if following.kind == Kind.SLASH or following.lower in {"per", "a"}:
        return position + 2 if token_at(tokens, position + 1).lower in UNIT_SPELLINGS else position
    return position + (following.lower in _SAID)


def _behind(tokens: Sequence[Token], position: int) -> int:
    """The first token behind the words that belong to a sum: "own", "worth of"."""
    start, count = position, len(tokens)
    while position < count and tokens[position].lower in _AFTER:
        position += 1
    return position + (position > start and token_at(tokens, position).lower == "of")


def _price(text: str, token: Token) -> Price:
    return Price(text, *_sum(token.lower, token.text, token.value))


@lru_cache(maxsize=1024)
def _sum(money: str, written_so: str, value: Decimal) -> tuple[str, int | None]:
    """The currency of a sum of so much, and what it is in kobo; see :class:`Price`."""
    marks = (_MARKS[mark] for mark in _MARK.findall(money) if mark in _MARKS)
    currency = next(marks, "")
    return currency, _kobo(money, written_so, value) if currency in {"", NAIRA} else None


def _kobo(money: str, written_so: str, value: Decimal) -> int | None:
    """A sum of naira in kobo; None for one that is not read."""
    naira = value
    if not naira:
        figure = _FIGURE.search(written_so)
        if figure is None:
            return None
        naira = Decimal(figure[0].replace(",", ""))
    if money.endswith("k"):
        naira *= _THOUSAND
    if money.endswith("kobo"):
        return int(naira)
    return int(naira * _KOBO)
