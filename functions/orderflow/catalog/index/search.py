"""Finding the products that a name may mean, among tens of thousands, in milliseconds.

A name is searched as it stands, with words joined or split ("corn flakes", "cornflakes"), and in
other words for the same thing (:mod:`orderflow.catalog.index.synonyms`); the best score counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import nlargest
from itertools import pairwise
from typing import Any, Final

from rapidfuzz import fuzz

from orderflow.catalog.index.entries import Named, entries_of, families, ids_by
from orderflow.catalog.index.scoring import Names, Parts, Term, Words
from orderflow.catalog.index.synonyms import Synonyms
from orderflow.catalog.names import words

# A name of more words is a sentence; its first ones are searched, so that time stays bounded.
_LONGEST_NAME: Final = 12
# What a reading with joined or split words is worth beside the words as they stand.
_OTHER_READING: Final = 0.99
# A name as good as this needs no synonym.
_VERY_NAME: Final = 0.985
# What another word is worth where a product is called by the one that is asked for.
_SOLD_AS_ASKED: Final = 0.8
_SUBSTITUTE: Final = 0.85
_MANY_MORE: Final = 2
# "hello" is a little like "jelly"; a word alone, with no other to bear it out, means nothing then.
_LEAST_OF_ONE_WORD: Final = 0.5
# Scores that differ by less are equal: the name that is written most alike comes first.
_SCORE_DIGITS: Final = 3
_EQUALS: Final = 16
# An order's lines are searched to know which products to read, and again to match them; and most
# customers ask for the same few things.
_REMEMBERED: Final = 2048


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that a name may mean. ``score`` is 0 to 1; 1 is the very name."""

    product_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a product is a candidate.

    Attributes:
        product_id: the product.
        score: as a :class:`Candidate`'s.
        name: the product's name or synonym that was compared.
        asked: the words that it was compared with.
        worth: what these words are worth beside those that were written: 1 for the same.
        parts: what the score is made of, before it is multiplied by ``worth``.
    """

    product_id: str
    score: float
    name: str
    asked: Words
    worth: float
    parts: Parts


@dataclass(slots=True)
class _Found:
    """The best score of each name that was compared; terms, so that they are made but once."""

    names: Names
    scores: dict[int, float] = field(default_factory=dict)
    terms: dict[tuple[str, bool], Term] = field(default_factory=dict)

    @property
    def best(self) -> float:
        return max(self.scores.values(), default=0.0)

    def term(self, word: str, *, is_open: bool) -> Term:
        key = word, is_open
        if key not in self.terms:
            self.terms[key] = self.names.term(word, is_open=is_open)
        return self.terms[key]

    def add(
        self, terms: Sequence[Term], places: Iterable[int], worth: float, *, is_usual: bool = False
    ) -> None:
        for place in places:
            score = worth * self.names.score(terms, place)
            if is_usual:
                score *= self.names.usual[place]
            if score > self.scores.get(place, 0.0):
                self.scores[place] = score


@dataclass(slots=True)
class _Reasoned(_Found):
    """Keeps what the best score of each name comes from."""

    reasons: dict[int, tuple[Sequence[Term], float]] = field(default_factory=dict)

    def add(
        self, terms: Sequence[Term], places: Iterable[int], worth: float, *, is_usual: bool = False
    ) -> None:
        for place in places:
            before = self.scores.get(place, 0.0)
            _Found.add(self, terms, [place], worth, is_usual=is_usual)
            if self.scores.get(place, 0.0) > before:
                usual = self.names.usual[place] if is_usual else 1.0
                self.reasons[place] = terms, worth * usual


class CatalogIndex:
    """An in-memory index of product names and synonyms, built once for a catalog's version.

    Args:
        products: :class:`~orderflow.catalog.product.Product` or mappings with at least ``id`` and
            ``name``; ``brand``, ``category`` (texts) and ``synonyms`` (a list of texts) are used
            where present.
    """

    def __init__(self, products: Iterable[Named | Mapping[str, Any]]) -> None:
        self._entries = [entry for product in products for entry in entries_of(product)]
        self._named = ids_by((entry.name.words, entry.product_id) for entry in self._entries)
        self._families = families(self._entries)
        self._names = Names(self._entries)
        self._synonyms = Synonyms(self._names.places.keys())
        self._remembered = lru_cache(_REMEMBERED)(self._search)

    def search(self, name: str, limit: int = 5) -> list[Candidate]:
        """The products whose names are most like ``name``, best first.

        Nothing for a name without words, for single letters that are no product's name, and for
        one word that is only distantly like any. The last searches are remembered.
        """
        return [*self._remembered(name, limit)]

    def explain(self, name: str, limit: int = 5) -> list[Explanation]:
        """What :meth:`search` finds, and why."""
        found = _Reasoned(self._names)
        explained = []
        for product_id, score, place in self._likeliest(name, limit, found):
            terms, worth = found.reasons[place]
            asked = tuple(term.word for term in terms)
            parts = self._names.parts(terms, place)
            written = self._entries[place].written
            explained.append(Explanation(product_id, score, written, asked, worth, parts))
        return explained

    def _search(self, name: str, limit: int) -> list[Candidate]:
        likeliest = self._likeliest(name, limit, _Found(self._names))
        return [Candidate(product_id, score) for product_id, score, _ in likeliest]

    def _likeliest(self, name: str, limit: int, found: _Found) -> list[tuple[str, float, int]]:
        """The products that are likeliest, with the score and the place of the best name."""
        asked = words(name)[:_LONGEST_NAME]
        if all(len(word) == 1 for word in asked) and asked not in self._named:
            return []
        self._find(asked, found)
        least = _LEAST_OF_ONE_WORD if len(asked) == 1 else 0.0
        best: dict[str, tuple[float, int]] = {}
        for place, score in found.scores.items():
            if score < least:
                continue
            product_id = self._entries[place].product_id
            best[product_id] = max((score, -place), best.get(product_id, (0.0, 0)))
        likeliest = nlargest(limit + _EQUALS, best.items(), key=lambda item: item[1])
        ranked = sorted(
            likeliest, key=lambda item: self._rank(name.casefold(), item[1][0], -item[1][1])
        )
        return [(product_id, score, -place) for product_id, (score, place) in ranked[:limit]]

    def named(self, name: str) -> tuple[str, ...]:
        """The ids of the products that have exactly this name or synonym, once normalised."""
        return self._named.get(words(name), ())

    def family(self, product_id: str) -> tuple[str, ...]:
        """The ids of the products that differ from this one only by their pack, itself included."""
        return self._families.get(product_id, ())

    def _rank(self, spoken: str, score: float, place: int) -> tuple[float, float, float, int]:
        """By score; of equal ones first what is in its usual aisle, then what is written alike."""
        written = self._entries[place].written.casefold()
        usual = self._names.usual[place]
        return -round(score, _SCORE_DIGITS), -usual, -fuzz.ratio(spoken, written), place

    def _find(self, asked: Words, found: _Found) -> None:
        for reading, worth in self._readings(asked):
            is_open = not self._names.holding(reading)
            terms = [found.term(word, is_open=is_open) for word in reading]
            found.add(terms, self._names.shortlist(terms), worth)
        if found.best < _VERY_NAME:
            self._find_synonyms(asked, found)

    def _find_synonyms(self, asked: Words, found: _Found) -> None:
        readings = self._synonyms.readings(asked)
        sold = len(self._called(asked)) if readings and found.best >= _SOLD_AS_ASKED else 0
        for other in readings:
            called = self._called(other.means)
            before = [found.term(word, is_open=True) for word in other.before]
            means = [found.term(word, is_open=False) for word in other.means]
            after = [found.term(word, is_open=True) for word in other.after]
            terms = [*before, *means, *after]
            # Biscuits may do for cookies, but not where cookies are sold under that very name.
            is_substitute = asked[-1] not in other.means and sold * _MANY_MORE > len(called)
            worth = other.worth * (_SUBSTITUTE if is_substitute else 1.0)
            found.add(terms, self._names.shortlist(terms, called), worth, is_usual=True)

    def _called(self, asked: Words) -> list[int]:
        """The names that hold these words and are the last one; else those that hold the words."""
        holding = self._names.holding(asked)
        named = [place for place in holding if asked[-1] in self._entries[place].name.heads]
        return named or list(holding)

    def _readings(self, asked: Words) -> Iterator[tuple[Words, float]]:
        """The words as they stand, joined or split ("corn flakes", "cornflakes"), with a worth."""
        if asked:
            yield asked, 1.0
        known = self._names.places
        for place, (left, right) in enumerate(pairwise(asked)):
            if left + right in known:
                yield (*asked[:place], left + right, *asked[place + 2 :]), _OTHER_READING
        for place, word in enumerate(asked):
            for halves in self._halves(word):
                yield (*asked[:place], *halves, *asked[place + 1 :]), _OTHER_READING

    def _halves(self, word: str) -> Iterator[tuple[str, str]]:
        known = self._names.places
        if word in known:
            return
        for cut in range(2, len(word) - 1):
            if word[:cut] in known and word[cut:] in known:
                yield word[:cut], word[cut:]
