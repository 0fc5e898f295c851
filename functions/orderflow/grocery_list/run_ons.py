"""Divides pieces in which items follow each other without a separator: "2kg rice 3 tins milk".

Only amounts can tell where an item ends, and many a name holds one ("Peak 400g milk powder"). So a
piece is divided where its amounts leave little doubt: all before their names, or all behind them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from orderflow.grocery_list.items.things_in_a_row import are_two, counts_goods, name_starts
from orderflow.grocery_list.piece import Link, Piece
from orderflow.grocery_list.preparations import (
    ends_with_preparation,
    is_description,
    is_preparation,
)
from orderflow.grocery_list.quantities.amount import Amount
from orderflow.grocery_list.quantities.amounts import read_amount
from orderflow.grocery_list.quantities.closing_amounts import is_counting, read_closing_amount
from orderflow.grocery_list.quantities.lengths import is_dimension
from orderflow.grocery_list.quantities.numbers import FIGURES
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.courtesy import without_courtesy
from orderflow.grocery_list.words.goods import GOODS, GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.verbs import PREDICATING
from orderflow.grocery_list.words.vocabulary import (
    ARTICLES,
    NUMBER_WORDS,
    REMARK_OPENING,
)
from orderflow.units import COUNTED_UNITS, MEASURES, UNIT_SPELLINGS

_COUNTING: Final = frozenset((*NUMBER_WORDS, *ARTICLES, "half", "some"))
_SPOONS: Final = frozenset({"tablespoon", "teaspoon"})
_PREPOSITIONS: Final = words_in("with in into as on to at by")
_ALTERNATIVES: Final = frozenset({"or", "but", "no", "not"})
_LEAST_YEAR: Final = 1_000  # a bare number as large is part of a name
_FEWEST_NAMES: Final = 2
_FEWEST_AMOUNTS: Final = 2
_FEWEST_TOKENS: Final = 4  # two amounts, two names
# Of tokens: a hundred items without a separator. More is no list, and not worth a second reading.
_LONGEST_RUN: Final = 400


class _Place(NamedTuple):
    """Where an amount stands, or several in a row ("50kg 2 bags").

    ``unit`` is the first one's, ``last`` where the last one begins.
    """

    start: int
    end: int
    unit: str
    last: int


def split_runs(piece: Piece, known: Collection[tuple[str, ...]] = ()) -> Sequence[Piece]:
    """The items of the piece, in order; the piece itself where it seems to hold only one.

    Args:
        piece: the tokens between two separators.
        known: names of a catalog, by their words.
    """
    items = _runs(piece, known)
    return items if len(items) == 1 or not _says_more(piece) else (piece,)


def _runs(piece: Piece, known: Collection[tuple[str, ...]]) -> Sequence[Piece]:
    if not _FEWEST_NAMES <= len(piece.tokens) <= _LONGEST_RUN:
        return (piece,)
    parts = _split_at_amounts(piece)
    if len(parts) > _FEWEST_NAMES:
        for part in parts:  # "bread milk 2 butter 1 eggs 12": where so many are listed
            part.before_and = True
    elif not known and not _may_hold_names(piece):
        return parts
    return [name for part in parts for name in _split_names(part, known)]


def _says_more(piece: Piece) -> bool:
    """Whether the piece says something of the item before it: ", smashed to a paste with a knife".

    Its articles and numbers begin no items.
    """
    first = piece.tokens[0]
    if piece.link == Link.LINE:
        return False
    if first.lower in _ALTERNATIVES:
        return True
    if first.kind == Kind.NUMBER:
        return is_dimension(piece.tokens)
    return is_description(first.lower) and is_preparation(piece.tokens)


def _may_hold_names(piece: Piece) -> bool:
    """Whether there are names enough to be several things: most have two words at most."""
    goods = [token.lower for token in piece.tokens if token.lower in GOODS_WORDS]
    if len(goods) != _FEWEST_NAMES:
        return len(goods) > _FEWEST_NAMES
    return piece.before_and or goods[0][-1] == "s"


def _split_at_amounts(piece: Piece) -> Sequence[Piece]:
    if len(piece.tokens) < _FEWEST_TOKENS:
        return (piece,)
    numbers = [token for token in piece.tokens if token.kind in FIGURES or token.lower in _COUNTING]
    bare = _bare(piece.tokens)
    if not bare and (not numbers or (len(numbers) == 1 and not _may_hold_names(piece))):
        return (piece,)
    tokens = without_courtesy(piece.tokens)
    cuts = sorted({*_cuts(tokens, and_follows=piece.before_and), *_bare(tokens)})
    return _parts(piece, tokens, cuts) if cuts else (piece,)


def _split_names(piece: Piece, known: Collection[tuple[str, ...]]) -> Sequence[Piece]:
    """The names of "milk bread eggs", and of "2 tins tomatoes bread"."""
    tokens = without_courtesy(piece.tokens)
    first = read_amount(tokens, 0) if tokens else None
    if first and first.unit in _SPOONS:  # "5 tbsp mango lime salsa"
        return (piece,)
    start = first.end if first else 0
    priced = next((at for at in range(start, len(tokens)) if tokens[at].kind == Kind.MONEY), None)
    closing = read_closing_amount(tokens[start:priced])
    end = start + closing[0] if closing else len(tokens[:priced])
    inner = next((at for at in range(start + 1, end) if counts_goods(tokens, at)), end)
    names = tokens[start:inner]
    starts = name_starts(names, known, and_follows=(piece.before_and and not start) or inner < end)
    cuts = [start + place for place in starts[1:]]
    if inner < end and (cuts or are_two(names, tokens[inner:])):
        cuts.append(inner)
        rest = name_starts(tokens[inner + 1 : end], known, and_follows=piece.before_and)
        cuts += [inner + 1 + place for place in rest[1:]]
    return _parts(piece, tokens, cuts, Link.COMMA) if cuts else (piece,)


def _bare(tokens: Sequence[Token]) -> list[int]:
    """Where an item without a number begins: "some bread some cheese", "tuna tin of soup"."""
    return [
        place
        for place, token in enumerate(tokens[:-1])
        if place
        and tokens[place - 1].lower in GOODS
        and (token.lower == "some" or _is_unit_of(tokens, place))
    ]


def _is_unit_of(tokens: Sequence[Token], place: int) -> bool:
    if tokens[place + 1].lower != "of" or tokens[place].lower not in UNIT_SPELLINGS:
        return False
    return token_at(tokens, place + 2).lower in GOODS_WORDS


def _cuts(tokens: Sequence[Token], *, and_follows: bool) -> list[int]:
    """The positions at which another item begins."""
    places = _places(tokens)
    if len(places) == 1:
        return _behind_amount(tokens, places[0], and_follows=and_follows)
    if len(places) < _FEWEST_AMOUNTS:
        return []
    if places[0].start == 0 or _follows_a_name(tokens, places):
        inner = [place for place in places[1:] if place.end < len(tokens) or _names(place, places)]
        if not _begin_items(tokens, places[0], inner):
            return []
        return [_cut_before(tokens, place) for place in (places if places[0].start else inner)]
    # "rice 5kg, beans 10" may be two amounts of one thing: both have units, or none has.
    rest = tokens[places[-1].end :]
    alike = len({bool(place.unit) for place in places}) == 1 or (
        len(places) > _FEWEST_AMOUNTS and all(token.lower in GOODS_WORDS for token in rest)
    )
    return [place.end for place in places if place.end < len(tokens)] if alike else []


def _behind_amount(tokens: Sequence[Token], place: _Place, *, and_follows: bool) -> list[int]:
    """Where other things follow one with its amount: "pasta sauce two jars parmesan salad"."""
    rest = tokens[place.end :]
    if not (place.start and place.unit and rest) or tokens[place.end - 1].lower == "of":
        return []
    if all(token.lower not in GOODS for token in tokens[: place.start]):
        return []
    several = len(name_starts(rest, (), and_follows=and_follows)) > 1
    return [place.end] if several else []


def _cut_before(tokens: Sequence[Token], place: _Place) -> int:
    """Where the item of an amount begins: a size before it is that of the item before.

    "1 bag of rice 50 kilograms 2 kegs of oil"
    """
    begins_item = tokens[place.last].kind in FIGURES or tokens[place.last].lower in NUMBER_WORDS
    is_size = place.last > place.start and place.unit in MEASURES
    ends_with_of = tokens[place.end - 1].lower == "of"
    return place.last if is_size and begins_item and ends_with_of else place.start


def _follows_a_name(tokens: Sequence[Token], places: Sequence[_Place]) -> bool:
    """Whether only the first thing lacks an amount: "grapes, a pineapple, 4 kiwis"."""
    if places[-1].end == len(tokens) or tokens[places[0].start].lower not in ARTICLES:
        return False
    return all(token.lower in GOODS for token in tokens[: places[0].start])


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


def _parts(
    piece: Piece, tokens: Sequence[Token], cuts: Sequence[int], between: int = Link.LINE
) -> list[Piece]:
    """The piece in parts; brackets go with the part that they stand in or behind."""
    edges = [0, *cuts, len(tokens)]
    parts: list[Piece] = []
    for start, end in pairwise(edges):
        after = tokens[end].start if end < len(tokens) else None
        asides = [
            aside
            for aside in piece.asides
            if (start == 0 or aside.start >= tokens[start].start)
            and (after is None or aside.start < after)
        ]
        link = piece.link if start == 0 else between
        joined = end < len(tokens) and tokens[end - 1].lower == "with"
        leads = start > 0 and tokens[start].lower == "with" and start + 1 < end
        parts.append(Piece(link, list(tokens[start + leads : end - joined]), asides))
    parts[0].opening = piece.opening
    parts[-1].is_heading, parts[-1].before_and = piece.is_heading, piece.before_and
    return parts
