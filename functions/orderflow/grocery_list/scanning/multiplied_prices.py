"""Tells prices from counts where a list multiplies them: "milk 6 x 450 = 2700"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.phrases import words_in
from orderflow.units import UNIT_SPELLINGS

#: Market prices are multiples of so much.
STEP: Final = 50
_LEAST: Final = 50  # of a price with "each" or "=" behind it
_LEAST_BEHIND_UNIT: Final = 100
_LEAST_BEFORE: Final = 100
_LEAST_ALONE: Final = 500
_LEAST_SIZE: Final = 100  # as many are not multiplied: "660 x 6"
#: What is bought by the hundred has such counts: "plates 100 x 3".
BY_THE_HUNDRED: Final = words_in(
    "plate plates cup cups spoon spoons fork forks straws napkins tissues"
)
_MOST_COUNTED: Final = 100
#: "1.50"
CENTS: Final = re.compile(r"\d+\.\d\d")


class _Product(NamedTuple):
    """Two factors around a sign, and what is said of them."""

    left: Token
    right: Token
    has_unit: bool
    is_each: bool
    proves: bool  # "= 2700" follows, which is their product


def with_multiplied_prices(tokens: list[Token]) -> list[Token]:
    """The tokens, with each price that is multiplied by a count as a token of money."""
    signs = [place for place, token in enumerate(tokens) if token.kind == Kind.TIMES and place]
    if not signs:
        return tokens
    marked = list(tokens)
    for place in reversed(signs):
        product = _product_at(tokens, place)
        if product is None:
            continue
        if product.proves:
            marked[place + 3] = marked[place + 3]._replace(kind=Kind.MONEY)
        if _is_price_behind(product):
            price = product.right._replace(kind=Kind.MONEY, start=tokens[place].start)
            marked[place : place + 2] = [price]
        elif tokens[place - 2].lower not in BY_THE_HUNDRED:
            marked[place - 1 : place + 2] = _without_price_before(tokens, place, product)
    return marked


def _without_price_before(tokens: Sequence[Token], place: int, product: _Product) -> list[Token]:
    """The token before the sign, the sign and the second factor, where no price is the latter."""
    before, sign, right = tokens[place - 1], tokens[place], product.right
    if _is_price_before(product):
        price = before._replace(kind=Kind.MONEY)
        if _is_counted_before(tokens, place - 1, right):
            return [price._replace(end=right.end)]
        return [price, sign, right]
    if right.value >= _LEAST_SIZE > product.left.value:  # "Corona 12x330"
        return [before, *_bracketed(right, sign.start)]
    if product.left.value >= _LEAST_SIZE > right.value and not product.has_unit:
        return [*_bracketed(before, before.start), sign, right]
    return [before, sign, right]


def _bracketed(size: Token, start: int) -> list[Token]:
    """A number as a remark, as if it stood in brackets."""
    opening = size._replace(kind=Kind.OPEN, text="(", lower="(", start=start, end=size.start)
    closing = size._replace(kind=Kind.CLOSE, text=")", lower=")", start=size.end)
    return [opening, size, closing]


def _product_at(tokens: Sequence[Token], place: int) -> _Product | None:
    """The factors around the sign there; None where they are not two numbers."""
    has_unit = tokens[place - 1].lower in UNIT_SPELLINGS and place > 1
    left, right = tokens[place - 1 - has_unit], token_at(tokens, place + 1)
    behind, result = token_at(tokens, place + 2), token_at(tokens, place + 3)
    if left.kind != Kind.NUMBER or right.kind != Kind.NUMBER or behind.lower in UNIT_SPELLINGS:
        return None
    is_result = behind.text == "=" and result.kind in {Kind.NUMBER, Kind.MONEY}
    proves = is_result and result.value == left.value * right.value
    return _Product(left, right, has_unit, behind.lower == "each", proves)


def _is_price_behind(product: _Product) -> bool:
    """Whether the second factor is a price: "6 x 1.50", "2 bags x 75,000", "3 x 250 each"."""
    price = product.right
    if CENTS.fullmatch(price.text):
        return not CENTS.fullmatch(product.left.text)
    if not product.left.value < price.value or product.left.value >= _MOST_COUNTED:
        return False
    if price.value % STEP:
        return False
    if product.is_each or product.proves:
        return price.value >= _LEAST
    return price.value >= (_LEAST_BEHIND_UNIT if product.has_unit else _LEAST_ALONE)


def _is_price_before(product: _Product) -> bool:
    """Whether the first factor is a price: "2.50 x2", "9,800 x 2"."""
    price = product.left
    if product.has_unit or product.right.value >= _MOST_COUNTED:
        return False
    if CENTS.fullmatch(price.text):
        return True
    is_round = price.value > product.right.value and not price.value % STEP
    return is_round and price.value >= (_LEAST if product.proves else _LEAST_BEFORE)


def _is_counted_before(tokens: Sequence[Token], place: int, count: Token) -> bool:
    """Whether the same count stands before the price: "2 ctns 9,800 x 2"."""
    before = place - 1 - (tokens[place - 1].lower in UNIT_SPELLINGS)
    return (
        before >= 0 and tokens[before].kind == Kind.NUMBER and (tokens[before].value == count.value)
    )
