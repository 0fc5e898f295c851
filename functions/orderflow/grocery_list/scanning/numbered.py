"""Takes out dates, places and codes, whose numbers count nothing: "by 28 Nov", "room 204"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.scanning.no_words import settle_no
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
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
_TO: Final = r"(?:(?:to|at|in|for|from)[ ]+(?:the[ ]+|my[ ]+)?)?"
_NUMBER: Final = r"(?:(?:no|number|num)\b\.?|\#)"
_PLACE: Final = re.compile(
    # What is read as an address to the line's end anyway.
    rf"""\b(?P<address>(?:address|location|landmark
        |(?:send|deliver|delivery|bring|drop)(?:[ ](?:it|them|off|all))?[ ](?:to|at))\b[^\n]*)
      | \b{_TO}(?:
        (?:flat|room|rm|gate|plot|apartment|apt|suite|house|villa|door|hostel|ward|stall|phase|zone)
        [ ]*(?:{_NUMBER}[ ]*)?[a-z]?\d{{1,4}}[a-z]?\b
        (?:[ ](?:[a-z][ ])?(?:wing|tower|floor))?
        (?=[ ]*(?:$|[,.;:!?)-]|(?:at|in|on|by|please|pls|thanks)\b|(?-i:[A-Z])))
      | (?:block|blk)[ ]*(?:{_NUMBER}[ ]*)?(?:[a-z]\d{{0,2}}|\d{{1,3}}[a-z]?)\b
        (?=[ ,]+(?:flat|room|rm|house|apartment|apt|suite|gate)\b|[ ]*:)
      | (?:(?:gate|door|access|entry)[ ])?
        (?:(?<!rolling[ ])(?<!safety[ ])(?<!hair[ ])pin|otp|code)\b[ ]*(?:is\b|:|{_NUMBER})?[ ]*
        [a-z]{{0,4}}-?\d{{4,}}\b
      | (?:ref|reference|order|invoice|ticket|booking|receipt)\b[ ]*(?:id\b|{_NUMBER})[ ]*
        [a-z]{{0,4}}-?\d{{3,}}\b
    )(?![.,/]\d)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# So much of a thing is asked for: "no substitutions on" milk 2L.
_NO_SWAP: Final = re.compile(
    r"\bno (?:subs?|substitut(?:e|ion)s?|replacements?|swaps?) (?:on|for|of)\b(?=[^\n,;]{1,60}\d)",
    re.IGNORECASE,
)
# Every date, and every place or code, holds one of these in small letters: most lists hold none.
_OF_DATES: Final = re.compile(
    r"\d[.-]\d{1,2}[.-]\d|\d/\d|\d(?:am|st|nd|rd|th)|\d ?pm|jan|feb|mar|apr|may|jun|jul|aug|sep"
    r"|oct|nov|dec|tomorrow|today|tonight|sharp|in the "
)
_OF_PLACES: Final = re.compile(
    "flat|room|rm|gate|plot|apartment|apt|suite|house|villa|door|hostel|ward|stall|phase|zone"
    "|block|blk|pin|otp|code|ref|order|invoice|ticket|booking|receipt"
)
_NUMBERED: Final = (
    (_DATE, _OF_DATES, Reason.TALK),
    (_NO_SWAP, re.compile("no (?:sub|rep|swap)"), Reason.TALK),
    (_PLACE, _OF_PLACES, Reason.ADDRESS),
)
_DIGIT: Final = re.compile(r"\d")
_SAYING: Final = frozenset({Kind.WORD, Kind.NUMBER})


def without_numbered(text: str, tokens: list[Token]) -> tuple[list[Token], list[SetAside]]:
    """The tokens without those of dates, numbered places and codes, and where these stand.

    What a catalog's name holds, which is one token, stays. A comma stands for what divided words.
    A "no" that counts pieces, or belongs to a name, is settled as well.
    """
    tokens = settle_no(text, tokens)
    if _DIGIT.search(text) is None:
        return tokens, []
    lower = text.lower()
    found = [
        SetAside(reason, match.span())
        for pattern, hint, reason in _NUMBERED
        if hint.search(lower)
        for match in pattern.finditer(text)
        if match.lastgroup is None
    ]
    if not found:
        return tokens, []
    places = {token.start: place for place, token in enumerate(tokens)}
    ends = {token.end: place + 1 for place, token in enumerate(tokens)}
    aside: list[SetAside] = []
    kept, behind = list[Token](), 0
    for each in sorted(found, key=lambda each: each.span):
        place, end = places.get(each.span[0], -1), ends.get(each.span[1], -1)
        if not behind <= place < end:
            continue
        kept += tokens[behind:place]
        if _divides(kept, token_at(tokens, end)):
            kept.append(tokens[place]._replace(kind=Kind.COMMA, text="", lower=""))
        aside.append(each)
        behind = end
    return kept + tokens[behind:], aside


def _divides(before: Sequence[Token], following: Token) -> bool:
    """Whether words, or numbers, stand on both sides."""
    return bool(before) and before[-1].kind in _SAYING and following.kind in _SAYING
