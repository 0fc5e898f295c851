"""How much a name says beside what the product is: little for the plain thing, more for others.

Every word of a name has a cost. Words that are tied to the thing ("toned" to milk, "iodised" to
salt) cost less than words that many things share ("black", "organic"), and these less than words
that are things themselves: tulsi milk and ginger milk are no plain milk. Counts over the catalog
tell which is which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from orderflow.catalog.names import NameParts
from orderflow.units import UNIT_SPELLINGS

_HOW: Final = """
best big cheap creamy crunchy fresh good huge imported large little local medium natural nice
organic quality ripe small smooth
"""
_THE_USUAL: Final = """
classic daily everyday household normal original plain premium pure refined regular simple standard
table white whole
"""
#: These say how the thing should be, not what it is: a product without them is what was meant.
QUALITIES: Final = frozenset(_HOW.split())
# These say that it is the usual kind.
_USUAL: Final = frozenset(_THE_USUAL.split())
_QUALITY_COST: Final = 0.5
_USUAL_COST: Final = 0.35
_SAID_AGAIN_COST: Final = 0.1
_CONTAINER_COST: Final = 1.3  # an ice cream bowl is no ice cream
_TIED: Final = 0.5
_THING_ITSELF: Final = 0.3
# What describes ("Orange - Imported") makes less of another thing than what precedes: "Tru Orange".
_DESCRIBED: Final = 0.85
# A word seen but once or twice is tied to anything.
_SEEN_ENOUGH: Final = 4


class Plainness:
    """The costs of words in names of a catalog.

    Args:
        names: all names.
        weights: how much each word tells, by its rarity.
    """

    def __init__(self, names: Sequence[NameParts], weights: Mapping[str, float]) -> None:
        self._weights = weights
        self._seen: Counter[str] = Counter()
        self._as_head: Counter[str] = Counter()
        self._with_head: Counter[tuple[str, str]] = Counter()
        for name in names:
            self._seen.update(name.words)
            self._as_head.update(name.heads)
            self._with_head.update((head, word) for head in name.heads for word in name.words)

    def costs(self, name: NameParts) -> dict[str, float]:
        """What each word of the name costs; the head its full weight."""
        return {
            word: self._weights[word] * (1.0 if word in name.heads else self._share(word, name))
            for word in name.words
        }

    def _share(self, word: str, name: NameParts) -> float:
        if word in name.again:
            return _SAID_AGAIN_COST
        if word in _USUAL:
            return _USUAL_COST
        if word in QUALITIES:
            return _QUALITY_COST
        if word in UNIT_SPELLINGS:
            return _CONTAINER_COST
        seen = self._seen[word]
        beside = max((self._with_head[head, word] for head in name.heads), default=0)
        tied = beside / max(seen, _SEEN_ENOUGH)
        cost = 1.0 - _TIED * tied + _THING_ITSELF * self._as_head[word] / seen
        return cost * _DESCRIBED if word in name.described else cost


def usual_shares(heads: Sequence[Collection[str]], categories: Sequence[str]) -> list[float]:
    """How usual each name's aisle is for what it is, 0 to 1; 1 where most such things are."""
    seen = Counter(
        (head, aisle) for each, aisle in zip(heads, categories, strict=True) for head in each
    )
    most: Counter[str] = Counter()
    for (head, _), count in seen.items():
        most[head] = max(most[head], count)
    return [
        max((seen[head, aisle] / most[head] for head in each), default=1.0)
        for each, aisle in zip(heads, categories, strict=True)
    ]
