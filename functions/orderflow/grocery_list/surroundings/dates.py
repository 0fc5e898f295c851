"""Finds days and hours, whose numbers count nothing: "by 28 Nov", "half past 5"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import Token
from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.surroundings.cuts import Cut, Places
from orderflow.grocery_list.words.goods import GOODS

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
_HOUR: Final = r"(?:1[0-2]|0?[1-9])"
_TIME: Final = (
    rf"(?:(?:at|by)[ ]+)?{_HOUR}(?:[:.][0-5]\d)?"
    r"(?:am\b|[ ]?pm\b|[ ]?[ap]\.m\b\.?)"  # unlike "buy 2 am"
)
_CLOCK: Final = rf"{_HOUR}(?:[:.][0-5]\d)?(?:[ ]?[ap]m)?"
_HOUR_WORD: Final = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_BEFORE_HOURS: Final = "at|by|around|before|after"
_DAYS: Final = "tomorrow|today|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_ENDS: Final = r"(?=[ ]*(?:$|[,.;!?)](?!\d)))"
_DATE: Final = re.compile(
    rf"""(?<![\w./-])(?:
        {_WHEN}?(?:20\d\d([./-]){_MONTH_NUMBER}\1{_DAY}|{_DAY}([./-]){_MONTH_NUMBER}\2{_YEAR}
          |{_MONTH_NUMBER}/{_DAY}/{_YEAR})
      | {_WHEN}?(?:(?:{_DAY}|{_ORDINAL})(?:[ ]+of)?[ ]+{_MONTH}(?![ ]+plums?\b)
          |{_MONTH}[ ]+(?:{_DAY}|{_ORDINAL}))
        (?:,?[ ]+20\d\d)?
      | {_TIME}(?=[ ]+\d)
      | (?:{_DAYS})[ ,]+(?:(?:{_BEFORE_HOURS})[ ]+{_HOUR}(?:[:.][0-5]\d)?(?:[ ]?[ap]m)?
          |{_HOUR}[ ]?[ap]m|(?:[01]?\d|2[0-3]):[0-5]\d(?:[ ]?[ap]m)?)\b(?=[ ]+\w|[,.:;])
      | (?:(?:{_BEFORE_HOURS})[ ]+)?(?:a[ ]+)?(?:(?:half|quarter)[ ]past|quarter[ ]to)
        [ ](?:{_HOUR}|{_HOUR_WORD})\b
      | ^(?:{_DAYS})(?=[ ]+\d)
      | ^(?:(?:1[3-9]|2\d|3[01])/{_MONTH_NUMBER}(?<!24/7)(?=[ ]+\w)
          |{_MONTH_NUMBER}/(?:5|6|7|9|1[0-2])(?=[ ]+\d))
      | (?:delivery|collection|pick[ -]?up)(?:[ ](?:window|slot|time))?[ ]+
        (?:(?:{_BEFORE_HOURS}|between|from)[ ]+)?{_CLOCK}
        (?:[ ]*(?:-|\u2013|to|and|till|until)[ ]*{_CLOCK})?
        {_ENDS}
      | (?P<hour>at[ ]+{_HOUR})(?={_ENDS}|[ ]+(?:for|please|pls)\b)
      | (?:{_BEFORE_HOURS})[ ]+{_HOUR}(?:[:.][0-5]\d)?
        [ ]+(?:tomorrow|today|tonight|sharp|in[ ]the[ ](?:morning|afternoon|evening))
      | (?:on|by|before)[ ]+(?:the[ ]+)?(?:{_ORDINAL}(?=[ ]*(?:$|[,.;:!?-]))|{_DAY}/{_MONTH_NUMBER})
    )(?![\w/-]|[.]\d|[ ]?%)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# Every date holds one of these in small letters: most lists hold none.
_OF_DATES: Final = re.compile(
    r"\d[.-]\d{1,2}[.-]\d|\d/\d|\d(?:am|st|nd|rd|th)|\d ?pm|[ap]\.m|jan|feb|mar|apr|may|jun|jul|aug"
    r"|sep|oct|nov|dec|tomorrow|today|tonight|sharp|in the "
    r"|day[ ,]+(?:at|by|around|before|after|\d)|(?:half|quarter) (?:past|to) |delivery|collection"
    r"|pick[ -]?up|\bat +\d"
)


def dates(text: str, tokens: Sequence[Token], places: Places) -> Iterator[Cut]:
    """Each day and hour."""
    if _OF_DATES.search(text.lower()) is None:
        return
    for match in _DATE.finditer(text):
        found = places.between(*match.span())
        if found and not (match["hour"] and not _follows_thing(tokens, found[0])):
            yield Cut(*found, Reason.TALK)


def _follows_thing(tokens: Sequence[Token], place: int) -> bool:
    """Whether an "at 7" stands behind a thing, of which it is no number: "eggs at 7"."""
    return place > 0 and tokens[place - 1].lower in GOODS
