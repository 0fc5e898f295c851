"""Text for terminals whose encoding does not hold all characters: a likeness in their place."""

from __future__ import annotations

import codecs
import io
import unicodedata
from collections.abc import Iterable
from typing import Final, TextIO

_NAME: Final = "orders-likeness"

#: One character for each, so that the columns of tables stay.
_LIKENESSES: Final = {
    "\N{NAIRA SIGN}": "N",
    "\N{CHECK MARK}": "v",
    "\N{BALLOT X}": "x",
    "\N{CLOCKWISE OPEN CIRCLE ARROW}": "~",
    "\N{CLOCKWISE TOP SEMICIRCLE ARROW}": ">",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MIDDLE DOT}": ".",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{BULLET}": "*",
}
_BRAILLE: Final = range(0x2800, 0x2900)
_BOX_DRAWING: Final = range(0x2500, 0x25A0)


def likeness(text: str) -> str:
    """The text in ASCII: accents are dropped, signs become similar ones, the rest "?"."""
    return "".join(map(_likeness, text))


def _likeness(character: str) -> str:
    if character.isascii():
        return character
    if known := _LIKENESSES.get(character):
        return known
    if ord(character) in _BRAILLE:  # spinners
        return "*"
    if ord(character) in _BOX_DRAWING:
        return "-"
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() else "?"


def write_likenesses(streams: Iterable[TextIO]) -> None:
    """Let these streams write a likeness of each character that their encoding does not hold."""
    codecs.register_error(_NAME, _replace)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_NAME)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return likeness(error.object[error.start : error.end]), error.end
