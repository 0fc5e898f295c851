"""The names of a catalog's products in words, as the index keeps them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from orderflow.catalog.names import NameParts, name_parts, words

_K = TypeVar("_K", bound=Hashable)


class Named(Protocol):
    """What the index looks at of a :class:`orderflow.catalog.product.Product`."""

    @property
    def id(self) -> str: ...  # noqa: D102 - as in Product
    @property
    def name(self) -> str: ...  # noqa: D102 - as in Product
    @property
    def brand(self) -> str: ...  # noqa: D102 - as in Product
    @property
    def category(self) -> str: ...  # noqa: D102 - as in Product
    @property
    def synonyms(self) -> Sequence[str]: ...  # noqa: D102 - as in Product


class Entry(NamedTuple):
    """One name of a product: its own or a synonym. Its maker may be asked for but need not be.

    ``known_words`` are the name's words, and those of the maker that are not in the name already.
    ``spoken`` says each thing once, in the order of the name; ``spoken_sorted`` by the alphabet.
    """

    product_id: str
    written: str
    name: NameParts
    known_words: tuple[str, ...]
    maker: frozenset[str]
    category: str
    spoken: str
    spoken_sorted: str


def entries_of(product: Named | Mapping[str, Any]) -> Iterator[Entry]:
    """The names of a product, its own first; none for a name without words."""
    if isinstance(product, Mapping):
        brand, category = product.get("brand") or "", product.get("category") or ""
        names = [str(product["name"]), *(product.get("synonyms") or ())]
        yield from _entries(str(product["id"]), names, str(brand), str(category))
    else:
        names = [product.name, *product.synonyms]
        yield from _entries(product.id, names, product.brand, product.category)


def _entries(product_id: str, names: Iterable[str], brand: str, category: str) -> Iterator[Entry]:
    made_by = words(brand)
    maker = frozenset(made_by)
    for each in dict.fromkeys(names):
        name = name_parts(each)
        if name.words:
            known = (*name.words, *(word for word in made_by if word not in name.words))
            once = [word for word in name.words if word not in name.again]
            spoken, spoken_sorted = " ".join(once), " ".join(sorted(once))
            yield Entry(product_id, each, name, known, maker, category, spoken, spoken_sorted)


def families(entries: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    """For each product the ids of those that differ from it only by their pack, itself included."""
    own = {entry.product_id: entry for entry in reversed(entries)}  # its name is the first
    grouped = ids_by(((entry.maker, entry.name.words), id_) for id_, entry in reversed(own.items()))
    return {product_id: family for family in grouped.values() for product_id in family}


def ids_by(pairs: Iterable[tuple[_K, str]]) -> dict[_K, tuple[str, ...]]:
    """The distinct ids of each key, in order."""
    groups: defaultdict[_K, dict[str, None]] = defaultdict(dict)
    for key, product_id in pairs:
        groups[key][product_id] = None
    return {key: tuple(ids) for key, ids in groups.items()}


def postings(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """For each word the places of the entries that hold it, in order."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        for word in set(entry.known_words):
            places[word].append(place)
    return dict(places)


def rarities(places: Mapping[str, Sequence[int]], entries: int) -> dict[str, float]:
    """1 for a word in every name up to 2 for a word in a single one: rarity matters, mildly."""
    scale = math.log(1 + entries)
    return {word: 2 - math.log(len(held)) / scale for word, held in places.items()}
