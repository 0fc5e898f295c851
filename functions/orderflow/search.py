"""Finding the products that a name may mean, among tens of thousands, in milliseconds.

A name is scored by the share of its words that a product's name holds, and by how much else that
product's name says: "milk" finds "Milk" before "Full Cream Milk", and both before "Milk Chocolate",
whose head word is another. Rarer words weigh more; misspelt words count by their likeness.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel
from rapidfuzz import fuzz, process

from orderflow.names import head, words

# A name of more words is a sentence; its first ones are searched, so that time stays bounded.
_LONGEST_NAME: Final = 12
_SHORTLIST: Final = 60

_LOOKALIKES: Final = 6
_LOOKALIKE_CUTOFF: Final = 70
_ABBREVIATION_MIN_LENGTH: Final = 3
_ABBREVIATION_LIKENESS: Final = 0.85
_ABBREVIATIONS: Final = 12

# The parts of a score. A name that holds every word asked for, its head among them, scores at least
# 0.9 * 0.75 and mostly above 0.72; the name of something else (chocolate, for "milk") stays below.
_WORDS_SHARE: Final = 0.9
_BREVITY_SHARE: Final = 0.25
_OTHER_HEAD: Final = 0.8

_K = TypeVar("_K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that a name may mean. ``score`` is 0 to 1; 1 is the very name."""

    product_id: str
    score: float


class _Entry(NamedTuple):
    """One name of a product: its own or a synonym. Its brand may be asked for but need not be."""

    product_id: str
    words: tuple[str, ...]
    brand: tuple[str, ...]
    head: str


class _Term(NamedTuple):
    """A word asked for, its weight, and the catalog's words it may be, each with its likeness."""

    word: str
    weight: float
    alternatives: Mapping[str, float]


