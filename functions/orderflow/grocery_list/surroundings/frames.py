"""Blanks what programs write around a message: stamps of chats, heads of mails, tills' marks.

"[12/03, 9:14 am] Mum: rice 2 kg", "Subject: Saturday", "Voice note (0:42): buy eggs".
"""

from __future__ import annotations

import re
from typing import Final

from orderflow.grocery_list.set_aside import Reason, SetAside

_DATE: Final = r"\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{2,4})?"
_TIME: Final = r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:\s?[ap]\.?m\.?)?"
_SENDER: Final = r"(?:[^\s:\d][^:\n\d]{0,30}:)"
_FRAME: Final = re.compile(
    rf"""^[ \t>]*(?:
        \[?(?:{_DATE},?\s+)?{_TIME}(?:,?\s+{_DATE})?\]?(?:[ ]-)?[ ]{_SENDER}
      | (?:subject|from|to|cc|bcc|sent|reply-to|fwd?|re)[ ]?:[^\n]*(?=\n)
      | [\[(*]?(?:voice[ ](?:note|message|memo|mail)|voicemail|transcript(?:ion)?|audio|dictated)\b
        [^\n\]]{{0,50}}?(?:\][:]?|\)?\*?:(?=[\s"'“])|[ ]-{{1,2}}[ ]|\)[ ](?=["“]))
      | -{{2,}}[ ]*(?:original|forwarded)[ ]message[ ]*-{{2,}}
      | begin[ ]forwarded[ ]message:?
      | on[ ][^\n]{{5,80}}[ ]wrote:
    )
    | [\[(](?:inaudible|pause|unclear|laughs?|laughter|background[^\])\n]*|music|coughs?|beep)[\])]
    | ^--[ ]?\n(?:[^\n]*\n?){{1,6}}\Z  # a signature (RFC 3676)
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


# What tills print behind a price: the letter of its tax, and the line's total.
_BEHIND_PRICES: Final = re.compile(
    r"(?P<start>@[ \t]*[^\d\s]?\d[\d,.]*(?:/\w+)?[ \t]+)"
    r"[^\d\s]?\d[\d,.]*(?:[ \t]+[A-Z*]{1,2})?[ \t]*$"
    r"|(?<=\d\.\d\d)[ \t]+[A-Z*]{1,2}[ \t]*$",
    re.MULTILINE,
)


def without_totals(text: str) -> tuple[str, list[SetAside]]:
    """The text with blanks in place of what a till prints behind prices, and where that stands."""
    if "@" not in text and "." not in text:
        return text, []
    aside = [
        SetAside(
            Reason.MONEY, (match.end("start") if match["start"] else match.start(), match.end())
        )
        for match in _BEHIND_PRICES.finditer(text)
    ]
    if not aside:
        return text, aside
    return _BEHIND_PRICES.sub(
        lambda match: (match["start"] or "").ljust(len(match[0])), text
    ), aside


def without_frames(text: str) -> tuple[str, list[SetAside]]:
    """The text with blanks in place of what a program wrote, and where that stands."""
    if not any(mark in text for mark in ":[-"):
        return text, []
    aside = [SetAside(Reason.TALK, match.span()) for match in _FRAME.finditer(text)]
    return (_FRAME.sub(_blanks, text), aside) if aside else (text, [])


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match[0])
