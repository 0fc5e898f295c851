"""Reads one piece of a grocery list on its own: an item, an amount, a remark, or nothing.

piece := [courtesy] (item | amount | remark) [courtesy] {aside}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.items import remarks
from orderflow.grocery_list.items.drafts import Draft, extent
from orderflow.grocery_list.items.item import name_of, read_item
from orderflow.grocery_list.items.remarks import is_leftover, is_remark
from orderflow.grocery_list.piece import Aside, Link, Piece
from orderflow.grocery_list.preparations import (
    PART_ENDINGS,
    ends_with_preparation,
    is_description,
    is_participle,
    is_preparation,
    says_share,
)
from orderflow.grocery_list.quantities.amount import Amount
from orderflow.grocery_list.quantities.amounts import read_amount
from orderflow.grocery_list.quantities.closing_amounts import read_closing_amount
from orderflow.grocery_list.quantities.impossible import is_impossible, says_none
from orderflow.grocery_list.quantities.lengths import begins_with_size, is_dimension
from orderflow.grocery_list.quantities.numbers import is_number, said_once
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at, written
from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.words.courtesy import without_courtesy
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.vocabulary import (
    APPROXIMATELY,
    EXTRACTS,
    NUMBER_WORDS,
    REMARK_OPENING,
)
from orderflow.units import COUNTED_UNITS

_EACH: Final = "each"
_REFUSING: Final = words_in("no not don't dont do never without")
_TAKING_BACK: Final = words_in("cancel remove delete scratch scrap leave skip forget")
_POINTING: Final = frozenset({"the", "my", "that", "those"})
_LONGEST_ITEM: Final = 150  # tokens; more of them are read as a name, whatever they say
_SHORTEST_ASKED: Final = 4  # tokens: "arrange 5 litres oil"
_SHORTEST_EACH: Final = 2  # tokens: "2 each"
_PREPOSITIONS: Final = words_in("in into to of about with at by or and from over")
_LEADING: Final = frozenset({("to", "taste"), ("as", "needed"), ("as", "required")})
_IN_THAT_CASE: Final = frozenset({"so", "yes", "available", "possible"})
_LONGEST_DOING: Final = 2  # tokens
_AGES: Final = frozenset({"day", "days", "week", "weeks", "month", "months", "year", "years"})
_SEQUELS: Final = frozenset({"then", "into", "spread"})


def read_piece(piece: Piece, *, after_remark: bool = False) -> Draft | None:
    """What the piece says; None where it is courtesy alone.

    Args:
        piece: the tokens between two separators.
        after_remark: the piece before it was a remark, so that an "and" may go on with it.
    """
    tokens = without_courtesy(piece.tokens)
    verb = None
    if tokens and tokens[0] is not piece.tokens[0]:
        tokens = tokens[tokens[0].kind == Kind.DOT :]  # "approx. 1 cup"
        verb = tokens[0] if _begins_with_verb(tokens) else None
        tokens = tokens[verb is not None :]
    if not tokens and not piece.asides:
        return None if piece.tokens else Draft(piece.emoji[0].start, piece.emoji[-1].end)
    if len(tokens) > _LONGEST_ITEM:
        return Draft(*extent(tokens, piece.asides), name=name_of(tokens))
    said_twice = _said_twice(tokens)
    ends_each = _ends_each(tokens) or said_twice is not None
    said = said_once(tokens[:-1]) if ends_each and len(tokens) > _SHORTEST_EACH else tokens
    said = tokens[:-2] if said_twice else said
    if _adds_packs(said, piece):
        draft = _read_item(said[1:], piece)
    elif leading := _leading_remark(said, piece):
        draft = _read_item(said[leading:], piece)
        draft.start = said[0].start
        draft.notes.insert(0, written(said[: min(leading, 2)]))
    else:
        draft = _read_remark(said, piece, after_remark=after_remark) or _read_item(said, piece)
    draft.ends_each = draft.ends_each or ends_each
    draft.amount = draft.amount or said_twice
    draft.end = max(draft.end, tokens[-1].end if tokens else 0)
    if verb:
        draft.start = verb.start
        draft.notes.insert(0, verb.text)
    if piece.opening:
        draft.start = piece.opening.start
    return draft


def _begins_with_verb(tokens: Sequence[Token]) -> bool:
    """Whether the first word asks for the amount behind it: "pls arrange 5 litres red oil"."""
    if len(tokens) < _SHORTEST_ASKED or not is_number(tokens[1]) or is_number(tokens[0]):
        return False
    first = tokens[0]
    if not first.text.isalpha() or first.lower in GOODS or is_description(first.lower):
        return False
    amount = read_amount(tokens, 1)
    return amount is not None and bool(amount.unit) and amount.end < len(tokens)


def _read_item(tokens: Sequence[Token], piece: Piece) -> Draft:
    if tokens and is_impossible(tokens):
        said = ["none"] if says_none(tokens) else []
        return Draft(*extent(tokens, piece.asides), notes=said, reason=Reason.IMPOSSIBLE)
    if _takes_back(tokens):
        taken = name_of([token for token in tokens[1:] if token.lower not in _POINTING]).lower()
        return Draft(*extent(tokens, piece.asides), takes_back=taken, reason=Reason.REFUSED)
    if _answers(tokens):
        draft = read_item(tokens[2:], piece.asides)
        draft.start, draft.completes = tokens[0].start, True
        return draft
    draft = read_item(tokens, piece.asides)
    if piece.link == Link.COMMA and draft.amount and remarks.points_back(draft.name):
        draft.notes.insert(0, draft.name)
        draft.name = ""
    if piece.link in {Link.COMMA, Link.DASH}:
        draft.read_name_as_unit()
    draft.is_approximate = bool(piece.tokens) and piece.tokens[0].lower in APPROXIMATELY
    return draft


def _takes_back(tokens: Sequence[Token]) -> bool:
    """Whether a thing is taken off the list: "cancel the milk", (take) "off the milk"."""
    if len(tokens) <= 1:
        return False
    first = tokens[0].lower
    return first in _TAKING_BACK or (first == "off" and tokens[1].lower in _POINTING)


def _leading_remark(tokens: Sequence[Token], piece: Piece) -> int:
    """The length of the remark before a thing: "to taste (of)" pepper, "optional" 2 l; else 0."""
    if tokens and tokens[0].lower == "optional" and is_number(token_at(tokens, 1)):
        return 1
    if piece.link != Link.LINE or tuple(token.lower for token in tokens[:2]) not in _LEADING:
        return 0
    length = 2 + (token_at(tokens, 2).lower == "of")
    return length if len(tokens) > length else 0


def _adds_packs(tokens: Sequence[Token], piece: Piece) -> bool:
    """Whether packs of another thing are added: "..., with 1 tin sardine"."""
    if piece.link == Link.LINE or len(tokens) <= _SHORTEST_EACH or tokens[0].lower != "with":
        return False
    packs = read_amount(tokens, 1)
    if packs is None:
        return read_closing_amount(tokens[1:]) is not None
    return packs.unit in COUNTED_UNITS and packs.end < len(tokens)


def _read_remark(tokens: Sequence[Token], piece: Piece, *, after_remark: bool) -> Draft | None:
    """The remark that the piece is; None for an item, or the part of one."""
    detached = piece.link not in {Link.LINE, Link.CORRECTION}
    if tokens and _is_figure(tokens[0]) and tokens[0] is piece.tokens[0]:
        says_more = (detached and len(tokens) > 1) and (
            _says_what_for(tokens)
            or is_leftover(tokens)
            or ((piece.link == Link.COMMA or after_remark) and _says_of_some(piece.tokens))
        )
        return _remark(tokens, piece.asides) if says_more else None
    if detached and piece.tokens and (_is_detached_remark(piece) or _is_length(tokens)):
        return _remark(piece.tokens, piece.asides)
    if not tokens or _answers(tokens) or is_impossible(tokens):
        return None
    describes = all(is_description(token.lower) for token in tokens)  # a line says "firm"
    if describes and piece.link == Link.LINE and not piece.asides:
        return Draft(*extent(tokens, ()), notes=[written(tokens)], is_remark=True, completes=True)
    if _is_remark(tokens, piece, after_remark=after_remark, detached=detached):
        return _remark(tokens, piece.asides)
    return None


def _is_figure(token: Token) -> bool:
    return token.kind == Kind.NUMBER or token.lower in NUMBER_WORDS


def _says_of_some(tokens: Sequence[Token]) -> bool:
    """ "3 eggs, 1 beaten", "2-3 slices per sandwich": what is done with so many of them."""
    said = tokens[1:]
    words = [token.lower for token in said]
    last = tokens[-1].lower
    if "per" in words or last == "reserved" or (words[:1] == ["with"] and len(words) > 1):
        return True  # "½ cup of the water reserved", "2 with seeds removed"
    if last == "only" and not EXTRACTS.isdisjoint(words):  # "3 strips zest only"
        return True
    if last == "old" and not _AGES.isdisjoint(words):
        return True
    if not said or said[0].lower in GOODS:  # "2 eggs separated" is a thing of its own
        return False
    return any(map(is_participle, words[:2])) and is_preparation(said)


def _is_detached_remark(piece: Piece) -> bool:
    """Whether the piece with its courtesy is a remark: "to glaze", "zest only", "the big ones"."""
    if piece.link != Link.AND and is_preparation(piece.tokens):
        return True
    first, second = piece.tokens[0].lower, token_at(piece.tokens, 1).lower
    if first == "the" and second in {"one", "ones"}:  # "the one wey soft"
        return True
    if piece.link == Link.COMMA and (first == "like" or says_share(piece.tokens)):
        return True  # "herbs, like dill"
    return _says_what_for(piece.tokens) or remarks.ends_as_remark(piece.tokens)


def _is_length(tokens: Sequence[Token]) -> bool:
    """Whether a length is left without courtesy: "around" 12cm long."""
    return bool(tokens) and tokens[0].kind == Kind.WORD and _says_what_for(tokens)


def _says_what_for(tokens: Sequence[Token]) -> bool:
    """ "to glaze"; or a length, which is no amount: "7cm", "3cm/1in thick", "½ inch thick"."""
    first = tokens[0]
    if first.lower == "to":
        return len(tokens) > 1 and tokens[1].lower not in {"my", "the"}
    if first.text[0].isnumeric() and is_dimension(tokens):
        return True
    return begins_with_size(tokens)


def _is_remark(
    tokens: Sequence[Token], piece: Piece, *, after_remark: bool, detached: bool
) -> bool:
    if detached and is_leftover(tokens):
        return True
    if piece.link == Link.AND and not after_remark:  # "butter melted and cooled"
        is_done = all(is_participle(token.lower) for token in tokens)
        is_done = is_done or (tokens[-1].lower in PART_ENDINGS and is_preparation(tokens))
        return is_done or bool(REMARK_OPENING.match(tokens, 0))
    if piece.link == Link.AND and _goes_on(tokens):
        return True
    return is_remark(tokens, detached=detached)


def _goes_on(tokens: Sequence[Token]) -> bool:
    """Whether the words go on with a remark: "pin boned", "covering"."""
    last = tokens[-1].lower
    if tokens[0].lower in _SEQUELS or ends_with_preparation(tokens, 0):
        return GOODS.isdisjoint(token.lower for token in tokens)
    if is_description(last):
        return not any(is_number(token) for token in tokens)
    is_doing = last.endswith("ing") and last not in GOODS  # "for shallow" and deep frying
    return is_doing and len(tokens) <= _LONGEST_DOING and tokens[0].lower not in GOODS


def _answers(tokens: Sequence[Token]) -> bool:
    """Whether the piece answers the question before it: "if so, 2 pints"."""
    return (
        len(tokens) > 2  # noqa: PLR2004 - "if", "so" and an amount
        and tokens[0].lower == "if"
        and tokens[1].lower in _IN_THAT_CASE
        and is_number(tokens[2])
    )


def _ends_each(tokens: Sequence[Token]) -> bool:
    """Whether the amount at the end is one of each item so far: "5kg each", unlike "£2 each"."""
    if len(tokens) < _SHORTEST_EACH:
        return False
    if tokens[-1].lower != _EACH:
        return False
    return not any(token.kind == Kind.MONEY for token in tokens)


def _said_twice(tokens: Sequence[Token]) -> Amount | None:
    """How much of each a number says that ends the items twice: "curry and thyme one one"."""
    if len(tokens) <= _SHORTEST_EACH or tokens[-1].lower not in NUMBER_WORDS:
        return None
    return read_amount(tokens[-1:], 0) if tokens[-2].lower == tokens[-1].lower else None


def _remark(tokens: Sequence[Token], asides: Sequence[Aside]) -> Draft:
    draft = Draft(*extent(tokens, asides), is_remark=True)
    if tokens[0].lower in _REFUSING:
        draft.reason = Reason.REFUSED
        draft.takes_back = name_of([t for t in tokens if t.lower not in _REFUSING]).lower()
    closing = read_closing_amount(tokens)
    if closing and closing[1].unit and _is_complete(tokens[: closing[0]]):
        tokens = tokens[: closing[0]]  # "prawns, shell on 400g"
        draft.take_amount(closing[1])
    draft.notes.append(written(tokens))
    draft.notes.extend(written(aside.tokens) for aside in asides if aside.tokens)
    return draft


def _is_complete(tokens: Sequence[Token]) -> bool:
    """Whether the remark needs no amount behind it, as "cut into" does."""
    last = next((token for token in reversed(tokens) if token.kind != Kind.DOT), tokens[-1])
    ends = last.lower not in _PREPOSITIONS | APPROXIMATELY and last.kind != Kind.SLASH
    return ends and is_preparation(tokens)
