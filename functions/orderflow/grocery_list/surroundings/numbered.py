"""Takes out what is numbered and counts nothing: dates, addresses, telephones, people, codes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import Token
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.surroundings.addresses import NUMBERED, addresses
from orderflow.grocery_list.surroundings.cuts import Cut, Places, without
from orderflow.grocery_list.surroundings.dates import dates
from orderflow.grocery_list.surroundings.people import people
from orderflow.grocery_list.surroundings.telephones import telephones
from orderflow.grocery_list.words.phrases import words_in

_CODE: Final = re.compile(
    rf"""\b(?:(?:to|at|in|for|from)[ ]+(?:the[ ]+|my[ ]+)?)?(?:
        (?:(?:gate|door|access|entry)[ ])?
        (?:(?<!rolling[ ])(?<!safety[ ])(?<!hair[ ])pin|otp|code)\b[ ]*(?:is\b|:|{NUMBERED})?[ ]*
        [a-z]{{0,4}}-?\d{{4,}}\b
      | (?:ref|reference|order|invoice|ticket|booking|receipt)\b[ ]*(?:id\b|{NUMBERED})[ ]*
        [a-z]{{0,4}}-?\d{{3,}}\b
    )(?![.,/]\d)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# Every code holds one of these in small letters: most lists hold none.
_OF_CODES: Final = re.compile("pin|otp|code|ref|order|invoice|ticket|booking|receipt")
# So much of a thing is asked for: "no substitutions on" milk 2L.
_NO_SWAP: Final = re.compile(
    r"\bno (?:subs?|substitut(?:e|ion)s?|replacements?|swaps?) (?:on|for|of)\b(?=[^\n,;]{1,60}\d)",
    re.IGNORECASE,
)
_NUMBERED: Final = (
    (_CODE, _OF_CODES, Reason.ADDRESS),
    (_NO_SWAP, re.compile("no (?:sub|rep|swap)"), Reason.TALK),
)
_DIGIT: Final = re.compile(r"\d")
# What stands with a number in words: "half past five", "the three of us".
_SPELLED: Final = words_in("past us people adults kids children guests")


def without_numbered(
    text: str,
    tokens: list[Token],
    words: AbstractSet[str],
    known: Collection[tuple[str, ...]] = (),
) -> tuple[list[Token], list[SetAside]]:
    """The tokens without those of dates, addresses, people and the like, and where these stand.

    What a catalog's name holds, which is one token, stays.

    Args:
        text: the list.
        tokens: its tokens.
        words: how the vocabularies spell these.
        known: names of a catalog, by their words.
    """
    places = Places(tokens)
    cuts = list(addresses(text, tokens, places, words, known))
    if _DIGIT.search(text) is not None or not words.isdisjoint(_SPELLED):
        cuts += telephones(text, tokens, places)
        cuts += _matches(text, places)
        cuts += dates(text, tokens, places)
        cuts += people(text, tokens, places, words)
    return without(tokens, cuts) if cuts else (tokens, [])


def _matches(text: str, places: Places) -> Iterator[Cut]:
    lower = text.lower()
    for pattern, hint, reason in _NUMBERED:
        if hint.search(lower) is not None:
            for match in pattern.finditer(text):
                if found := places.between(*match.span()):
                    yield Cut(*found, reason)
