"""Divides pieces in which items follow each other without a separator: "2kg rice 3 tins milk".

Only amounts can tell where an item ends, and many a name holds one ("Peak 400g milk powder"). So a
piece is divided where its amounts leave little doubt: all before their names, or all behind them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from orderflow.grocery_list.items.amounts_in_a_row import amount_cuts
from orderflow.grocery_list.items.completions import KITCHEN_UNITS
from orderflow.grocery_list.items.things_in_a_row import are_two, counts_goods, name_starts
from orderflow.grocery_list.piece import Link, Piece
from orderflow.grocery_list.preparations import (
    is_description,
    is_preparation,
)
from orderflow.grocery_list.quantities.amounts import read_amount
from orderflow.grocery_list.quantities.closing_amounts import read_closing_amount
from orderflow.grocery_list.quantities.lengths import is_dimension
from orderflow.grocery_list.quantities.numbers import FIGURES, NUMBER_SPELLINGS
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.courtesy import without_courtesy
from orderflow.grocery_list.words.goods import COMPOUND_GOODS, GOODS, GOODS_WORDS
from orderflow.grocery_list.words.vocabulary import DESCRIPTIONS
from orderflow.units import UNIT_SPELLINGS

_COUNTING: Final = NUMBER_SPELLINGS | {"some"}
_SPOONS: Final = frozenset({"tablespoon", "dessertspoon", "teaspoon"})
_ALTERNATIVES: Final = frozenset({"or", "but", "no", "not"})
_NO_BEGINNINGS: Final = frozenset((*UNIT_SPELLINGS, *DESCRIPTIONS))  # "tea 700 fresh"
_FEWEST_NAMES: Final = 2
_FEWEST_TOKENS: Final = 4  # two amounts, two names
# Of tokens: a hundred items without a separator. More is no list, and not worth a second reading.
_LONGEST_RUN: Final = 400


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
    if len(parts) <= _FEWEST_NAMES and not known and not _may_hold_names(piece):
        return parts
    are_many = len(parts) > _FEWEST_NAMES
    items = [name for part in parts for name in _split_names(part, known, are_many=are_many)]
    if are_many or len(items) <= _FEWEST_NAMES:
        return items
    # So many things are a run, in which two names are two things.
    return [name for part in parts for name in _split_names(part, known, are_many=True)]


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
    bare = [*_bare(piece.tokens), *_behind_prices(piece.tokens)]
    if not bare and (not numbers or (len(numbers) == 1 and not _may_hold_names(piece))):
        return (piece,)
    if 2 * len(numbers) >= len(piece.tokens) and _are_measures(piece.tokens):
        return (piece,)
    tokens = without_courtesy(piece.tokens)
    if len(tokens) < len(piece.tokens):
        bare = [*_bare(tokens), *_behind_prices(tokens)]
    cuts = sorted({*amount_cuts(tokens, and_follows=piece.before_and), *bare})
    return _parts(piece, tokens, cuts) if cuts else (piece,)


def _are_measures(tokens: Sequence[Token]) -> bool:
    """Whether no name stands among these for an item to begin with: "1 lb 4 oz"."""
    are_figures = all(token.kind == Kind.NUMBER for token in tokens[::2])
    return are_figures and all(token.lower in UNIT_SPELLINGS for token in tokens[1::2])


def _split_names(
    piece: Piece, known: Collection[tuple[str, ...]], *, are_many: bool
) -> Sequence[Piece]:
    """The names of "milk bread eggs", and of "2 tins tomatoes bread".

    ``are_many``: they stand in a list of many things without separators.
    """
    tokens = without_courtesy(piece.tokens)
    first = read_amount(tokens, 0) if tokens else None
    if first and (first.unit in _SPOONS or (first.unit in KITCHEN_UNITS and _has_or(tokens))):
        return (piece,)  # "5 tbsp mango lime salsa", "1 cup chopped chives or scallion greens"
    start = first.end if first else 0
    priced = next((at for at in range(start, len(tokens)) if tokens[at].kind == Kind.MONEY), None)
    closing = read_closing_amount(tokens[start:priced])
    end = start + closing[0] if closing else len(tokens[:priced])
    inner = next((at for at in range(start + 1, end) if counts_goods(tokens, at)), end)
    names = tokens[start:inner]
    and_follows = (piece.before_and and not start) or inner < end
    starts = name_starts(
        names, known, and_follows=and_follows, are_many=are_many, is_counted=start > 0
    )
    cuts = [start + place for place in starts[1:]]
    if inner < end and (cuts or are_two(names, tokens[inner:])):
        cuts.append(inner)
        rest = tokens[inner + 1 : end]
        starts = name_starts(rest, known, and_follows=piece.before_and, are_many=are_many)
        cuts += [inner + 1 + place for place in starts[1:]]
    return _parts(piece, tokens, cuts, Link.COMMA) if cuts else (piece,)


def _has_or(tokens: Sequence[Token]) -> bool:
    return any(token.lower == "or" for token in tokens)


def _bare(tokens: Sequence[Token]) -> list[int]:
    """Where an item without a number begins: "some bread some cheese", "tuna tin of soup"."""
    return [
        place
        for place, token in enumerate(tokens[:-1])
        if place
        and (
            (tokens[place - 1].lower in GOODS and _begins_bare(tokens, place))
            or (token.lower in {"a", "an"} and _is_between_things(tokens, place))
        )
    ]


def _begins_bare(tokens: Sequence[Token], place: int) -> bool:
    return tokens[place].lower == "some" or _is_unit_of(tokens, place)


def _is_between_things(tokens: Sequence[Token], place: int) -> bool:
    """Whether names of two words of goods end and begin there: "dog treats" a "light bulb"."""
    before = tuple(token.lower for token in tokens[place - 2 : place])
    behind = tuple(token.lower for token in tokens[place + 1 : place + 3])
    return before in COMPOUND_GOODS and behind in COMPOUND_GOODS


def _behind_prices(tokens: Sequence[Token]) -> list[int]:
    """Where an item begins behind the price of another: "crayfish 1k palm oil 2 bottles"."""
    if Kind.MONEY not in [token.kind for token in tokens]:
        return []
    return [
        place + 1
        for place, token in enumerate(tokens[:-1])
        if token.kind == Kind.MONEY
        and tokens[0].kind != Kind.MONEY
        and tokens[place + 1].lower in GOODS_WORDS
        and tokens[place + 1].lower not in _NO_BEGINNINGS
        and (tokens[place - 1].lower in GOODS_WORDS or tokens[place - 1].lower in UNIT_SPELLINGS)
    ]


def _is_unit_of(tokens: Sequence[Token], place: int) -> bool:
    if tokens[place + 1].lower != "of" or tokens[place].lower not in UNIT_SPELLINGS:
        return False
    following = token_at(tokens, place + 2)
    are_several = [token.lower for token in tokens].count("of") >= _FEWEST_NAMES
    return following.lower in GOODS_WORDS or (are_several and following.kind == Kind.WORD)


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
