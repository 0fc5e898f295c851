"""Divides lines whose things and amounts only blanks separate: "onion-1kg potato-2kg"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import GOODS_WORDS
from orderflow.units import UNIT_SPELLINGS

_MARKS: Final = frozenset({Kind.DASH, Kind.COLON, Kind.OPEN})
_LONGEST_NAME: Final = 4  # words


def with_commas_between(tokens: list[Token], kinds: Collection[int]) -> list[Token]:
    """The tokens, with a comma behind each amount that another thing and its amount follow."""
    if _MARKS.isdisjoint(kinds) or Kind.NUMBER not in kinds:
        return tokens
    ends = [
        end
        for place, token in enumerate(tokens)
        if token.kind in _MARKS and (end := _end_of_amount(tokens, place))
        if _begins_another(tokens, end, token.kind)
    ]
    if not ends:
        return tokens
    divided = list(tokens)
    for end in reversed(ends):
        last = tokens[end - 1]
        divided.insert(end, Token(Kind.COMMA, "", "", last.end, last.end))
    return divided


def _end_of_amount(tokens: Sequence[Token], place: int) -> int:
    """Where the amount ends that the mark there divides from a thing; 0 for none."""
    if place == 0 or tokens[place - 1].kind != Kind.WORD:
        return 0
    number = token_at(tokens, place + 1)
    is_loose = tokens[place].kind == Kind.DASH and number.start > tokens[place].end
    if number.kind != Kind.NUMBER or is_loose:  # "milk - 2 eggs - 3 rolls" begins with milk
        return 0
    end = place + 2
    end += token_at(tokens, end).lower in UNIT_SPELLINGS
    if tokens[place].kind != Kind.OPEN:
        return end
    return end + 1 if token_at(tokens, end).kind == Kind.CLOSE else 0


def _begins_another(tokens: Sequence[Token], start: int, mark: int) -> bool:
    """Whether a thing stands there, with the same mark and a number behind it."""
    end = start
    while end - start <= _LONGEST_NAME and token_at(tokens, end).kind == Kind.WORD:
        end += 1
    if end == start or token_at(tokens, end).kind != mark:
        return False
    is_thing = any(token.lower in GOODS_WORDS for token in tokens[start:end])
    is_named = is_thing or mark != Kind.OPEN  # "milk (2) large (500ml)"
    return is_named and token_at(tokens, end + 1).kind == Kind.NUMBER
