"""Finds the bare numbers of a list that are sums of money: "beans 500", "Cheese 7.99", "= 18,000".

They stand at the end of an item, or alone in its brackets. What tells them from counts is their
size and roundness, and whether other items of the list end in money.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.quantities.sums_in_words import ENDS, with_sums_in_words
from orderflow.grocery_list.scanning.multiplied_prices import (
    BY_THE_HUNDRED,
    CENTS,
    STEP,
    with_multiplied_prices,
)
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.vocabulary import DESCRIPTIONS, LABELS
from orderflow.units import UNIT_SPELLINGS

# From as much on, a bare number at an item's end is a price: a hundred onions are not bought by the
# piece. It is a multiple of so much, as market prices are.
_LEAST: Final = 100
# ... and in a list of prices.
_LEAST_AMONG_PRICES: Final = 20
_STEP_AMONG_PRICES: Final = 5
_FEWEST_PRICES: Final = 1
_FEWEST_IN_A_RUN: Final = 2
_NUMERIC_WORDS: Final = frozenset({"x", "g", "dozen", "of"})
_SEPARATORS: Final = frozenset({Kind.DASH, Kind.COLON})
_PRICE_WORDS: Final = frozenset({"at", "of", "@", "for", "worth"})
_NUMBER: Final = Kind.NUMBER
_EACH: Final = frozenset({"each", "per", "own"})
#: What may follow a sum on its line: "bitter leaf of 500 from Iya Basira", "pepper 500 for stew".
BEHIND_PRICES: Final = words_in("from for at if when please pls abeg join too also inside cut")
_HEADS: Final = frozenset({"price", "prices", "cost", "amount"})
# These are bought by the hundred.
_BY_THE_HUNDRED: Final = BY_THE_HUNDRED | words_in("""
    straw napkin tissue bag bags sheet sheets tablet tablets capsule capsules serviette serviettes
    knife knives bottle bottles
""")


def mark_prices(text: str, tokens: list[Token], words: Collection[str]) -> list[Token]:
    """The tokens, with each number that is a sum of money as a token of money.

    Args:
        text: the list.
        tokens: its tokens.
        words: how the vocabularies spell these.
    """
    tokens = with_multiplied_prices(with_sums_in_words(text, tokens, words))
    numbers = [place for place, token in enumerate(tokens) if token.kind == _NUMBER]
    values = [(place, tokens[place].value) for place in numbers]
    sums = [place for place, value in values if value >= _LEAST and not value % STEP]
    candidates = _candidates(tokens, numbers)
    others = [token.kind for token in tokens].count(Kind.MONEY) + len(_HEADS.intersection(words))
    others += "@" in words  # of a table's row
    run = _in_a_run(tokens, sums)
    if not candidates and not others and len(run) < _FEWEST_IN_A_RUN:
        return tokens
    surely = [place for place in candidates if _is_price(tokens, place, _LEAST, STEP)]
    if others + len(surely) > _FEWEST_PRICES or others:
        least, step = _LEAST_AMONG_PRICES, _STEP_AMONG_PRICES
        surely = [place for place in candidates if _is_price(tokens, place, least, step)]
    if others:
        surely += _leading(tokens, sums)
    if others + len(surely) > _FEWEST_PRICES:
        surely += _multiplied(tokens, numbers)
    run = run if others + len(surely) + len(run) >= _FEWEST_IN_A_RUN else []
    if not surely and not run:
        return tokens
    marked = list(tokens)
    for place in surely:
        marked[place] = tokens[place]._replace(kind=Kind.MONEY)
        if _is_said_twice(tokens, place):
            marked[place - 1] = tokens[place - 1]._replace(kind=Kind.MONEY)
    for place in reversed(run):  # what follows is another item
        price = tokens[place]
        comma = Token(Kind.COMMA, "", "", price.end, price.end)
        marked[place : place + 1] = [price._replace(kind=Kind.MONEY), comma]
    return marked


def _in_a_run(tokens: Sequence[Token], sums: Sequence[int]) -> list[int]:
    """Where prices stand between items: "rice 2 derica 3000 beans 1 derica 1200 crayfish 500"."""
    return [
        place
        for place in sums
        if place
        and (following := token_at(tokens, place + 1)).kind == Kind.WORD
        and following.lower in GOODS_WORDS
        and following.lower not in UNIT_SPELLINGS
        and following.lower not in DESCRIPTIONS  # "tea 700 fresh"
        and _follows_item(tokens, place)
    ]


def _follows_item(tokens: Sequence[Token], place: int) -> bool:
    """Whether a thing stands before the number, or so much of it."""
    if _counts(tokens, place - 1):
        place -= 1
    before = tokens[place - 1].lower
    if before in UNIT_SPELLINGS:
        return place > 1 and is_number(tokens[place - 2])
    return before in GOODS_WORDS


def _leading(tokens: Sequence[Token], sums: Sequence[int]) -> list[int]:
    """Where a bare, round number begins an item, in a list of prices: "1k rice, 500 pepper"."""
    return [
        place
        for place in sums
        if (place == 0 or tokens[place - 1].kind in ENDS)
        and (following := token_at(tokens, place + 1)).kind == Kind.WORD
        and following.lower not in UNIT_SPELLINGS
        and following.lower not in _NUMERIC_WORDS
        and not _BY_THE_HUNDRED & {each.lower for each in tokens[place + 1 : place + 4]}
    ]


def _multiplied(tokens: Sequence[Token], numbers: Sequence[int]) -> list[int]:
    """Where a price stands before a number of things, in a list of prices: "seasoning 50 x 4"."""
    return [
        place
        for place in numbers
        if token_at(tokens, place + 1).kind == Kind.TIMES
        and (count := token_at(tokens, place + 2)).kind == _NUMBER
        and place
        and tokens[place - 1].kind == Kind.WORD
        and count.value < tokens[place].value >= STEP
        and not tokens[place].value % STEP
        and token_at(tokens, place + 3).kind in ENDS
    ]


def _candidates(tokens: Sequence[Token], numbers: Sequence[int]) -> list[int]:
    """Where a bare number ends an item, or stands in brackets."""
    return [
        place
        for place in numbers
        if place
        and len(tokens[place].text) > 1
        and (tokens[place].value >= _LEAST_AMONG_PRICES or "." in tokens[place].text)
        and _ends_item(tokens, place)
        and _may_be_preceded(tokens, place)
    ]


def _ends_item(tokens: Sequence[Token], place: int) -> bool:
    """Whether an item, or what it costs, ends with the number there."""
    following = token_at(tokens, place + 1)
    return (
        following.kind in ENDS
        or _is_each(following, tokens, place)
        or _ends_at_slash(tokens, place)
        or _ends_at_amount(tokens, place)
        or (_says_more(following, tokens, place) and tokens[place].value >= _LEAST)
    )


def _says_more(following: Token, tokens: Sequence[Token], place: int) -> bool:
    """Whether more is said behind a sum: "500 for stew", "700 mixed"."""
    if following.lower in BEHIND_PRICES:
        return True
    return following.lower in DESCRIPTIONS and token_at(tokens, place + 2).kind in ENDS


def _ends_at_slash(tokens: Sequence[Token], place: int) -> bool:
    """Whether a slash and another thing follow: "Pampers 7,500 / wipes 1,800"."""
    behind = token_at(tokens, place + 2)
    return (
        token_at(tokens, place + 1).kind == Kind.SLASH
        and behind.kind == Kind.WORD
        and behind.lower not in UNIT_SPELLINGS
    )


def _ends_at_amount(tokens: Sequence[Token], place: int) -> bool:
    """Whether an amount follows that has a unit, bare or in brackets: "oil 3,200 2L"."""
    start = place + 1 + (token_at(tokens, place + 1).kind == Kind.OPEN)
    end = token_at(tokens, start + 2)
    return (
        token_at(tokens, start).kind == _NUMBER
        and token_at(tokens, start + 1).lower in UNIT_SPELLINGS
        and (end.kind in ENDS or end.kind == Kind.CLOSE)
    )


def _is_each(following: Token, tokens: Sequence[Token], place: int) -> bool:
    """Whether "each" follows a number that a price's preposition introduces: "at 45,000 each"."""
    if following.lower not in _EACH:
        return following.lower == "worth"  # "potatoes 3,000 worth"
    number = tokens[place]
    is_round = number.value >= _LEAST and not number.value % STEP
    return tokens[place - 1].lower in _PRICE_WORDS or (is_round and place > 0)


