"""Which words a shopper may have meant by one that is misspelt ("choclate") or cut ("choc", "chs").

Likeness is 0 to 1; a word is like itself by 1. Misspellings count edits: letters that are missing,
added, exchanged or another (optimal string alignment, in rapidfuzz). Abbreviations are a word's
beginning, or what is left of it without vowels.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import groupby
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

_LOOKALIKES: Final = 12
# One letter of four makes another word ("beer", "beef"), one of eight mostly does not.
_LOOKALIKE_EXPONENT: Final = 1.3
_EXCHANGED_LETTERS: Final = 0.9  # "mlik"
_OTHER_BEGINNING: Final = 0.85  # first letters are seldom wrong
_SHORTEST_MISSPELT: Final = 3
# Of words of so many letters, up to two or three may be wrong; of shorter ones, one.
_TWO_EDITS: Final = 4
_THREE_EDITS: Final = 8
_SHORTEST_BEGINNING: Final = 3
_LONGEST_BEGINNING: Final = 4
_BEGINNINGS: Final = 16
_FAR_MORE_USUAL: Final = 5
_SKELETONS: Final = 16
# The more of a word an abbreviation keeps, the likelier it is: "choco" rather than "cho".
_ABBREVIATION_LIKENESS: Final = 0.75
_KEPT_SHARE: Final = 0.2
_FEWEST_CONSONANTS_KEPT: Final = 0.6
_VOWELS: Final = frozenset("aeiou")
_WITHOUT_VOWELS: Final = str.maketrans("", "", "aeiouy")


class Spelling:
    """The words of a catalog, and what they may be written as.

    Args:
        frequencies: how many names hold each word.
    """

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        self._frequencies = frequencies
        self._vocabulary = sorted(frequencies)
        self._by_initial = _grouped((word[0], word) for word in self._vocabulary)
        self._by_skeleton = _grouped((skeleton(word), word) for word in self._vocabulary)

    def meanings(self, word: str) -> dict[str, float]:
        """The words that ``word`` may be, each with its likeness; itself if it is one."""
        found = self._lookalikes(word)
        for other in (*self._beginning_with(word), *self._without_vowels(word)):
            found[other] = max(found.get(other, 0.0), likeness(word, other))
        if word in self._frequencies:
            found[word] = 1.0
        return found

    def beginnings(self, word: str) -> dict[str, float]:
        """The commonest words that a short word begins, each with its likeness, and itself."""
        if len(word) > _LONGEST_BEGINNING:
            return {word: 1.0}
        return {other: likeness(word, other) for other in (*self._beginning_with(word), word)}

    def usual_beginnings(self, word: str) -> dict[str, float]:
        """As :meth:`beginnings`, of words that are far more usual than the word itself: "choc"."""
        least = _FAR_MORE_USUAL * self._frequencies.get(word, 0)
        return {
            other: alike
            for other, alike in self.beginnings(word).items()
            if other == word or self._frequencies[other] >= least
        }

    def _lookalikes(self, word: str) -> dict[str, float]:
        if len(word) < _SHORTEST_MISSPELT:
            return {}
        # First letters are seldom wrong: only where none of these is near, all words are compared.
        edits = _most_edits(word)
        near = self._near(word, self._by_initial.get(word[0], ()), edits)
        if max(near.values(), default=0.0) >= _share_kept(len(word), 1):
            return near
        return self._near(word, self._vocabulary, edits)

    def _near(self, word: str, words: Sequence[str], edits: int) -> dict[str, float]:
        found = {
            other: _alike(word, other, distance)
            for other, distance, _ in process.extract(
                word, words, scorer=OSA.distance, limit=None, score_cutoff=edits
            )
        }
        best = nlargest(
            _LOOKALIKES, found, key=lambda other: (found[other], self._frequencies[other])
        )
        return {other: found[other] for other in best}

    def _beginning_with(self, word: str) -> list[str]:
        """The commonest words that begin with this one: "choc", "evap", "veg"."""
        if len(word) < _SHORTEST_BEGINNING:
            return []
        start = bisect_left(self._vocabulary, word)
        end = bisect_left(self._vocabulary, word + "\U0010ffff")
        return self._commonest(_BEGINNINGS, self._vocabulary[start:end])

    def _without_vowels(self, word: str) -> list[str]:
        """The commonest words that are this one without their vowels: "pwdr", "chs", "cks"."""
        spoken = {skeleton(word), skeleton(word.removesuffix("s"))}
        found = [other for each in spoken for other in self._by_skeleton.get(each, ())]
        return self._commonest(_SKELETONS, [other for other in found if abbreviates(word, other)])

    def _commonest(self, count: int, words: Iterable[str]) -> list[str]:
        return nlargest(count, words, key=self._frequencies.__getitem__)


def likeness(written: str, word: str) -> float:
    """How likely ``word`` was meant by what is written, 0 to 1; 0 where it hardly can be."""
    if written == word:
        return 1.0
    if abbreviation := abbreviation_likeness(written, word):
        return abbreviation
    if len(written) < _SHORTEST_MISSPELT:
        return 0.0
    edits = _most_edits(written)
    distance = OSA.distance(written, word, score_cutoff=edits)
    return _alike(written, word, distance) if distance <= edits else 0.0


def abbreviation_likeness(written: str, word: str) -> float:
    """How likely what is written was cut from ``word``, 0 to 1; it is the word itself by 1."""
    if written == word:
        return 1.0
    if not abbreviates(written, word):
        return 0.0
    return _ABBREVIATION_LIKENESS + _KEPT_SHARE * len(written) / len(word)


def abbreviates(short: str, word: str) -> bool:
    """Whether ``short`` begins ``word`` ("choc"), or is it without vowels ("pwdr", "chkn").

    A plural's "s" may follow ("cks" for "cookie"); of two letters all consonants must be there.
    """
    if not 1 < len(short) < len(word) or short[0] != word[0]:
        return False
    if word.startswith(short):
        return len(short) >= _SHORTEST_BEGINNING
    # A vowel at the very end is kept now and then: "sce" for "sauce".
    middle = short[1:-1] if short[-1] == word[-1] else short[1:]
    if not _VOWELS.isdisjoint(middle):
        return False
    consonants, kept = skeleton(word), skeleton(short)
    if kept == consonants or kept.removesuffix("s") == consonants:
        return True
    is_enough = len(kept) >= max(_SHORTEST_BEGINNING, _FEWEST_CONSONANTS_KEPT * len(consonants))
    letters = iter(consonants)
    return is_enough and kept[-1] == consonants[-1] and all(letter in letters for letter in kept)


def skeleton(word: str) -> str:
    """A word's first letter and consonants, doubled ones once: "chs" of "cheese"."""
    return "".join(letter for letter, _ in groupby(word[:1] + word[1:].translate(_WITHOUT_VOWELS)))


def _alike(written: str, word: str, edits: int) -> float:
    if edits == 1 and len(written) == len(word) and sorted(written) == sorted(word):
        return _EXCHANGED_LETTERS
    share = _share_kept(max(len(written), len(word)), edits)
    return share if written[0] == word[0] else share * _OTHER_BEGINNING


def _share_kept(length: int, edits: int) -> float:
    """How like words of so many letters are with so many edits between them, 0 to 1."""
    share: float = (1 - edits / length) ** _LOOKALIKE_EXPONENT
    return share


def _most_edits(word: str) -> int:
    length = len(word)
    return 1 + (length >= _TWO_EDITS) + (length >= _THREE_EDITS)


def _grouped(pairs: Iterable[tuple[object, str]]) -> dict[object, list[str]]:
    groups: defaultdict[object, list[str]] = defaultdict(list)
    for key, word in pairs:
        groups[key].append(word)
    return dict(groups)
