"""Settles what "no" means before anything is refused: pieces ("2 no"), or part of a name ("No. 1").

A "no" that is neither stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import END, Kind, Token, joined, token_at
from orderflow.grocery_list.words.goods import GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import PLACES, STREETS
from orderflow.units import UNIT_SPELLINGS

_LINE_ENDS: Final = frozenset({Kind.NEWLINE, Kind.BREAK})
_STOPS: Final = frozenset({Kind.STOP, Kind.DOT})
_BEFORE_AMOUNTS: Final = frozenset(
    {Kind.WORD, Kind.DASH, Kind.COLON, Kind.OPEN, Kind.TIMES, Kind.PACK_OF}
)
_WITHIN: Final = frozenset({Kind.CLOSE, Kind.COMMA})
_BEHIND_AMOUNTS: Final = _LINE_ENDS | _STOPS | {Kind.CLOSE, Kind.AND, Kind.COMMA}
# What a thing may be without: "no sugar coke", "no added salt butter".
_ADDED: Final = words_in("sugar salt fat caffeine alcohol lactose gluten pulp")
_LATEST_STREET: Final = 5  # tokens behind the house's number


def settle_no(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens with each "no" that counts pieces as their unit, and names with one as one word.

    Args:
        text: what the tokens were read from.
        tokens: those of a list, in its order.
    """
    places = [place for place, token in enumerate(tokens) if token.lower == "no"]
    if not places:
        return tokens
    settled: list[Token] = []
    behind = 0
    for place in places:
        token, end = _settled(text, tokens, place)
        settled += [*tokens[behind:place], token]
        behind = end
    return settled + tokens[behind:]


def _settled(text: str, tokens: Sequence[Token], place: int) -> tuple[Token, int]:
    """What the "no" there is, and the place behind it."""
    token = tokens[place]
    before = tokens[place - 1] if place else END
    end = place + 1
    has_stop = token_at(tokens, end).kind in _STOPS and tokens[end].start == token.end
    following = end + has_stop
    if length := _without_what(tokens, place):
        name = joined(text, token, tokens[place + length - 1], Kind.WORD)
        return name, place + length
    if before.kind == Kind.NUMBER and before.text[0].isdigit():
        if token_at(tokens, following).lower == "of":  # "10 no. of eggs"
            unit = joined(text, token, tokens[following], Kind.WORD)
            return unit._replace(lower="no of"), following + 1
        if not _counts(tokens, place):
            return token, end
        is_within = has_stop and token_at(tokens, following).kind in _WITHIN  # "2 no., curd"
        return token._replace(lower="nos"), following if is_within else end
    if _numbers_name(tokens, before, following, has_stop=has_stop):
        return joined(text, token, tokens[following], Kind.WORD), following + 1
    return token, end


def _counts(tokens: Sequence[Token], place: int) -> bool:
    """Whether the number before the "no" is one of pieces: "coconut 1 no", "2no milk"."""
    number, following = tokens[place - 1], token_at(tokens, place + 1)
    if number.end == tokens[place].start:
        return True
    before = tokens[place - 2].kind if place > 1 else Kind.NEWLINE
    if following.kind == Kind.WORD:
        return before in _LINE_ENDS  # "2 no milk", unlike "milk 2 no sugar"
    if following.kind == Kind.COMMA and token_at(tokens, place + 2).kind == Kind.NUMBER:
        ends = token_at(tokens, place + 3).kind != Kind.WORD
        return before in _BEFORE_AMOUNTS and not ends  # "apples 2 no, 3" corrects
    return following.kind in _BEHIND_AMOUNTS


def _numbers_name(tokens: Sequence[Token], before: Token, place: int, *, has_stop: bool) -> bool:
    """Whether the number there belongs to a name: "No. 1 rice", unlike "no 2kg rice"."""
    number, following = token_at(tokens, place), token_at(tokens, place + 1)
    begins = before.kind in _LINE_ENDS and before.text != "?"  # which it would answer
    begins = begins or before.lower in UNIT_SPELLINGS or before.lower == "of"
    begins = begins or (has_stop and before.kind == Kind.COMMA)
    if not begins or number.kind != Kind.NUMBER or following.kind != Kind.WORD:
        return False
    ahead = {token.lower for token in tokens[place + 1 : place + 1 + _LATEST_STREET]}
    is_address = not ahead.isdisjoint(STREETS | PLACES)  # "No 5 Allen Avenue"
    names = has_stop or not following.lower.endswith("s")  # "no 2 eggs" refuses
    is_amount = not number.text.isdigit() or following.lower in UNIT_SPELLINGS
    return names and not is_address and not is_amount


def _without_what(tokens: Sequence[Token], place: int) -> int:
    """The length of "no sugar" where it describes the thing behind it; else 0."""
    length = 2 + (token_at(tokens, place + 1).lower == "added")
    before = tokens[place - 1] if place else END
    if token_at(tokens, place + length - 1).lower not in _ADDED:
        return 0
    begins = before.kind in {*_LINE_ENDS, Kind.COMMA, Kind.AND, Kind.NUMBER}
    begins = begins or before.lower in UNIT_SPELLINGS or before.lower == "of"
    return length if begins and token_at(tokens, place + length).lower in GOODS_WORDS else 0
