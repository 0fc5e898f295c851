"""What a list holds that is no item, and why: talk, addresses, headings, totals, refusals."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_STRUCK_OUT: Final = re.compile(
    r"~~?(?=[^\s~])[^~\n]+(?<=[^\s~])~~?(?!\w)|<(s|del|strike)>[^<\n]+</\1>", re.IGNORECASE
)

_LINK: Final = re.compile(r"\[([^\[\]\n]{2,})\]\([^()\s]+\)")
_TAG: Final = re.compile(r"</?[a-z][^<>\n]*>", re.IGNORECASE)


class Reason:
    """Why a part of a list is no item."""

    TALK: Final = "talk"
    ADDRESS: Final = "address"
    HEADING: Final = "heading"
    MONEY: Final = "money"  # a total, a budget
    REFUSED: Final = "refused"  # "no onions"
    STRUCK_OUT: Final = "struck out"
    IMPOSSIBLE: Final = "impossible amount"  # none, or more than a million


class SetAside(NamedTuple):
    """A part of a list that was read and is not bought: ``list[span[0]:span[1]]``."""

    reason: str
    span: tuple[int, int]


def without_struck_out(text: str) -> tuple[str, list[SetAside]]:
    """The text with blanks in place of what is struck out ("~milk~"), and where that stands.

    Marks of HTML, and links in Markdown with their brackets, become blanks, too.
    """
    if "](" in text:
        text = _LINK.sub(lambda link: f" {link[1]}".ljust(len(link[0])), text)
    if "~" not in text and "</" not in text:
        return text, []
    aside = [SetAside(Reason.STRUCK_OUT, match.span()) for match in _STRUCK_OUT.finditer(text)]
    return _TAG.sub(_blank, _STRUCK_OUT.sub(_blank, text)), aside


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
