"""Reads one piece of a grocery list on its own: an item, an amount, a remark, or nothing.

    piece := [courtesy] [amount] name [closing amount] [courtesy] [remark]

Bracketed asides are amounts where there is no other ("eggs (12)"), else remarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from orderflow.grocery_amounts import Amount, read_amount, read_closing_amount
from orderflow.grocery_pieces import Aside, Link, Piece
from orderflow.grocery_tokens import Kind, Token, written
from orderflow.grocery_words import (
    AFTER_AMOUNT,
    CLOSING,
    DESCRIPTIONS,
    DETACHED_REMARK_OPENING,
    REMARK_OPENING,
    WRAPPING,
)
from orderflow.units import MEASURES

_FULL_STOPS: Final = frozenset({Kind.STOP, Kind.DOT})
_NAME_KINDS: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF})


@dataclass(slots=True)
class Draft:
    """What a piece says. Without name, amount and notes it is not understood.

    ``start`` and ``end`` delimit it in the list.
    """

    start: int
    end: int
    name: str = ""
    amount: Amount | None = None
    notes: list[str] = field(default_factory=list)


def read_piece(piece: Piece) -> Draft | None:
    """What the piece says; None where it is courtesy alone."""
    tokens = _without_courtesy(piece.tokens)
    if tokens and _is_remark(tokens, detached=piece.link is not Link.LINE):
        return _remark(tokens, piece.asides)
    if tokens or piece.asides:
        return _item(tokens, piece.asides)
    return None if piece.tokens else Draft(piece.emoji[0].start, piece.emoji[-1].end)


def _without_courtesy(tokens: Sequence[Token]) -> Sequence[Token]:
    start, end = 0, len(tokens)
    while start < end and (length := _courtesy(tokens, start)):
        start += length
    while start < end and (length := CLOSING.match_end(tokens, end)):
        end -= length
    return tokens[start:end]


def _courtesy(tokens: Sequence[Token], start: int) -> int:
    """The tokens of courtesy at ``start``; none in "any brand" or "do not", unlike "any"."""
    length = WRAPPING.match(tokens, start)
    return length if length > REMARK_OPENING.match(tokens, start) else 0


def _is_remark(tokens: Sequence[Token], *, detached: bool) -> bool:
    if REMARK_OPENING.match(tokens, 0):
        return True
    return detached and (
        bool(DETACHED_REMARK_OPENING.match(tokens, 0))
        or all(token.lower in DESCRIPTIONS or token.kind is Kind.AND for token in tokens)
    )


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
    named = _split_off_remarks(draft, tokens[draft.amount.end if draft.amount else 0 :])
    named = _split_off_amount(draft, named)
    _add_asides(draft, asides)
    draft.name = _name(named)
    if named and not draft.name:
        return Draft(draft.start, draft.end)
    return draft


def _split_off_remarks(draft: Draft, tokens: Sequence[Token]) -> list[Token]:
    """The tokens of the name; remarks and sums of money among them become notes."""
    named: list[Token] = []
    for position, token in enumerate(tokens):
        if token.kind is Kind.MONEY:
            draft.notes.append(token.text)
        elif named and REMARK_OPENING.match(tokens, position):
            draft.notes.append(written(tokens[position:]))
            break
        elif named or token.lower not in AFTER_AMOUNT:
            named.append(token)
    return named


def _split_off_amount(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the amount at its end: the item's, its multiple, or the size of its pack."""
    closing = read_closing_amount(named)
    if closing is None:
        return named
    start, amount = closing
    if draft.amount is None:
        draft.amount = amount
        draft.notes.extend(amount.notes)
    elif named[start].kind is Kind.TIMES and not amount.unit:
        quantity = draft.amount.quantity * amount.quantity
        draft.amount = draft.amount._replace(quantity=quantity)
    elif amount.unit in MEASURES:
        draft.notes.append(written(named[start:]))
    else:
        return named
    return named[:start]


def _add_asides(draft: Draft, asides: Sequence[Aside]) -> None:
    for aside in asides:
        undotted = [token for token in aside.tokens if token.kind not in _FULL_STOPS]
        amount = None if draft.amount else read_amount(undotted, 0)
        if amount is not None and amount.end == len(undotted):
            draft.amount = amount
            draft.notes.extend(amount.notes)
        elif note := written(aside.tokens):
            draft.notes.append(note)


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
    places: tuple[Token | Aside, ...] = (*tokens[:1], *tokens[-1:], *asides[:1], *asides[-1:])
    return min(place.start for place in places), max(place.end for place in places)
