"""Tells where items begin by the amounts of a run: "2kg rice 3 tins milk", "rice 5kg milk 2".

Amounts stand before their names or behind them. Some surely begin an item ("a bag of", "a swede");
what lies between those is read one way or the other, whichever fits its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Final, NamedTuple

from orderflow.grocery_list.items.things_in_a_row import FLAVOURED_BRANDS, name_starts
from orderflow.grocery_list.preparations import ends_with_preparation
from orderflow.grocery_list.quantities.amount import Amount
from orderflow.grocery_list.quantities.amounts import read_amount
from orderflow.grocery_list.quantities.closing_amounts import is_counting
from orderflow.grocery_list.quantities.numbers import FIGURES
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import GOODS, GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.verbs import PREDICATING
from orderflow.grocery_list.words.vocabulary import (
    ARTICLES,
    DESCRIPTIONS,
    NUMBER_WORDS,
    REMARK_OPENING,
)
from orderflow.units import COUNTED_UNITS, MEASURES, UNIT_SPELLINGS

_PREPOSITIONS: Final = words_in("with in into as on to at by")
_LEAST_YEAR: Final = 1_000  # a bare number as large is part of a name
_DESCRIBING: Final = DESCRIPTIONS | {"size", "sized", "one", "ones", "own"}
_POINTING: Final = words_in("the it them those these this that my our")
_FEWEST_AMOUNTS: Final = 2
_NUMBERS: Final = frozenset((*NUMBER_WORDS, *ARTICLES))


class _Place(NamedTuple):
    """Where an amount stands, or several in a row ("50kg 2 bags").

    ``unit`` is the first one's, ``last`` where the last one begins.
    """

    start: int
    end: int
    unit: str
    last: int


def amount_cuts(tokens: Sequence[Token], *, and_follows: bool) -> list[int]:
    """The positions at which another item begins, as far as amounts tell.

    Args:
        tokens: those of one piece.
        and_follows: an "and" and another name come next.
    """
    places = _places(tokens)
    sure = [
        _cut_before(tokens, place)
        for place, following in zip_longest(places, places[1:])
        if _begins_surely(tokens, place, following)
    ]
    if len(places) < _FEWEST_AMOUNTS or not sure:
        return _cuts(tokens, places, and_follows=and_follows, are_many=False)
    cuts = [*sure]
    for start, end in zip([0, *sure], [*sure, len(tokens)], strict=True):
        part = tokens[start:end]
        goes_on = and_follows or end < len(tokens)
        inner = _cuts(part, _places(part), and_follows=goes_on, are_many=True)
        cuts += [start + cut for cut in inner]
    return cuts


def _begins_surely(tokens: Sequence[Token], place: _Place, following: _Place | None) -> bool:
    """Whether an item begins with the amount, behind another: "a bag of", "a swede", "2 limes"."""
    start = _cut_before(tokens, place)
    if not start or place.end == len(tokens):
        return False
    before, first = tokens[start - 1], tokens[place.end].lower
    if tokens[place.end - 1].lower == "of":
        return (
            before.kind == Kind.WORD
            and before.lower not in _PREPOSITIONS
            and first not in _POINTING
        )
    if first not in GOODS_WORDS and first not in DESCRIPTIONS:
        return False
    if tokens[start].lower in ARTICLES and start + 1 == place.end:  # not "eggs a dozen milk"
        return before.lower in GOODS_WORDS or start > place.start
    if before.lower.endswith("s") or not _counts(tokens, place):
        return False
    names = tokens[place.end : following.start if following else len(tokens)]
    return following is None or len(name_starts(names, (), and_follows=True)) > 1


def _cuts(
    tokens: Sequence[Token], places: Sequence[_Place], *, and_follows: bool, are_many: bool
) -> list[int]:
    """The positions at which another item begins, where all amounts stand on one side of names."""
    if len(places) == 1:
        return _behind_amount(tokens, places[0], and_follows=and_follows)
    if len(places) < _FEWEST_AMOUNTS:
        return []
    if places[0].start == 0 or _follow_names(tokens, places):
        inner = [place for place in places[1:] if place.end < len(tokens) or _names(place, places)]
        if not (are_many or _begin_items(tokens, places[0], inner)):
            return []
        return [_cut_before(tokens, place) for place in (places if places[0].start else inner)]
    if not _follow_each(tokens, places):
        return []
    rest = [token.lower for token in tokens[places[-1].end :]]
    only_describes = bool(rest) and _DESCRIBING.issuperset(rest)  # "fish 1 big size"
    behind = places[:-1] if only_describes else places
    return [place.end for place in behind if place.end < len(tokens)]


def _follow_each(tokens: Sequence[Token], places: Sequence[_Place]) -> bool:
    """Whether each amount stands behind its thing.

    "coke 50cl bottle 12" has two amounts of one thing, unlike "rice 5kg beans 10".
    """
    if len({bool(place.unit) for place in places}) == 1:
        return True
    last = tokens[places[-1].end :]
    words = {token.lower for token in last if token.kind == Kind.WORD}
    if not (words <= GOODS_WORDS or words <= _DESCRIBING):
        return False
    if len(places) > _FEWEST_AMOUNTS:
        return True
    first, second = tokens[: places[0].start], tokens[places[0].end : places[1].start]
    names_things = all(name and name[-1].lower in GOODS_WORDS for name in (first, second))
    return names_things and tokens[0].lower not in FLAVOURED_BRANDS


def _behind_amount(tokens: Sequence[Token], place: _Place, *, and_follows: bool) -> list[int]:
    """Where other things follow one with its amount: "pasta sauce two jars parmesan salad"."""
    rest = tokens[place.end :]
    if not (place.start and place.unit and rest) or tokens[place.end - 1].lower == "of":
        return []
    if all(token.lower not in GOODS_WORDS for token in tokens[: place.start]):
        return []
    several = len(name_starts(rest, (), and_follows=and_follows, are_many=and_follows)) > 1
    return [place.end] if several else []


def _cut_before(tokens: Sequence[Token], place: _Place) -> int:
    """Where the item of an amount begins: one before it is that of the item before.

    "1 bag of rice 50 kilograms 2 kegs of oil", "onions three a bag of potatoes"
    """
    first = tokens[place.last]
    begins_item = first.kind in FIGURES or first.lower in _NUMBERS
    is_other = place.last > place.start > 0 and (place.unit in MEASURES or not place.unit)
    ends_with_of = tokens[place.end - 1].lower == "of"
    return place.last if is_other and begins_item and ends_with_of else place.start


def _follow_names(tokens: Sequence[Token], places: Sequence[_Place]) -> bool:
    """Whether the first things lack an amount, and all amounts stand before their names.

    "grapes a pineapple 4 kiwis", "bread 2 apples 3 limes"; not "apples 2 pears 3 limes".
    """
    if places[-1].end == len(tokens):
        return False
    before = tokens[: places[0].start]
    if not all(token.lower in GOODS_WORDS for token in before):
        return False
    if tokens[places[0].start].lower in ARTICLES:
        return True
    return not before[-1].lower.endswith("s") and all(_counts(tokens, place) for place in places)


def _counts(tokens: Sequence[Token], place: _Place) -> bool:
    """Whether the amount is of several things that are named behind it: "2 apples"."""
    following = token_at(tokens, place.end).lower
    is_several = not place.unit and tokens[place.start].lower not in {"1", "one"}
    return is_several and following.endswith("s") and following in GOODS


def _names(place: _Place, places: Sequence[_Place]) -> bool:
    """Whether the last amount's unit is the thing itself, as in "... and half a dozen rolls"."""
    return place.unit in COUNTED_UNITS and len(places) > _FEWEST_AMOUNTS


