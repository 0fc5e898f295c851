"""What a grocery list is made of: tokens, their kinds, and how a run of them was written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple


class Kind:
    """What a token is. No enumeration: looking up its members would take a tenth of all time."""

    NUMBER: Final = 1
    PACK_OF: Final = 2  # "6-pack", "12ct"
    WORD: Final = 3
    MONEY: Final = 4
    AND: Final = 5
    TIMES: Final = 6
    COMMA: Final = 7
    COLON: Final = 8
    DASH: Final = 9
    DOT: Final = 10  # a full stop within a name: "Dr. Pepper"
    STOP: Final = 11  # a full stop before a space: it ends a sentence, or abbreviates a unit
    BREAK: Final = 12  # semicolons, bullets, check boxes and the like
    NEWLINE: Final = 13
    OPEN: Final = 14
    CLOSE: Final = 15
    EMOJI: Final = 16
    SLASH: Final = 17
    TIME: Final = 18  # "6pm", "5:30"
    CORRECTION: Final = 19  # "no wait", "sorry, I meant"
    ROW: Final = 20  # of a table


class Token(NamedTuple):
    """A piece of the text, ``source[start:end]``; ``lower`` is how the vocabularies spell it."""

    kind: int
    text: str
    lower: str
    start: int
    end: int
    value: Decimal = Decimal(0)


ZERO: Final = Decimal(0)
#: Makes a token in half the time that calling the class takes; a long list is thousands of them.
make_token: Final[Callable[[tuple[int, str, str, int, int, Decimal]], Token]] = partial(
    tuple.__new__, Token
)
#: What stands behind the last token.
END: Final = Token(Kind.NEWLINE, "", "", 0, 0)


def token_at(tokens: Sequence[Token], position: int) -> Token:
    """The token at a position that may lie behind the last one."""
    return tokens[position] if position < len(tokens) else END


def folded(source: str) -> str:
    """A word as the vocabularies spell it."""
    lower = source.lower()
    if lower.isascii():
        return lower
    # NFKC: letters of double width, as Asian keyboards write them, are letters.
    return unicodedata.normalize("NFKC", lower).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def joined(text: str, first: Token, last: Token, kind: int) -> Token:
    """One token in place of those from the first to the last, with the first one's value."""
    source = text[first.start : last.end]
    return Token(kind, source, folded(source), first.start, last.end, first.value)


#: How the name of a catalog ends that is one word: no vocabulary holds it.
KNOWN_NAME: Final = "\x1f"


def joined_name(text: str, start: int, end: int) -> Token:
    """One word in place of all that stands between two places; no vocabulary holds it."""
    source = " ".join(text[start:end].split())
    return Token(Kind.WORD, source, f"{folded(source)}{KNOWN_NAME}", start, end)


def written(tokens: Sequence[Token]) -> str:
    """The tokens as they were written, with single spaces where there was any gap."""
    if len(tokens) == 1:
        return " ".join(tokens[0].text.split())
    parts: list[str] = []
    end = -1
    for token in tokens:
        if parts and token.start > end:
            parts.append(" ")
        parts.append(token.text)
        end = token.end
    return " ".join("".join(parts).split())
