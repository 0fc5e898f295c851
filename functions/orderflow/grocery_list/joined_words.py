"""Tells which "and" stands within a name or a remark: "red and green", "peeled and diced"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.piece import Link, Piece
from orderflow.grocery_list.preparations import (
    PART_ENDINGS,
    is_adverb,
    is_description,
    is_participle,
)
from orderflow.grocery_list.quantities.marks import is_amount_word
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import FLAVOURED, FLAVOURS, GOODS
from orderflow.grocery_list.words.vocabulary import DESCRIPTIONS, EXTRACTS

_LONGEST_EXTRACT: Final = 4  # tokens: "and finely grated zest"
_LONGEST_PART: Final = 2  # tokens: "outer leaves"
_FROM: Final = frozenset({"of", "from"})
_HERBS_PARTS: Final = frozenset({"leaves", "stems", "stalks", "sprigs"})
_PLAIN: Final = frozenset({Kind.WORD, Kind.NUMBER})


def joins_descriptions(piece: Piece, tokens: Sequence[Token], position: int) -> bool:
    """Whether the "and" at this position joins descriptions, flavours or parts of a thing.

    Args:
        piece: what stands before it, up to the last separator.
        tokens: those of the list.
        position: where the "and" is.
    """
    before, after = piece.tokens[-1].lower, token_at(tokens, position + 1).lower
    behind = token_at(tokens, position + 2)
    if before in FLAVOURS and after in FLAVOURS:
        return behind.lower in FLAVOURED and all(map(is_amount_word, piece.tokens[:-1]))
    if before in _HERBS_PARTS and not _HERBS_PARTS.isdisjoint((after, behind.lower)):
        return len(piece.tokens) > 1  # "parsley leaves and tender stems"
    if piece.link == Link.COMMA and _is_said_of_parts(piece, tokens, position):
        return True
    if before in EXTRACTS and (place := _extract_behind(tokens, position)):
        behind = token_at(tokens, place + 1)
        return behind.lower in _FROM or behind.lower == "only" or behind.kind not in _PLAIN
    if is_adverb(after) and is_participle(behind.lower):  # "trimmed and thinly sliced"
        after, behind = behind.lower, token_at(tokens, position + 3)
    if is_participle(before) and is_participle(after):  # "peeled and deveined shrimp"
        return behind.kind == Kind.WORD or before in DESCRIPTIONS or _ends_name(piece)
    return before in DESCRIPTIONS and after in DESCRIPTIONS


def _extract_behind(tokens: Sequence[Token], position: int) -> int:
    """Where the extract behind an "and" stands: juice "and finely grated zest"; 0 for none."""
    for place in range(position + 1, position + _LONGEST_EXTRACT):
        word = token_at(tokens, place).lower
        if word in EXTRACTS:
            return place
        if not is_description(word):
            return 0
    return 0


def _ends_name(piece: Piece) -> bool:
    """Whether a thing stands before the last word: "2 leeks trimmed" and halved."""
    return len(piece.tokens) > 1 and not is_amount_word(piece.tokens[-2])


def _is_said_of_parts(piece: Piece, tokens: Sequence[Token], position: int) -> bool:
    """The "and" of ", tops and fronds removed", ", outer leaves and tough core removed"."""
    after, *behind = (token_at(tokens, position + ahead).lower for ahead in (1, 2, 3))
    if (
        len(piece.tokens) == 1
        and after.isalpha()
        and after not in GOODS
        and is_participle(behind[0])
    ):
        return True
    ends = PART_ENDINGS if after in GOODS else PART_ENDINGS | {"only", "on", "off"}
    return len(piece.tokens) <= _LONGEST_PART and not ends.isdisjoint(behind)