def _places(tokens: Sequence[Token]) -> list[_Place]:
    """Where amounts stand that are no part of a remark, such as "for 5 people"."""
    places: list[_Place] = []
    position = 0
    while position < len(tokens) and not (position and _opens_remark(tokens, position)):
        amount = _amount(tokens, position)
        if amount is None or _is_with_a(tokens, position, amount):
            position += 1
            continue
        if places and places[-1].end == position and tokens[position].lower != "some":
            places[-1] = places[-1]._replace(end=amount.end, last=position)
        else:
            places.append(_Place(position, amount.end, amount.unit, position))
        position = amount.end
    return places


def _is_with_a(tokens: Sequence[Token], position: int, amount: Amount) -> bool:
    """Whether an article only goes on with a preposition: "with a little sauce", "as a handle"."""
    before = tokens[position - 1].lower if position else ""
    is_article = tokens[position].lower in ARTICLES
    return is_article and before in _PREPOSITIONS and not amount.unit


def _opens_remark(tokens: Sequence[Token], position: int) -> bool:
    return (
        tokens[position].lower in PREDICATING
        or bool(REMARK_OPENING.match(tokens, position))
        or ends_with_preparation(tokens, position)
    )


def _amount(tokens: Sequence[Token], position: int) -> Amount | None:
    if tokens[position].kind == Kind.TIMES or is_counting(tokens, position):
        amount = read_amount(tokens, position)
        is_year = amount and not amount.unit and amount.quantity >= _LEAST_YEAR and position
        return None if is_year else amount
    if (
        not position and tokens[0].lower in UNIT_SPELLINGS and tokens[1].lower == "of"
    ):  # "bag of spuds 4 pork chops"
        return read_amount(tokens, 0)
    if tokens[position].lower == "some" and position:
        return Amount(Decimal(1), "", position + 1)
    return None


def _begin_items(tokens: Sequence[Token], first: _Place, inner: Sequence[_Place]) -> bool:
    """Whether items begin with these amounts; a lone weight may be a size: "1 Peak 400g powder"."""
    if len(inner) != 1:
        return bool(inner)
    place = inner[0]
    if place.unit in COUNTED_UNITS or not place.unit or first.unit in MEASURES:
        return True
    return tokens[place.start].kind == Kind.WORD or tokens[place.end - 1].lower == "of"
