"""Reads one piece of a grocery list on its own: an item, an amount, a remark, or nothing.

    piece := [courtesy] [amount] [preference] name [size] [closing amount] [courtesy] [remark]

Bracketed asides are amounts where there is no other ("eggs (12)"), else remarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from orderflow.grocery_list.amounts import (
    Amount,
    read_amount,
    read_closing_amount,
    read_whole_amount,
)
from orderflow.grocery_list.numbers import is_number
from orderflow.grocery_list.segments import Aside, Link, Piece
from orderflow.grocery_list.token_kinds import Kind, Token, token_at, written
from orderflow.grocery_list.vocabulary import (
    AFTER_AMOUNT,
    AFTER_SIZE,
    CLOSING,
    CLOSING_SIZES,
    DESCRIPTIONS,
    DETACHED_REMARK_ENDING,
    DETACHED_REMARK_OPENING,
    PREFERENCES,
    REMARK_OPENING,
    WRAPPING,
)
from orderflow.units import MEASURES

_FULL_STOPS: Final = frozenset({Kind.STOP, Kind.DOT})
_NAME_KINDS: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF})
_SHORTEST_ENDED_REMARK: Final = 2
_REMARK_WORDS: Final = REMARK_OPENING.first_words
_EACH: Final = "each"


@dataclass(slots=True)
class Draft:
    """What a piece says. Without name, amount and notes it is not understood.

    ``start`` and ``end`` delimit it in the list; the amount ``is_each`` of the items that follow,
    too, as in "2kg each of beef and fish".
    """

    start: int
    end: int
    name: str = ""
    amount: Amount | None = None
    notes: list[str] = field(default_factory=list)
    is_each: bool = False


def read_piece(piece: Piece) -> Draft | None:
    """What the piece says; None where it is courtesy alone."""
    tokens = without_courtesy(piece.tokens)
    detached = piece.link != Link.LINE
    if detached and _ends_as_remark(piece.tokens):
        return _remark(piece.tokens, piece.asides)
    if tokens and _is_remark(tokens, detached=detached):
        return _remark(tokens, piece.asides)
    if tokens or piece.asides:
        return _item(tokens, piece.asides)
    return None if piece.tokens else Draft(piece.emoji[0].start, piece.emoji[-1].end)


def without_courtesy(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without what is only polite at either end: "please get me", "thanks"."""
    start, end = 0, len(tokens)
    while start < end and (length := _courtesy(tokens, start)):
        start += length
    while start < end and (length := CLOSING.match_end(tokens, end)):
        end -= length
    return tokens[start:end]


def _courtesy(tokens: Sequence[Token], start: int) -> int:
    """The tokens of courtesy at ``start``; none in "any brand" or "do not", unlike "any"."""
    length = WRAPPING.match(tokens, start)
    return length if length and length > REMARK_OPENING.match(tokens, start) else 0


def _is_remark(tokens: Sequence[Token], *, detached: bool) -> bool:
    if REMARK_OPENING.match(tokens, 0):
        return True
    return detached and (
        bool(DETACHED_REMARK_OPENING.match(tokens, 0))
        or all(token.lower in DESCRIPTIONS or token.kind == Kind.AND for token in tokens)
    )


def _ends_as_remark(tokens: Sequence[Token]) -> bool:
    """Whether these are "the ripe ones", "any kind", but not "one" or "2 big ones"."""
    if len(tokens) < _SHORTEST_ENDED_REMARK or tokens[-1].lower not in DETACHED_REMARK_ENDING:
        return False
    return not is_number(tokens[0])


def _remark(tokens: Sequence[Token], asides: Sequence[Aside]) -> Draft:
    draft = Draft(*_extent(tokens, asides), notes=[written(tokens)])
    draft.notes.extend(written(aside.tokens) for aside in asides if aside.tokens)
    return draft


def _item(tokens: Sequence[Token], asides: Sequence[Aside]) -> Draft:
    """The item, or the part of one, that the tokens and the asides hold."""
    draft = Draft(*_extent(tokens, asides))
    draft.amount = read_amount(tokens, 0)
    if draft.amount is not None:
        draft.notes.extend(draft.amount.notes)
        draft.is_each = token_at(tokens, draft.amount.end).lower == _EACH
    begin = draft.amount.end + draft.is_each if draft.amount else 0
    named = _split_off_remarks(draft, tokens[begin:])
    named = _split_off_amounts(draft, named)
    named = _split_off_descriptions(draft, named)
    _add_asides(draft, asides)
    draft.name = _name(named)
    if named and not draft.name:
        return Draft(draft.start, draft.end)
    return draft


