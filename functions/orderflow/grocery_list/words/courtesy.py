"""What is only polite around an item: "please get me", "thanks"."""

from __future__ import annotations

from collections.abc import Sequence

from orderflow.grocery_list.scanning.token_kinds import Token
from orderflow.grocery_list.words.vocabulary import CLOSING, REMARK_OPENING, WRAPPING


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
