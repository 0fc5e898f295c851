"""Product names in one form, so that "Okro", "OKRO " and "okros" are the same words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

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

_IRREGULAR: Final = {
    "calves": "calf",
    "geese": "goose",
    "halves": "half",
    "knives": "knife",
    "leaves": "leaf",
    "loaves": "loaf",
    "shelves": "shelf",
    "wolves": "wolf",
}
_KEEP: Final = frozenset({"asparagus", "couscous", "gas", "hummus", "molasses", "plus", "swiss"})
_Y_FROM_IES_MIN: Final = 6  # "berries" -> "berry", but "pies" -> "pie"
_IE_WORDS: Final = frozenset({"brownie", "cookie", "hoodie", "movie", "smoothie", "veggie"})


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


def head(name: str) -> str:
    """The word that says what the product is: "oil" in "Olive Oil - Extra Virgin"; may be "".

    What it comes in is no head while there is another: "stockfish" in "Stockfish Pieces".
    """
    plain = _plain(name)
    described = _kept_words(_without_sizes(_DESCRIPTION.split(plain, maxsplit=1)[0]))
    spoken = described or words(name) or ("",)
    things = [word for word in spoken if word not in UNIT_SPELLINGS]
    return (things or spoken)[-1]


@lru_cache(maxsize=65_536)
def singular(word: str) -> str:
    """The singular of a lower-case English word; anything else comes back as it is."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.endswith("s") or word in _KEEP:  # noqa: PLR2004
        return word
    return _strip_plural(word)


def _strip_plural(word: str) -> str:
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        shortened = word[:-1]
        is_ie_word = shortened in _IE_WORDS or len(word) < _Y_FROM_IES_MIN
        return shortened if is_ie_word else word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes", "oes")):
        return word[:-2]
    return word[:-1]


def _plain(name: str) -> str:
    if not name.isascii():
        decomposed = unicodedata.normalize("NFKD", name)
        name = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return _APOSTROPHE.sub("", name).casefold()


def _without_sizes(plain: str) -> str:
    return _MULTIPACK.sub(" ", _SIZE.sub(" ", plain))


def _kept_words(plain: str) -> tuple[str, ...]:
    return tuple(singular(word) for word in _WORD.findall(plain) if word not in _STOP_WORDS)
