"""Takes out dates, places and codes, whose numbers count nothing: "by 28 Nov", "room 204"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from orderflow.grocery_list.scanning.addresses import NUMBERED, addresses
from orderflow.grocery_list.scanning.cuts import Cut, Places, without
from orderflow.grocery_list.scanning.telephones import telephones
from orderflow.grocery_list.scanning.token_kinds import Token
from orderflow.grocery_list.set_aside import Reason, SetAside

_MONTH: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Apr(?:il)?|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|(?-i:March|Mar|May|MAY))\b\.?"
)
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"
_ORDINAL: Final = rf"{_DAY}(?:st|nd|rd|th)"
_MONTH_NUMBER: Final = r"(?:1[0-2]|0?[1-9])"
_YEAR: Final = r"(?:(?:20)?\d\d)"
_WHEN: Final = (
    r"(?:(?:(?:on|by)[ ]+or[ ]+before|not[ ]later[ ]than|latest(?:[ ]by)?"
    r"|on|by|for|before|from|until|till?|dated?:?)[ ]+(?:the[ ]+)?)"
)
_TIME: Final = r"(?:(?:at|by)[ ]+)?(?:1[0-2]|0?[1-9])(?:[:.][0-5]\d)?(?:am|[ ]?pm)\b"  # "buy 2 am"
_DATE: Final = re.compile(
    rf"""(?<![\w./-])(?:
        {_WHEN}?(?:20\d\d([./-]){_MONTH_NUMBER}\1{_DAY}|{_DAY}([./-]){_MONTH_NUMBER}\2{_YEAR}
          |{_MONTH_NUMBER}/{_DAY}/{_YEAR})
      | {_WHEN}?(?:(?:{_DAY}|{_ORDINAL})(?:[ ]+of)?[ ]+{_MONTH}(?![ ]+plums?\b)
          |{_MONTH}[ ]+(?:{_DAY}|{_ORDINAL}))
        (?:,?[ ]+20\d\d)?
      | {_TIME}(?=[ ]+\d)
      | (?:at|by|around|before|after)[ ]+(?:1[0-2]|0?[1-9])(?:[:.][0-5]\d)?
        [ ]+(?:tomorrow|today|tonight|sharp|in[ ]the[ ](?:morning|afternoon|evening))
      | (?:on|by|before)[ ]+(?:the[ ]+)?(?:{_ORDINAL}(?=[ ]*(?:$|[,.;:!?-]))|{_DAY}/{_MONTH_NUMBER})
    )(?![\w/-]|[.]\d|[ ]?%)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
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
# Every date, and every code, holds one of these in small letters: most lists hold none.
_OF_DATES: Final = re.compile(
    r"\d[.-]\d{1,2}[.-]\d|\d/\d|\d(?:am|st|nd|rd|th)|\d ?pm|jan|feb|mar|apr|may|jun|jul|aug|sep"
    r"|oct|nov|dec|tomorrow|today|tonight|sharp|in the "
)
_OF_CODES: Final = re.compile("pin|otp|code|ref|order|invoice|ticket|booking|receipt")
_NUMBERED: Final = ((_DATE, _OF_DATES, Reason.TALK), (_CODE, _OF_CODES, Reason.ADDRESS))
_DIGIT: Final = re.compile(r"\d")


def without_numbered(
    text: str,
    tokens: list[Token],
    words: AbstractSet[str],
    known: Collection[tuple[str, ...]] = (),
) -> tuple[list[Token], list[SetAside]]:
    """The tokens without those of dates, addresses, telephones and codes, and where these stand.

    What a catalog's name holds, which is one token, stays.

    Args:
        text: the list.
        tokens: its tokens.
        words: how the vocabularies spell these.
        known: names of a catalog, by their words.
    """
    places = Places(tokens)
    cuts = list(addresses(text, tokens, places, words, known))
    if _DIGIT.search(text) is not None:
        cuts += telephones(text, tokens, places)
        cuts += _matches(text, places)
    return without(tokens, cuts) if cuts else (tokens, [])


def _matches(text: str, places: Places) -> Iterator[Cut]:
    lower = text.lower()
    for pattern, hint, reason in _NUMBERED:
        if hint.search(lower) is None:
            continue
        for match in pattern.finditer(text):
            found = places.between(*match.span())
            if found:
                yield Cut(*found, reason)
