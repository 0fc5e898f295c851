"""Finds addresses and numbered places: "14 High Street, Leeds", "E8 3QP", "to room 204".

What tells one is a street, a postcode, a floor, a landmark or a numbered place. Names of places in
capitals that stand beside it on its line belong to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import KNOWN_NAME, Kind, Token, token_at
from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.surroundings.cuts import Cut, Places
from orderflow.grocery_list.words.goods import GOODS_WORDS
from orderflow.grocery_list.words.talk_words import (
    COMMANDS,
    GREETINGS,
    MONEY_MATTERS,
    PLACES,
    SIGN_OFFS,
    STREETS,
    SUBJECTS,
)
from orderflow.units import UNIT_SPELLINGS

_TO: Final = r"(?:(?:to|at|in|for|from)[ ]+(?:the[ ]+|my[ ]+)?)?"
#: "no. 5", "#5"
NUMBERED: Final = r"(?:(?:no|number|num)\b\.?|\#)"
_ROOMS: Final = (
    "flat|room|rm|gate|plot|apartment|apt|suite|house|villa|door|hostel|ward|stall|phase|zone"
    "|sector|tower|building|bldg|buzzer|buzz|intercom"
)
_BLOCKS: Final = "block|blk"
# "Road 7", unlike "Rocky Road 7".
_FIRST_WORDS: Final = "road|street|shop"
_NUMBERED_PLACES: Final = frozenset(f"{_ROOMS}|{_BLOCKS}|{_FIRST_WORDS}".split("|"))
_DIGITS: Final = "0123456789"
_PLACE: Final = re.compile(
    rf"""\b(?P<to>{_TO})(?:
        (?:{_ROOMS}|(?<!\w[ ])(?:{_FIRST_WORDS}))[ ]*(?:{NUMBERED}[ ]*)?[a-z]?\d{{1,4}}[a-z]?\b
        (?:[ ](?:[a-z][ ])?(?:wing|tower|floor))?
        (?=[ ]*(?:$|[,.;:!?)-]|(?:at|in|on|by|please|pls|thanks)\b|(?-i:[A-Z])))
      | (?:{_BLOCKS})[ ]*(?:{NUMBERED}[ ]*)?(?:[a-z]\d{{0,2}}|\d{{1,3}}[a-z]?)\b
        (?=[ ,]+(?:flat|room|rm|house|apartment|apt|suite|gate)\b|[ ]*:)
      | (?:{_BLOCKS})[ ](?-i:[A-Z])\d{{0,2}}(?=[ ]*,)
    )(?![.,/]\d)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# What is read as an address to the line's end anyway.
_OPENED: Final = re.compile(
    r"""\b(?:address|location|landmark
      |(?:send|deliver|delivery|bring|drop)(?:[ ](?:it|them|off|all))?[ ](?:to|at))\b[^\n]*""",
    re.IGNORECASE | re.VERBOSE,
)
_NAME: Final = r"[A-Z][\w'\u2019&-]*\.?"
_ROADS: Final = (
    "street|road|rd|avenue|ave|crescent|estate|junction|boulevard|blvd|plaza|layout|mall|highway"
)
_LANES: Final = "st|lane|close|drive|way|court|terrace|gardens|place|square|complex|mews|grove"
_ROAD_WORDS: Final = STREETS | PLACES | frozenset(f"{_ROADS}|{_LANES}".split("|"))
# Sweets.
_NO_ROADS: Final = re.compile(r"(?:quality street|rocky road)$", re.IGNORECASE)
_BEGINS: Final = r"(?:^|(?<=[,.;:][ ]))"
_ENDS: Final = r"(?=[ ]*(?:$|[,.;]))"
_ROAD: Final = re.compile(
    rf"""(?<![\w.,/])(?:(?i:no|plot)\b\.?[ ]?)?\d{{1,4}}[A-Za-z]?(?:[-/]\d{{1,3}})?,?[ ]
        (?:{_NAME}[ ]){{1,4}}(?i:{_ROADS}|{_LANES})\b
      | {_BEGINS}(?:{_NAME}[ ]){{1,3}}(?i:{_ROADS})\b{_ENDS}""",
    re.MULTILINE | re.VERBOSE,
)
_NEAR: Final = "opposite|opp|near|off|behind|beside|adjacent|close|next"
_LANDMARK: Final = re.compile(
    rf"""{_BEGINS}(?i:(?:{_NEAR})\.?[ ](?:to[ ])?(?:the[ ])?)
        {_NAME}(?:[ ](?:{_NAME}|of|the|and)){{0,4}}{_ENDS}
      | \b(?:\d{{1,2}}(?i:st|nd|rd|th)|(?i:ground|first|second|third|top))[ ](?i:floor){_ENDS}
      | \b(?i:P\.?[ ]?O\.?[ ]?Box[ ](?:no\.?[ ]?)?)\d{{1,6}}\b""",
    re.MULTILINE | re.VERBOSE,
)
_LANDMARK_WORDS: Final = frozenset({"floor", "box", *_NEAR.split("|")})
_STATES: Final = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]"
    "|T[NX]|UT|V[AT]|W[AIVY]"
)
_TOWN: Final = r"[A-Z][a-z]+(?:[ ][A-Z][a-z]+){0,2}"
_POSTCODE: Final = re.compile(
    rf"""(?<![\w-])[A-Z]{{1,2}}\d[A-Z\d]?[ ]\d(?P<unit>[ABD-HJLNP-UW-Z]{{2}})(?![\w-])
      | (?:^|(?<=[a-z][ ])|(?<=[a-z],[ ]))(?:{_STATES})[ ]\d{{5}}(?:-\d{{4}})?(?![\w-]|[.,]\d)
      | {_BEGINS}{_TOWN}(?:[ ]|[ ]?-[ ]?)(?P<number>\d{{4,6}}){_ENDS}
      | {_BEGINS}\d{{5}}[ ]{_TOWN}{_ENDS}""",
    re.MULTILINE | re.VERBOSE,
)
_OF_POSTCODES: Final = re.compile(r"\d{4}|\d[A-Z]{2}\b")
_PRICES_IN: Final = 5  # what a price is a multiple of, unlike most postcodes
_WORDS: Final = re.compile(r"[^\W\d_]+")
_NO_TOWNS: Final = GOODS_WORDS | MONEY_MATTERS | COMMANDS | SUBJECTS | SIGN_OFFS | GREETINGS
_SURE: Final = 6  # digits, which no price of less than 100,000 has
_WITHIN: Final = frozenset({Kind.COMMA, Kind.DASH})
_PART_ENDS: Final = frozenset({Kind.COMMA, Kind.STOP, Kind.BREAK, Kind.NEWLINE, Kind.CLOSE})
_POSTAL: Final = re.compile(r"\d{4,6}")
_LONGEST_RUN: Final = 6  # words
_LONGEST_INITIALS: Final = 3  # letters, as in "GRA"
_MOST_RUNS: Final = 6


