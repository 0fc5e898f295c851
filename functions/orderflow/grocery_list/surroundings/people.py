"""Finds what counts people, their ages, and what else begins a list: "100 pax:", "week 2 list:"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import Kind, Token
from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.surroundings.cuts import Cut, Places
from orderflow.grocery_list.words.goods import GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.units import UNIT_SPELLINGS

_COUNT: Final = r"(?:\d{1,4}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)"
_GUESTS: Final = (
    r"(?:people|persons?|guests?|adults?|kids?|children|toddlers?|teens|teenagers|boys|girls|men"
    r"|women|ladies|pax|visitors|students|workers|staff)"
)
_PEOPLE_WORDS: Final = words_in("""
    people person persons guest guests adult adults kid kids child children toddler toddlers teens
    teenagers boys girls men women ladies pax visitors students workers staff us them you feeding
    catering cooking hosting party family group table household
""")
_COUNTED: Final = rf"{_COUNT}[ ]{_GUESTS}\b"
_COMING: Final = (
    r"(?:(?:are|is|will|be|coming|visiting|staying|arriving|eating|attending|joining|expected|over"
    r"|round|this|next|tomorrow|today|tonight|on|for|with|us|in|total|only|max|the|weekend|dinner"
    r"|lunch|breakfast|supper|party|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)"
)
_ENDS: Final = r"(?=[ ]*(?:$|[,.;:!?)-](?!\d)))"
_FEEDING: Final = (
    "feeding|catering[ ]for|cooking[ ]for|hosting|(?:party|family|group|table|household)[ ]of"
)
_OF_PEOPLE: Final = re.compile(
    rf"""(?<![\w./(-])(?:
        \({_COUNTED}[^()\n]{{0,40}}\)(?=[ ]*:)
      | (?<!for[ ])(?<!and[ ])(?<!-[ ])(?:(?:we[ ]are|we're|feeding|hosting)[ ]+)?
        {_COUNTED}(?:(?:,|[ ]and|[ ]?[&+])[ ]?{_COUNTED})*(?:[ ]{_COMING}){{0,6}}{_ENDS}
      | (?:{_FEEDING})[ ]+(?:about[ ]+)?{_COUNT}(?:[ ]{_GUESTS})?{_ENDS}
      | (?<!for[ ])(?:the|all)[ ]{_COUNT}[ ]of[ ](?:us|them|you)\b
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# "Table 5:", which says for whom, and "week 2 list:".
_HEADING: Final = re.compile(
    r"""^(?:(?:table|seat|booth|desk|team|class|grade|group|week|day|trip|batch|part|list)
        [ ]\#?\d{1,3}(?:[ ](?:list|shop|shopping|order|run|needs|groceries))?)[ ]*:""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# "Tom, 5, wants"
_WANTING: Final = words_in("need needs want wants like likes love loves prefer prefers would")
_AGE: Final = re.compile(
    r"""(?<=\w)(?:,[ ]\d{1,2}(?:[ ]UNIT)?,|[ ]?\(\d{1,2}(?:[ ]?UNIT)?\)|,?[ ]\d{1,2}[ ]?UNIT,?)
    (?=[ ](?:who[ ])?(?:needs?|wants?|likes?|loves?|prefers?|would)\b)""".replace(
        "UNIT", r"(?:months?|mths?|weeks?|years?|yrs?|yo)(?:[ -]old)?"
    ),
    re.IGNORECASE | re.VERBOSE,
)
_THINGS: Final = (GOODS_WORDS | UNIT_SPELLINGS.keys()) - {"baby", "child", "dog", "cat"}


def people(
    text: str, tokens: Sequence[Token], places: Places, words: AbstractSet[str]
) -> Iterator[Cut]:
    """How many there are, how old they are, and for which of them a list is."""
    patterns = []
    if not words.isdisjoint(_PEOPLE_WORDS):
        patterns.append((_OF_PEOPLE, Reason.TALK))
    if ":" in text:
        patterns.append((_HEADING, Reason.HEADING))
    for pattern, reason in patterns:
        for match in pattern.finditer(text):
            if found := places.between(*match.span()):
                yield Cut(*found, reason)
    if not words.isdisjoint(_WANTING):
        yield from _ages(text, tokens, places)


def _ages(text: str, tokens: Sequence[Token], places: Places) -> Iterator[Cut]:
    for match in _AGE.finditer(text):
        start = match.end() - len(match[0].lstrip())
        found = places.between(start, match.end())
        if found and _is_person(tokens[found[0] - 1]):
            yield Cut(*found, Reason.TALK, divides=False)


def _is_person(token: Token) -> bool:
    """Whether the word may be who has an age: no thing, of which there may be so many."""
    return token.kind == Kind.WORD and token.lower not in _THINGS
