"""Recognises what is taken of the thing that is bought: "juice of" 2 lemons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.vocabulary import EXTRACTS

_FROM: Final = frozenset({"of", "from"})
_TAKEN: Final = EXTRACTS | words_in("""
    cloves kernels segments yolks whites rinds peels zests
""")
_EXTRACTED: Final = _TAKEN | frozenset(
    ["and", "the", "grated", "finely", "fresh", "freshly", "scraped", "squeezed"]
)
_ONLY_TAKEN: Final = frozenset({"zest", "rind"})
_LONGEST_EXTRACT: Final = 6


def extract_length(tokens: Sequence[Token]) -> int:
    """How many tokens say what is taken of what follows: "juice of" 2 lemons; 0 for none.

    "zest" 2 limes, "juice" ½ lemon: of a whole number of things juice may be another one.
    """
    number, thing = token_at(tokens, 1), token_at(tokens, 2)
    if number.kind == Kind.NUMBER and thing.kind == Kind.WORD:
        taken = tokens[0].lower
        return int(taken in _ONLY_TAKEN or (taken == "juice" and number.value < 1))
    for place, token in enumerate(tokens[:_LONGEST_EXTRACT]):
        if token.lower in _FROM:
            words = {each.lower for each in tokens[:place]}
            follows = place + 1 < len(tokens) and is_number(tokens[place + 1])
            return place + 1 if follows and not words.isdisjoint(_TAKEN) else 0
        if token.lower not in _EXTRACTED:
            return 0
    return 0