class CatalogIndex:
    """An in-memory index of product names and synonyms, built once for a catalog's version.

    Args:
        products: :class:`~orderflow.catalog.Product` or mappings with at least ``id`` and ``name``;
            ``brand`` (a text) and ``synonyms`` (a list of texts) are used where present.
    """

    def __init__(self, products: Iterable[BaseModel | Mapping[str, Any]]) -> None:
        rows = [row if isinstance(row, Mapping) else row.model_dump() for row in products]
        self._entries = [entry for row in rows for entry in _entries(row)]
        self._named = _grouped((entry.words, entry.product_id) for entry in self._entries)
        self._families = _families(rows)
        self._postings = _postings(self._entries)
        self._vocabulary = sorted(self._postings)
        self._weights = _weights(self._postings, len(self._entries))
        self._unknown_weight = sum(self._weights.values()) / max(1, len(self._weights))
        self._entry_weights = [
            sum(self._weights[word] for word in entry.words) for entry in self._entries
        ]

    def search(self, name: str, limit: int = 5) -> list[Candidate]:
        """The products whose names are most like ``name``, best first; none if it has no words."""
        best: dict[str, float] = {}
        for reading in self._readings(words(name)[:_LONGEST_NAME]):
            for product_id, score in self._search_words(reading):
                best[product_id] = max(score, best.get(product_id, 0.0))
        ranked = sorted(best.items(), key=lambda found: (-found[1], found[0]))
        return [Candidate(product_id, score) for product_id, score in ranked[:limit]]

    def named(self, name: str) -> tuple[str, ...]:
        """The ids of the products that have exactly this name or synonym, once normalised."""
        return self._named.get(words(name), ())

    def family(self, product_id: str) -> tuple[str, ...]:
        """The ids of the products that differ from this one only by their pack, itself included."""
        return self._families.get(product_id, ())

    def _readings(self, asked: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """The words as they stand, and with words joined or split: "corn flakes", "cornflakes"."""
        if asked:
            yield asked
        for place, (left, right) in enumerate(pairwise(asked)):
            if left + right in self._postings:
                yield (*asked[:place], left + right, *asked[place + 2 :])
        for place, word in enumerate(asked):
            for halves in self._halves(word):
                yield (*asked[:place], *halves, *asked[place + 1 :])

    def _halves(self, word: str) -> Iterator[tuple[str, str]]:
        if word in self._postings:
            return
        for cut in range(2, len(word) - 1):
            if word[:cut] in self._postings and word[cut:] in self._postings:
                yield word[:cut], word[cut:]

    def _search_words(self, asked: tuple[str, ...]) -> Iterator[tuple[str, float]]:
        terms = [self._term(word) for word in asked]
        for place in self._shortlist(terms):
            yield self._entries[place].product_id, self._score(terms, place)

    def _term(self, word: str) -> _Term:
        if word in self._postings:
            return _Term(word, self._weights[word], {word: 1.0})
        alternatives = dict.fromkeys(self._completions(word), _ABBREVIATION_LIKENESS)
        for other, percent, _ in process.extract(
            word,
            self._vocabulary,
            scorer=fuzz.ratio,
            limit=_LOOKALIKES,
            score_cutoff=_LOOKALIKE_CUTOFF,
        ):
            alternatives[other] = max(percent / 100, alternatives.get(other, 0.0))
        return _Term(word, self._unknown_weight, alternatives)

    def _completions(self, word: str) -> list[str]:
        """The commonest words that this one abbreviates: "choc", "evap", "veg"."""
        if len(word) < _ABBREVIATION_MIN_LENGTH:
            return []
        start = bisect_left(self._vocabulary, word)
        end = bisect_left(self._vocabulary, word + "\U0010ffff")
        longer = self._vocabulary[start:end]
        return nlargest(_ABBREVIATIONS, longer, key=lambda other: len(self._postings[other]))

    def _shortlist(self, terms: Sequence[_Term]) -> list[int]:
        """The places of the entries that hold most of what is asked and say little else."""
        held: defaultdict[int, float] = defaultdict(float)
        for term in terms:
            for place, likeness in self._holders(term).items():
                held[place] += term.weight * likeness
        asked = sum(term.weight for term in terms)
        said = self._entry_weights
        return nlargest(
            _SHORTLIST, held, key=lambda place: held[place] / (asked + _BREVITY_SHARE * said[place])
        )

    def _holders(self, term: _Term) -> dict[int, float]:
        """The entries with one of the term's words, and how like the likest of these is."""
        holders: dict[int, float] = {}
        for word, likeness in sorted(term.alternatives.items(), key=lambda item: item[1]):
            holders.update(dict.fromkeys(self._postings[word], likeness))
        return holders

    def _score(self, terms: Sequence[_Term], place: int) -> float:
        entry = self._entries[place]
        found = [_likest(term, entry) for term in terms]
        met = {word for word, _ in found}
        asked_weight = sum(term.weight for term in terms)
        held = sum(term.weight * likeness for term, (_, likeness) in zip(terms, found, strict=True))
        said = sum(self._weights[word] for word in entry.words if word in met)
        brevity = _BREVITY_SHARE * said / self._entry_weights[place]
        by_words = held / asked_weight * (1 - _BREVITY_SHARE + brevity)
        if entry.head not in met:
            by_words *= _OTHER_HEAD
        spelling = fuzz.ratio(" ".join(term.word for term in terms), " ".join(entry.words)) / 100
        return _WORDS_SHARE * by_words + (1 - _WORDS_SHARE) * spelling


def _likest(term: _Term, entry: _Entry) -> tuple[str, float]:
    """The entry's word that the term most likely means, and how like it is; ("", 0) for none."""
    likest, greatest = "", 0.0
    for word in (*entry.words, *entry.brand):
        likeness = term.alternatives.get(word, 0.0)
        if likeness > greatest:
            likest, greatest = word, likeness
    return likest, greatest


def _entries(row: Mapping[str, Any]) -> Iterator[_Entry]:
    product_id, brand = str(row["id"]), words(str(row.get("brand") or ""))
    for name in dict.fromkeys([str(row["name"]), *(row.get("synonyms") or ())]):
        own = words(name)
        if own:
            rest = tuple(word for word in brand if word not in own)
            yield _Entry(product_id, own, rest, head(name))


def _families(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    branded_names = (
        ((words(str(row.get("brand") or "")), words(str(row["name"]))), str(row["id"]))
        for row in rows
    )
    families = _grouped(branded_names).values()
    return {product_id: family for family in families for product_id in family}


def _grouped(pairs: Iterable[tuple[_K, str]]) -> dict[_K, tuple[str, ...]]:
    groups: defaultdict[_K, dict[str, None]] = defaultdict(dict)
    for key, product_id in pairs:
        groups[key][product_id] = None
    return {key: tuple(ids) for key, ids in groups.items()}


def _postings(entries: Sequence[_Entry]) -> dict[str, list[int]]:
    postings: defaultdict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        for word in {*entry.words, *entry.brand}:
            postings[word].append(place)
    return dict(postings)


def _weights(postings: Mapping[str, Sequence[int]], entries: int) -> dict[str, float]:
    """1 for a word in every name up to 2 for a word in a single one: rarity matters, mildly."""
    scale = math.log(1 + entries)
    return {word: 2 - math.log(len(places)) / scale for word, places in postings.items()}
