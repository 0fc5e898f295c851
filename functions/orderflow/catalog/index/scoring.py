"""How well the names of a catalog answer the words that are asked for.

A name is scored by the share of the words asked for that it holds, and by how much else it says:
"milk" finds "Milk" before "Full Cream Milk", and both before "Milk Chocolate", whose head word is
another. Rarer words weigh more; misspelt words count by their likeness.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from typing import Final

from rapidfuzz import fuzz

from orderflow.catalog.index.entries import Entry, postings, rarities
from orderflow.catalog.index.plainness import QUALITIES, Plainness, usual_shares
from orderflow.catalog.index.spelling import Spelling, abbreviation_likeness, likeness
from orderflow.units import UNIT_SPELLINGS

# So many names are compared closely: fewer where all words stand for themselves.
_SHORTLIST: Final = 60
_SHORTLIST_OF_KNOWN: Final = 30
# Names that hold less than this share of what another one holds are looked at if others are few.
_LEAST_HELD: Final = 0.5
_FEW: Final = 12

# The parts of a score. A name that holds every word asked for, its head among them, scores at least
# 0.9 * 0.75 and mostly above 0.72; the name of something else (chocolate, for "milk") stays below.
_WORDS_SHARE: Final = 0.9
_BREVITY_SHARE: Final = 0.25
_OTHER_HEAD: Final = 0.8
# ... unless the maker was named, too: "knorr chicken" may well be "Knorr Chicken Seasoning Cubes".
_OTHER_HEAD_OF_THE_BRAND: Final = 0.9
# What a name loses at most for lying in an aisle where few such things are.
_UNUSUAL_AISLE: Final = 0.04
# The weights of words for qualities ("fresh") and containers ("bottle"): the thing itself counts.
_LIGHT_WEIGHT: Final = 0.3
_CONTAINER_WEIGHT: Final = 0.5
_OTHER_ORDER: Final = 0.98
# A word of one name in 3,000 may be another one, misspelt or cut, where no name holds all words.
_RARE_SHARE: Final = 1 / 3000

Words = tuple[str, ...]

#: What a score is made of, each 0 to 1: the share of the words asked for that the name holds; less
#: where it says more; less where its head word is another one; less where such things lie in other
#: aisles; the likeness of the spelling. The first four are multiplied and make 90 %, the last 10 %.
Parts = tuple[float, float, float, float, float]


@dataclass
class Term:
    """A word asked for, its weight, and the catalog's words it may be, each with its likeness.

    ``compare`` tells how like other words are, which is remembered; None where it is just itself.
    """

    word: str
    weight: float
    alternatives: dict[str, float]
    compare: Callable[[str, str], float] | None
    places: Mapping[str, Sequence[int]]

    @cached_property
    def holders(self) -> dict[int, float]:
        """The names with one of the words, and how like the best of these is."""
        holders: dict[int, float] = {}
        for word, alike in sorted(self.alternatives.items(), key=lambda item: item[1]):
            holders.update(dict.fromkeys(self.places.get(word, ()), alike))
        return holders

    def best_match(self, known_words: Words) -> tuple[str, float]:
        """The word that is most likely meant, and how like it is; ("", 0) for none."""
        if len(self.alternatives) == 1 and self.compare is None:
            return (self.word, 1.0) if self.word in known_words else ("", 0.0)
        alternatives = self.alternatives
        best, most = "", 0.0
        for word in known_words:
            alike = alternatives.get(word)
            if alike is None:
                if self.compare is None:
                    continue
                alike = alternatives[word] = self.compare(self.word, word)
            if alike > most:
                best, most = word, alike
        return best, most


class Names:
    """The names of a catalog, with what is needed to score them.

    Args:
        entries: all names; they are referred to by their place in here.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self.places = postings(entries)
        self._spelling = Spelling({word: len(held) for word, held in self.places.items()})
        self._weights = rarities(self.places, len(entries))
        self._rare = round(_RARE_SHARE * len(entries))
        self._unknown_weight = sum(self._weights.values()) / max(1, len(self._weights))
        names = [entry.name for entry in entries]
        plainness = Plainness(names, self._weights)
        self._costs = [plainness.costs(name) for name in names]
        self._said = [sum(costs.values()) for costs in self._costs]
        aisles = [entry.category for entry in entries]
        usual = usual_shares([name.heads for name in names], aisles)
        self.usual = [1 - _UNUSUAL_AISLE * (1 - share) for share in usual]

    def term(self, word: str, *, is_open: bool) -> Term:
        """A word asked for; ``is_open`` where it may be another one, misspelt or cut."""
        weight = self._weights.get(word, self._unknown_weight)
        if word in QUALITIES or word.isdecimal():
            weight *= _LIGHT_WEIGHT
        elif word in UNIT_SPELLINGS:
            weight *= _CONTAINER_WEIGHT
        if word.isdecimal():
            return Term(word, weight, {word: 1.0}, None, self.places)
        if not is_open:
            meanings = self._spelling.usual_beginnings(word)
            return Term(word, weight, meanings, None, self.places)
        if len(self.places.get(word, ())) > self._rare:
            beginnings = self._spelling.beginnings(word)
            return Term(word, weight, beginnings, abbreviation_likeness, self.places)
        return Term(word, weight, self._spelling.meanings(word), likeness, self.places)

    def holding(self, asked: Collection[str]) -> set[int]:
        """The names that hold all of these words."""
        rarest, *others = sorted((self.places.get(word, []) for word in asked), key=len)
        held = set(rarest)
        for places in others:
            if not held:
                break
            held.intersection_update(places)
        return held

    def shortlist(self, terms: Sequence[Term], among: Iterable[int] | None = None) -> list[int]:
        """The names that hold most of what is asked and say little else.

        Args:
            terms: what is asked.
            among: the names to choose from; all where None.
        """
        held = dict.fromkeys(among or (), 0.0)
        for term in terms:
            weight = term.weight
            for place, alike in term.holders.items():
                if among is None:
                    held[place] = held.get(place, 0.0) + weight * alike
                elif place in held:
                    held[place] += weight * alike
        asked, said = sum(term.weight for term in terms), self._said
        least = _LEAST_HELD * max(held.values(), default=0.0)
        most = [item for item in held.items() if item[1] >= least]
        is_known = all(term.compare is None for term in terms)
        size = _SHORTLIST_OF_KNOWN if is_known else _SHORTLIST
        if len(most) < _FEW:
            most, size = list(held.items()), _FEW
        worth = [
            (weight / (asked + _BREVITY_SHARE * said[place]), -place) for place, weight in most
        ]
        return [-place for _, place in nlargest(size, worth)]

    def score(self, terms: Sequence[Term], place: int) -> float:
        """How well a name answers what is asked, 0 to 1."""
        held, brevity, head, aisle, spelling = self.parts(terms, place)
        return _WORDS_SHARE * (held * brevity * head * aisle) + (1 - _WORDS_SHARE) * spelling

    def parts(self, terms: Sequence[Term], place: int) -> Parts:
        """What a name's score is made of."""
        entry, costs = self._entries[place], self._costs[place]
        asked = held = said = 0.0
        met = set()
        for term in terms:
            word, alike = term.best_match(entry.known_words)
            asked += term.weight
            held += term.weight * alike
            if word not in met:
                met.add(word)
                said += costs.get(word, 0.0)
        head = aisle = 1.0
        if met.isdisjoint(entry.name.heads):
            of_the_brand = not met.isdisjoint(entry.maker)
            head = _OTHER_HEAD_OF_THE_BRAND if of_the_brand else _OTHER_HEAD
        if said < self._said[place]:
            aisle = self.usual[place]
        in_order = fuzz.ratio(" ".join([term.word for term in terms]), entry.spoken)
        by_alphabet = " ".join(sorted([term.word for term in terms]))
        in_any_order = _OTHER_ORDER * fuzz.ratio(by_alphabet, entry.spoken_sorted)
        brevity = 1 - _BREVITY_SHARE * (1 - said / self._said[place])
        return held / asked, brevity, head, aisle, max(in_order, in_any_order) / 100
