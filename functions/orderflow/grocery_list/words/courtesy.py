"""What is only polite around an item: "please get me", "thanks"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from orderflow.grocery_list.words.phrases import Word
from orderflow.grocery_list.words.vocabulary import CLOSING, REMARK_OPENING, WRAPPING

_Token = TypeVar("_Token", bound=Word)


def without_courtesy(tokens: Sequence[_Token]) -> Sequence[_Token]:
    """The tokens without what is only polite at either end: "please get me", "thanks"."""
    start, end = 0, len(tokens)
    while start < end and (length := _courtesy(tokens, start)):
        start += length
    while (
        start < end
        and tokens[end - 1].lower in CLOSING.last_words
        and (length := CLOSING.match_end(tokens, end))
    ):
        end -= length
    return tokens[start:end]


def _courtesy(tokens: Sequence[Word], start: int) -> int:
    """The tokens of courtesy at ``start``; none in "any brand" or "do not", unlike "any"."""
    if tokens[start].lower not in WRAPPING.first_words:
        return 0
    length = WRAPPING.match(tokens, start)
    return length if length and length > REMARK_OPENING.match(tokens, start) else 0
