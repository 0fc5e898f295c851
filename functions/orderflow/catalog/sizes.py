"""Words of size for packs: "a small bag", "the big one", "family size".

They are words of things, too ("large eggs", "Big Bull"): where the catalog has a name with the
word, the word belongs to the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, NamedTuple, TypeVar

from orderflow.catalog.index.search import CatalogIndex
from orderflow.catalog.names import words
from orderflow.catalog.product import Product
from orderflow.units import UNIT_SPELLINGS

_T = TypeVar("_T")


class Size(Enum):
    """Which of the sizes that a product is sold in is asked for; the value is its name in words."""

    SMALLEST = "smallest"
    MIDDLE = "middle one"
    LARGEST = "largest"

    def among(self, smallest_first: Sequence[_T]) -> _T:
        """The one of this size; of an even number of sizes the smaller of the middle ones."""
        middle = (len(smallest_first) - 1) // 2
        places = {Size.SMALLEST: 0, Size.MIDDLE: middle, Size.LARGEST: -1}
        return smallest_first[places[self]]

    def is_told_apart(self, sizes: int) -> bool:
        """Whether so many sizes have one that is this, and others."""
        return sizes > (2 if self is Size.MIDDLE else 1)

    def explained(self, sizes: int, pack_size: str) -> str:
        """For the customer: the size that comes, of so many."""
        if sizes == 1:
            return f"Sold in one size: {pack_size}."
        return f"Sold in {sizes} sizes: you get the {self.value}, {pack_size}."


_SIZES: Final = {
    **dict.fromkeys(("small", "smaller", "smallest", "mini", "tiny", "sm"), Size.SMALLEST),
    **dict.fromkeys(("medium", "md", "med"), Size.MIDDLE),
    **dict.fromkeys(("big", "bigger", "biggest", "large", "larger", "largest"), Size.LARGEST),
    **dict.fromkeys(("jumbo", "huge", "giant", "family", "lg"), Size.LARGEST),
}
# Words of things ("king prawns", "economy") but for "king size".
_WITH_SIZE: Final = {"king": Size.LARGEST, "economy": Size.LARGEST}
_SIZE: Final = frozenset({"size", "sized", "sizes"})
_FILLERS: Final = _SIZE | {"a", "extra", "of", "one", "ones", "the", "very"}
_NAMES_LIKE: Final = 5
_WORD: Final = re.compile(r"[^\W\d_]+")


class SizedName(NamedTuple):
    """A name without its words of size; ``unit`` is the container among these, or ""."""

    name: str
    note: str
    unit: str


def size_in(notes: Iterable[str]) -> Size | None:
    """The size that the first remark of nothing but size asks for: "big", "the small bag"."""
    return next(filter(None, map(_size_of, notes)), None)


def size_apart(name: str, index: CatalogIndex) -> SizedName | None:
    """The name and the words of size before it: "omo" and "family size".

    Returns:
        The parts, or None where the words belong to the name, or the rest names no product.
    """
    spoken = name.split()
    end = next((place for place, word in enumerate(spoken) if not _is_about_size(word)), 0)
    note, rest = " ".join(spoken[:end]), " ".join(spoken[end:])
    if _size_of(note) is None or index.named(name):
        return None
    if not index.named(rest) or _is_a_thing(name, {*words(note)}, {*words(rest)}, index):
        return None
    units = [
        UNIT_SPELLINGS[word.lower()] for word in spoken[:end] if word.lower() in UNIT_SPELLINGS
    ]
    return SizedName(rest, note, units[-1] if units else "")


def units_named(product: Product) -> set[str]:
    """The units that the product is called by: a "bag" where "bag of rice" is one of its names."""
    spoken = {word for name in (product.name, *product.synonyms) for word in words(name)}
    return {UNIT_SPELLINGS[word] for word in spoken if word in UNIT_SPELLINGS}


def _is_a_thing(name: str, size: set[str], thing: set[str], index: CatalogIndex) -> bool:
    """Whether a name of the catalog like this one has a word of the size beside those of the thing.

    A "family bread" need not be a large one.
    """
    like = ({*words(each.name)} for each in index.explain(name, _NAMES_LIKE))
    return any(size & called and thing <= called for called in like)


def _size_of(note: str) -> Size | None:
    said = [word.lower() for word in _WORD.findall(note)]
    known = _SIZES if _SIZE.isdisjoint(said) else {**_SIZES, **_WITH_SIZE}
    sizes = {known[word] for word in said if word in known}
    rest = (word for word in said if word not in known)
    is_size = all(word in _FILLERS or word in UNIT_SPELLINGS for word in rest)
    return sizes.pop() if is_size and len(sizes) == 1 else None


def _is_about_size(word: str) -> bool:
    word = word.lower().removesuffix("-sized").removesuffix("-size")
    return any(word in each for each in (_SIZES, _WITH_SIZE, _FILLERS, UNIT_SPELLINGS))