def addresses(
    text: str,
    tokens: Sequence[Token],
    places: Places,
    words: AbstractSet[str],
    known: Collection[tuple[str, ...]],
) -> Iterator[Cut]:
    """Each part of an address, with the names of places beside it."""
    patterns = list(_patterns(text, words))
    if not patterns:
        return
    beside = _Beside(tokens, known)
    text = _OPENED.sub(lambda match: " " * len(match[0]), text)
    for pattern in patterns:
        for match in pattern.finditer(text):
            between = places.between(*match.span())
            if between is None or (pattern in _ASKING and _ASKING[pattern](match)):
                continue
            first, behind = between
            first = beside.before(first, _reach(match))
            yield Cut(first, beside.behind(behind), Reason.ADDRESS)


def _patterns(text: str, words: AbstractSet[str]) -> Iterator[re.Pattern[str]]:
    """Those that may match."""
    if not _NUMBERED_PLACES.isdisjoint(word.rstrip(_DIGITS) for word in words):
        yield _PLACE
    if not words.isdisjoint(_ROAD_WORDS):
        yield _ROAD
    if not words.isdisjoint(_LANDMARK_WORDS):
        yield _LANDMARK
    if _OF_POSTCODES.search(text):
        yield _POSTCODE


def _reach(match: re.Match[str]) -> int:
    """How many parts before belong to it, where these name places."""
    if match.re is _POSTCODE:
        return _MOST_RUNS
    return int(match.re is _PLACE and not match["to"])


def _is_sweet(match: re.Match[str]) -> bool:
    return _NO_ROADS.search(match[0]) is not None


def _may_ask(match: re.Match[str]) -> bool:
    """Whether what looks like a postcode is of a thing: "A4 2LB", "Ofada 3500", "Milk 2193"."""
    if match["unit"]:
        return match["unit"].lower() in UNIT_SPELLINGS
    number = match["number"]
    is_sum = number and number[0] != "0" and len(number) < _SURE
    if is_sum and int(number) % _PRICES_IN == 0:
        return True
    return any(word.lower() in _NO_TOWNS for word in _WORDS.findall(match[0]))


# Whether what they match asks for something.
_ASKING: Final = {_ROAD: _is_sweet, _POSTCODE: _may_ask}


class _Beside:
    """Finds names of places in capitals beside the parts of an address."""

    def __init__(self, tokens: Sequence[Token], known: Collection[tuple[str, ...]]) -> None:
        self._tokens = tokens
        self._known = known

    def behind(self, place: int) -> int:
        """The place behind the names that follow, up to a sentence's end or an amount."""
        for _ in range(_MOST_RUNS):
            start = place + (token_at(self._tokens, place).kind in _WITHIN)
            end = start
            while end < start + _LONGEST_RUN and self._is_name(token_at(self._tokens, end)):
                end += 1
            if tuple(token.lower for token in self._tokens[start:end]) in self._known:
                return place
            if end > start:
                end = self._behind_postcode(end)
            if end == start or token_at(self._tokens, end).kind not in _PART_ENDS:
                return place
            place = end
        return place

    def _behind_postcode(self, place: int) -> int:
        dash = token_at(self._tokens, place).kind == Kind.DASH
        number = token_at(self._tokens, place + dash)
        return place + dash + 1 if _POSTAL.fullmatch(number.text) else place

    def before(self, place: int, reach: int) -> int:
        """The place where the names begin that stand before, up to so many parts of them."""
        for _ in range(reach):
            start = place
            if reach > 1 and start and self._tokens[start - 1].kind == Kind.COMMA:
                start -= 1
            end = start
            while start and end - start < _LONGEST_RUN and self._is_name(self._tokens[start - 1]):
                start -= 1
            if start == end or (start and self._tokens[start - 1].kind not in _PART_ENDS):
                return place
            place = start
        return place

    def _is_name(self, token: Token) -> bool:
        """Whether the word may be of a place, and is none of a thing."""
        if token.kind != Kind.WORD or token.lower in GOODS_WORDS:
            return False
        if token.lower in _ROAD_WORDS:
            return True
        is_capital = token.text[0].isupper() and not (
            token.text.isupper() and len(token.text) > _LONGEST_INITIALS
        )
        return (
            is_capital
            and not token.lower.endswith(KNOWN_NAME)
            and (token.lower,) not in self._known
            and token.lower not in _NO_TOWNS
        )
