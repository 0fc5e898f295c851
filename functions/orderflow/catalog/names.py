"""Product names in one form, so that "Okro", "OKRO " and "okros" are the same words."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from orderflow.catalog.singular import singular
from orderflow.units import UNIT_SPELLINGS

_STOP_WORDS: Final = frozenset(
    ("a", "an", "and", "any", "for", "from", "in", "my", "of", "on", "or", "our", "please")
) | {"some", "that", "the", "this", "to", "with", "your"}
# What only says how much of the product there is: "Milk 1 litre" and "Milk 500 ml" are one name.
_SIZE: Final = re.compile(
    r"""\b\d+(?:[.,]\d+)?
        (?:\s*[x*]\s*\d+(?:[.,]\d+)?)?\s*
        (?:kg|kgs|g|gm|gms|gr|mg|lb|lbs|oz|l|lt|ltr|ml|cl|
           grams?|kilograms?|lit(?:re|er)s?|millilit(?:re|er)s?|centilit(?:re|er)s?|pcs|pieces?)\b
    """,
    re.VERBOSE,
)
_MULTIPACK: Final = re.compile(r"\b(?:cartons?|crates?|dozens?)\b|\b(?:packs?\s+)?of\s+\d+\b")
_WORD: Final = re.compile(r"[^\W_]+")
_APOSTROPHE: Final = re.compile("['`\u2019]")
# Where a name's head ends and its description begins: "Olive Oil - Extra Virgin", "Tuna in brine".
_DESCRIPTION: Final = re.compile(r"\s[-\u2013|/]\s|[,(\[:;]|\b(?:with|for|in|from)\b")
# Two languages' words for one thing: "Salt/Uppu". A slash between spaces begins a description.
_OTHERWISE: Final = re.compile(r"(?<=\w)/+(?=\w)")


def normalise(name: str) -> str:
    """Lower case, no accents, singular words, without stop words, sizes and multipack words.

    ``normalise("The Tomatoes (500 g)") == "tomato"``. A name of nothing but such words keeps them,
    so the result is empty only when the name has no letter or digit.
    """
    return " ".join(words(name))


def words(name: str) -> tuple[str, ...]:
    """The words of :func:`normalise`, in order."""
    plain = _plain(name)
    return _kept_words(_without_sizes(plain)) or tuple(map(singular, _WORD.findall(plain)))


class NameParts(NamedTuple):
    """A product's name in parts.

    Attributes:
        words: all words, as :func:`words` gives them.
        heads: those that say what the product is: "oil" in "Olive Oil - Extra Virgin"; one for each
            language of "Rock Salt/Uppu". What it comes in is no head while there is another word:
            "stockfish" in "Stockfish Pieces".
        again: those that say the same in another language: "uppu".
        described: those that only describe what was named before: "extra" and "virgin".
    """

    words: tuple[str, ...]
    heads: frozenset[str]
    again: frozenset[str]
    described: frozenset[str]


def name_parts(name: str) -> NameParts:
    """Take a product's name apart; all parts are empty for a name without words."""
    plain = _plain(name)
    thing, *description = _DESCRIPTION.split(plain, maxsplit=1)
    first, *others = [_kept_words(_without_sizes(part)) for part in _OTHERWISE.split(thing)]
    spoken = [part for part in (first, *others) if part]
    all_words = words(name) if description or others or not spoken else first
    if not spoken:
        return NameParts(all_words, frozenset(all_words[-1:]), frozenset(), frozenset())
    again = frozenset(word for part in others for word in part[: len(first)]).difference(first)
    described = frozenset(all_words).difference(*spoken)
    return NameParts(all_words, frozenset(map(_last_thing, spoken)), again, described)


def _last_thing(spoken: tuple[str, ...]) -> str:
    things = [word for word in spoken if word not in UNIT_SPELLINGS]
    return (things or spoken)[-1]


def _plain(name: str) -> str:
    if not name.isascii():
        decomposed = unicodedata.normalize("NFKD", name)
        name = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return _APOSTROPHE.sub("", name).casefold()


def _without_sizes(plain: str) -> str:
    return _MULTIPACK.sub(" ", _SIZE.sub(" ", plain))


def _kept_words(plain: str) -> tuple[str, ...]:
    return tuple([singular(word) for word in _WORD.findall(plain) if word not in _STOP_WORDS])
