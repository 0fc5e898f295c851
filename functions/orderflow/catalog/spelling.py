"""Which words a shopper may have meant by one that is misspelt ("choclate") or cut ("choc").

Likeness is 0 to 1; a word is like itself by 1. What other words of the same name say narrows the
choice: of all words that "pre" begins, those are likeliest that stand beside "jasmine rice".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping
from heapq import nlargest
from typing import Final

from rapidfuzz import fuzz, process

_LOOKALIKES: Final = 6
_LOOKALIKE_CUTOFF: Final = 70
# One letter of four makes another word ("beer", "beef"), one of eight mostly does not.
_LOOKALIKE_EXPONENT: Final = 1.3
_SAME_LETTERS: Final = 0.9  # "mlik"
# A word of the context as like as this is meant; all the catalog's others need no comparison.
_SURE_LIKENESS: Final = 0.85
_SHORTEST_ABBREVIATION: Final = 3
_ABBREVIATION_LIKENESS: Final = 0.85
_ABBREVIATIONS: Final = 12
_VOWELS: Final = frozenset("aeiou")


class Spelling:
    """The words of a catalog, and what they may be written as.

    Args:
        frequencies: how many names hold each word.
    """

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        self._frequencies = frequencies
        self._vocabulary = sorted(frequencies)

    def meanings(self, word: str, context: Collection[str]) -> dict[str, float]:
        """The words that ``word`` may be, each with its likeness.

        Args:
            word: as the shopper wrote it, normalised.
            context: the words of names that hold the shopper's other words; may be empty.
        """
        nearby = _meant_among(word, context)
        if word in self._frequencies:
            return nearby | {word: 1.0}
        if max(nearby.values(), default=0.0) >= _SURE_LIKENESS:
            return nearby
        anywhere = dict.fromkeys(self._completions(word), _ABBREVIATION_LIKENESS)
        return _likelier(anywhere, _likelier(nearby, _lookalikes(word, self._vocabulary)))

    def _completions(self, word: str) -> list[str]:
        """The commonest words that begin with this one: "choc", "evap", "veg"."""
        if len(word) < _SHORTEST_ABBREVIATION:
            return []
        start = bisect_left(self._vocabulary, word)
        end = bisect_left(self._vocabulary, word + "\U0010ffff")
        return nlargest(
            _ABBREVIATIONS, self._vocabulary[start:end], key=self._frequencies.__getitem__
        )


def abbreviates(short: str, word: str) -> bool:
    """Whether ``short`` is the beginning of ``word`` ("choc"), or has no vowels of it ("pwdr")."""
    if not _SHORTEST_ABBREVIATION <= len(short) < len(word) or short[0] != word[0]:
        return False
    if word.startswith(short):
        return True
    if short[-1] != word[-1] or not _VOWELS.isdisjoint(short[1:-1]):
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)


def _meant_among(word: str, context: Collection[str]) -> dict[str, float]:
    cut = (other for other in context if abbreviates(word, other))
    return _likelier(dict.fromkeys(cut, _ABBREVIATION_LIKENESS), _lookalikes(word, context))


def _lookalikes(word: str, words: Collection[str]) -> dict[str, float]:
    found = process.extract(
        word, words, scorer=fuzz.ratio, limit=_LOOKALIKES, score_cutoff=_LOOKALIKE_CUTOFF
    )
    letters = sorted(word)
    return {
        other: _SAME_LETTERS if sorted(other) == letters else (percent / 100) ** _LOOKALIKE_EXPONENT
        for other, percent, _ in found
    }


def _likelier(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {word: max(one.get(word, 0.0), other.get(word, 0.0)) for word in (*one, *other)}
