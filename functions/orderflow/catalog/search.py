"""Finding the products that a name may mean, among tens of thousands, in milliseconds.

A name is scored by the share of its words that a product's name holds, and by how much else that
product's name says: "milk" finds "Milk" before "Full Cream Milk", and both before "Milk Chocolate",
whose head word is another. Rarer words weigh more; misspelt words count by their likeness.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from rapidfuzz import fuzz

from orderflow.catalog.names import head, words
from orderflow.catalog.spelling import Spelling

# A name of more words is a sentence; its first ones are searched, so that time stays bounded.
_LONGEST_NAME: Final = 12
_SHORTLIST: Final = 40

# So many names that hold the other words asked for tell what an odd word among them may be.
_CONTEXT: Final = 600

# The parts of a score. A name that holds every word asked for, its head among them, scores at least
# 0.9 * 0.75 and mostly above 0.72; the name of something else (chocolate, for "milk") stays below.
_WORDS_SHARE: Final = 0.9
_BREVITY_SHARE: Final = 0.25
_OTHER_HEAD: Final = 0.8
# ... unless the maker was named, too: "knorr chicken" may well be "Knorr Chicken Seasoning Cubes".
_OTHER_HEAD_OF_THE_BRAND: Final = 0.9
# These say how the thing should be, not what it is: a product without them is what was meant.
_LIGHT_WORDS: Final = frozenset(
    (
        "ripe",
        "fresh",
        "organic",
        "big",
        "large",
        "small",
        "medium",
        "little",
        "huge",
        "nice",
        "good",
    )
) | {"cheap", "best", "quality"}
_LIGHT_WEIGHT: Final = 0.3
_OTHER_ORDER: Final = 0.98
# What a reading with joined or split words is worth beside the words as they stand.
_OTHER_READING: Final = 0.99

_K = TypeVar("_K", bound=Hashable)


class _Named(Protocol):
    """What the index looks at of a :class:`orderflow.catalog.product.Product`."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def brand(self) -> str: ...
    @property
    def synonyms(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that a name may mean. ``score`` is 0 to 1; 1 is the very name."""

    product_id: str
    score: float


class _Entry(NamedTuple):
    """One name of a product: its own or a synonym. Its maker may be asked for but need not be.

    ``brand`` are the maker's words that are not in the name already.
    """

    product_id: str
    words: tuple[str, ...]
    brand: tuple[str, ...]
    maker: frozenset[str]
    head: str


class _Term(NamedTuple):
    """A word asked for, its weight, and the catalog's words it may be, each with its likeness."""

    word: str
    weight: float
    alternatives: Mapping[str, float]


class CatalogIndex:
    """An in-memory index of product names and synonyms, built once for a catalog's version.

    Args:
        products: :class:`~orderflow.catalog.product.Product` or mappings with at least ``id`` and
            ``name``; ``brand`` (a text) and ``synonyms`` (a list of texts) are used where present.
    """

    def __init__(self, products: Iterable[_Named | Mapping[str, Any]]) -> None:
        self._entries = [entry for product in products for entry in _entries(product)]
        self._named = _grouped((entry.words, entry.product_id) for entry in self._entries)
        self._families = _families(self._entries)
        self._postings = _postings(self._entries)
        self._spelling = Spelling({word: len(held) for word, held in self._postings.items()})
        self._weights = _weights(self._postings, len(self._entries))
        self._unknown_weight = sum(self._weights.values()) / max(1, len(self._weights))
        self._entry_weights = [
            sum(self._weights[word] for word in entry.words) for entry in self._entries
        ]

    def search(self, name: str, limit: int = 5) -> list[Candidate]:
        """The products whose names are most like ``name``, best first; none if it has no words."""
        best: dict[str, float] = {}
        asked = words(name)[:_LONGEST_NAME]
        for parsed in self._readings(asked):
            worth = 1.0 if parsed == asked else _OTHER_READING
            for product_id, score in self._search_words(parsed):
                best[product_id] = max(worth * score, best.get(product_id, 0.0))
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
        terms = self._terms(asked)
        for place in self._shortlist(terms):
            yield self._entries[place].product_id, self._score(terms, place)

    def _terms(self, asked: tuple[str, ...]) -> list[_Term]:
        if self._holding(asked):
            return [self._term(word, {word: 1.0}) for word in asked]
        return [
            self._term(word, self._spelling.meanings(word, self._context(asked, place)))
            for place, word in enumerate(asked)
        ]

    def _term(self, word: str, alternatives: Mapping[str, float]) -> _Term:
        weight = self._weights.get(word, self._unknown_weight)
        is_light = word in _LIGHT_WORDS or word.isdecimal()
        return _Term(word, weight * _LIGHT_WEIGHT if is_light else weight, alternatives)

    def _context(self, asked: tuple[str, ...], place: int) -> Collection[str]:
        """The words of the names that hold what is asked beside the word at this place."""
        others = [word for word in (*asked[:place], *asked[place + 1 :]) if word in self._postings]
        if not others:
            return ()
        holding = self._holding(others) or min(map(self._postings.__getitem__, others), key=len)
        return {word for held in islice(holding, _CONTEXT) for word in self._entries[held].words}

    def _holding(self, asked: Sequence[str]) -> Sequence[int]:
        """The places of the entries that hold all of these words."""
        postings = sorted((self._postings.get(word, []) for word in asked), key=len)
        rarest, *others = postings
        sets = [set(held) for held in others] if rarest else []
        return [place for place in rarest if all(place in held for held in sets)]

    def _shortlist(self, terms: Sequence[_Term]) -> list[int]:
        """The places of the entries that hold most of what is asked and say little else."""
        held: defaultdict[int, float] = defaultdict(float)
        for term in terms:
            for place, likeness in self._holders(term).items():
                held[place] += term.weight * likeness
        asked = sum(term.weight for term in terms)
        said = self._entry_weights
        worth = (
            (weight / (asked + _BREVITY_SHARE * said[place]), -place)
            for place, weight in held.items()
        )
        return [-place for _, place in nlargest(_SHORTLIST, worth)]

    def _holders(self, term: _Term) -> dict[int, float]:
        """The entries with one of the term's words, and how like the likest of these is."""
        holders: dict[int, float] = {}
        for word, likeness in sorted(term.alternatives.items(), key=lambda item: item[1]):
            holders.update(dict.fromkeys(self._postings[word], likeness))
        return holders

    def _score(self, terms: Sequence[_Term], place: int) -> float:
        entry = self._entries[place]
        found = [_best_match(term, entry) for term in terms]
        met = {word for word, _ in found}
        asked_weight = sum(term.weight for term in terms)
        held = sum(term.weight * likeness for term, (_, likeness) in zip(terms, found, strict=True))
        said = sum(self._weights[word] for word in entry.words if word in met)
        brevity = _BREVITY_SHARE * said / self._entry_weights[place]
        by_words = held / asked_weight * (1 - _BREVITY_SHARE + brevity)
        if entry.head not in met:
            of_the_brand = not met.isdisjoint(entry.maker)
            by_words *= _OTHER_HEAD_OF_THE_BRAND if of_the_brand else _OTHER_HEAD
        spelling = _likeness_of_spelling(" ".join(term.word for term in terms), entry.words)
        return _WORDS_SHARE * by_words + (1 - _WORDS_SHARE) * spelling


def _likeness_of_spelling(asked: str, name: Sequence[str]) -> float:
    """0 to 1; the very words in another order are a little less than the very name."""
    spoken = " ".join(name)
    in_any_order = fuzz.token_sort_ratio(asked, spoken)
    return max(fuzz.ratio(asked, spoken), _OTHER_ORDER * in_any_order) / 100


def _best_match(term: _Term, entry: _Entry) -> tuple[str, float]:
    """The entry's word that the term most likely means, and how like it is; ("", 0) for none."""
    held = [word for word in (*entry.words, *entry.brand) if word in term.alternatives]
    likest = max(held, key=term.alternatives.__getitem__, default="")
    return likest, term.alternatives.get(likest, 0.0)


def _entries(product: _Named | Mapping[str, Any]) -> Iterator[_Entry]:
    if not isinstance(product, Mapping):
        yield from _entries_of(product.id, product.name, product.brand, product.synonyms)
        return
    brand, synonyms = product.get("brand") or "", product.get("synonyms") or ()
    yield from _entries_of(str(product["id"]), str(product["name"]), str(brand), synonyms)


def _entries_of(
    product_id: str, name: str, brand: str, synonyms: Iterable[str]
) -> Iterator[_Entry]:
    made_by = words(brand)
    maker = frozenset(made_by)
    for each in dict.fromkeys([name, *synonyms]):
        own = words(each)
        if own:
            rest = tuple(word for word in made_by if word not in own)
            yield _Entry(product_id, own, rest, maker, head(each))


def _families(entries: Iterable[_Entry]) -> dict[str, tuple[str, ...]]:
    own = {entry.product_id: entry for entry in reversed(list(entries))}  # its name is the first
    families = _grouped(((entry.maker, entry.words), id_) for id_, entry in reversed(own.items()))
    return {product_id: family for family in families.values() for product_id in family}


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