def _may_be_preceded(tokens: Sequence[Token], place: int) -> bool:
    before = tokens[place - 1]
    if before.kind == Kind.OPEN or before.kind in _SEPARATORS or before.kind == Kind.CLOSE:
        return place > 1 and tokens[place - 2].kind != Kind.NEWLINE
    if before.kind == _NUMBER and before.text == tokens[place].text:
        return place > 1 and before.value >= _LEAST_AMONG_PRICES
    if _counts(tokens, place - 1) or _is_said_twice(tokens, place):
        return tokens[place].value >= _LEAST
    if before.kind in {Kind.NUMBER, Kind.COMMA}:
        return CENTS.fullmatch(tokens[place].text) is not None
    if before.lower == "one" and place > 1 and tokens[place - 2].lower in DESCRIPTIONS:
        return True  # "tomato small one 1000"
    return before.kind == Kind.WORD and before.lower not in LABELS and not is_number(before)


def _counts(tokens: Sequence[Token], place: int) -> bool:
    """Whether a number of the thing before it stands there: (rice) 2, (bread) x2, (sugar) half."""
    number = tokens[place]
    if place == 0 or not is_number(number) or number.value >= _LEAST:
        return False
    before = tokens[place - 1]
    is_named = before.kind == Kind.WORD and not is_number(before) and before.lower not in LABELS
    return before.kind == Kind.TIMES or is_named


def _is_said_twice(tokens: Sequence[Token], place: int) -> bool:
    """Whether the number before says it, too: "curry and thyme 200 200", "milk 2 450 900"."""
    before = tokens[place - 1]
    if before.kind != _NUMBER or place < len(("2", "450")):
        return before.text == tokens[place].text
    count = tokens[place - 2]
    is_product = count.kind == _NUMBER and count.value * before.value == tokens[place].value
    return before.text == tokens[place].text or is_product


def _is_price(tokens: Sequence[Token], place: int, least: int, step: int) -> bool:
    number, before = tokens[place], tokens[place - 1].lower
    is_complete = before not in UNIT_SPELLINGS or tokens[place - 2].kind == Kind.NUMBER
    if is_complete and CENTS.fullmatch(number.text):
        return True
    if before in _BY_THE_HUNDRED and before not in UNIT_SPELLINGS:
        return False
    if before in _PRICE_WORDS and before != "of":
        return number.value >= _LEAST_AMONG_PRICES
    if before == "of" and tokens[place - 2].lower in UNIT_SPELLINGS:
        return False
    return number.value >= least and not number.value % step