def _split_off_remarks(draft: Draft, tokens: Sequence[Token]) -> list[Token]:
    """The tokens of the name; remarks and sums of money among them become notes."""
    named: list[Token] = []
    for position, token in enumerate(tokens):
        if token.kind == Kind.MONEY:
            draft.notes.append(token.text)
        elif named and token.lower in _REMARK_WORDS and REMARK_OPENING.match(tokens, position):
            draft.notes.append(written(_split_off_alternative(draft, tokens[position:])))
            break
        elif named or token.lower not in AFTER_AMOUNT:
            named.append(token)
    return named


def _split_off_alternative(draft: Draft, remark: Sequence[Token]) -> Sequence[Token]:
    """The remark without the amount that is the item's, too: "butter or margarine 250g"."""
    closing = read_closing_amount(remark) if remark[0].lower == "or" else None
    if draft.amount is not None or closing is None or not closing[1].unit:
        return remark
    start, draft.amount = closing
    draft.notes.extend(draft.amount.notes)
    return remark[:start]


def _split_off_amounts(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the amounts at its end: "rice 50kg 2 bags" has two."""
    if draft.amount is None:
        named = _split_off_late_descriptions(draft, named)
    without = _split_off_amount(draft, named)
    return _split_off_amount(draft, without) if len(without) < len(named) else named


def _split_off_late_descriptions(draft: Draft, named: list[Token]) -> list[Token]:
    """The name and its amount without the descriptions behind both: "yoghurt 4 cups plain"."""
    end = len(named)
    while end and named[end - 1].lower in DESCRIPTIONS:
        end -= 1
    if end == len(named) or read_closing_amount(named[:end]) is None:
        return named
    draft.notes.append(written(named[end:]))
    return named[:end]


def _split_off_amount(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the amount at its end: the item's, its multiple, or the size of its pack."""
    closing = read_closing_amount(named)
    if closing is None:
        return named
    start, amount = closing
    if draft.amount is None:
        draft.amount = amount
        draft.notes.extend(amount.notes)
    elif named[start].kind == Kind.TIMES and not amount.unit:
        quantity = draft.amount.quantity * amount.quantity
        draft.amount = draft.amount._replace(quantity=quantity)
    elif amount.unit in MEASURES:
        draft.notes.append(written(named[start:]))
    else:
        return named
    return named[:start]


def _split_off_descriptions(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the preference before it and the size behind it."""
    start = 1 if len(named) > 1 and named[0].lower in PREFERENCES else 0
    end = len(named)
    end -= named[-1].lower in AFTER_SIZE if named else 0
    if end > start + 1 and named[end - 1].lower in CLOSING_SIZES:
        draft.notes.append(written(named[end - 1 :]))
        named = named[: end - 1]
    if start:
        draft.notes.insert(0, named[0].text)
    return named[start:]


def _add_asides(draft: Draft, asides: Sequence[Aside]) -> None:
    for aside in asides:
        tokens = [token for token in aside.tokens if token.kind not in _FULL_STOPS]
        amount = read_whole_amount(tokens)
        if (
            draft.amount
            and amount
            and (amount.quantity, "") == (draft.amount.quantity, amount.unit)
        ):
            continue  # "five (5) tubers" says it twice
        if draft.amount or not amount:
            remark = written(_split_off_listed_amount(draft, aside.tokens))
            draft.notes.extend(filter(None, [remark]))
        else:
            draft.amount = amount
            draft.notes.extend(amount.notes)


def _split_off_listed_amount(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    """The aside without the amount before its first or behind its last comma, if that is new."""
    commas = [place for place, token in enumerate(tokens) if token.kind == Kind.COMMA]
    if draft.amount or not commas:
        return tokens
    first, last = commas[0], commas[-1]
    for part, rest in ((tokens[:first], tokens[first + 1 :]), (tokens[last + 1 :], tokens[:last])):
        draft.amount = read_whole_amount(part)
        if draft.amount:
            draft.notes.extend(draft.amount.notes)
            return rest
    return tokens


def _name(tokens: Sequence[Token]) -> str:
    """The tokens as written, without stray marks at the ends; "" where there are no letters."""
    start, end = 0, len(tokens)
    while start < end and tokens[start].kind not in _NAME_KINDS:
        start += 1
    while start < end and not _may_end_name(tokens[end - 1]):
        end -= 1
    name = written(tokens[start:end]).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return name if any(map(str.isalpha, name)) else ""


def _may_end_name(token: Token) -> bool:
    return token.kind in _NAME_KINDS and token.lower not in AFTER_AMOUNT


def _extent(tokens: Sequence[Token], asides: Sequence[Aside]) -> tuple[int, int]:
    if not asides:
        return tokens[0].start, tokens[-1].end
    places: tuple[Token | Aside, ...] = (*tokens[:1], *tokens[-1:], *asides[:1], *asides[-1:])
    return min(place.start for place in places), max(place.end for place in places)
