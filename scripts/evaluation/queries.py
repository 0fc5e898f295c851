"""Questions to the matcher, made from a catalog's own names: misspelt, reordered, abbreviated.

A question is answered by any product that bears the very name that it was made from.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from orderflow.catalog.names import normalise, singular, words

FOOD: Final = frozenset(
    {
        "Bakery, Cakes & Dairy",
        "Beverages",
        "Eggs, Meat & Fish",
        "Foodgrains, Oil & Masala",
        "Fruits & Vegetables",
        "Gourmet & World Food",
        "Snacks & Branded Foods",
    }
)
_LONGEST_NAME: Final = 5
_SHORTEST_MISSPELT: Final = 4
_SHORTEST_ABBREVIATED: Final = 6
_KEPT: Final = (3, 4, 5)
_USUAL: Final[Mapping[str, str]] = {
    "vegetable": "veg",
    "chocolate": "choc",
    "organic": "org",
    "chicken": "chkn",
    "powder": "pwdr",
    "butter": "bttr",
    "biscuit": "bisc",
    "strawberry": "strwbry",
    "natural": "nat",
    "original": "orig",
    "masala": "msla",
    "coffee": "cofe",
    "sauce": "sce",
    "cream": "crm",
    "green": "grn",
    "mixed": "mxd",
    "bread": "brd",
}


class Row(NamedTuple):
    """What the matcher is given of a product, with its aisle."""

    id: str
    name: str
    brand: str
    category: str

    def product(self) -> dict[str, str]:
        """The product as a mapping for the index."""
        return {"id": self.id, "name": self.name, "brand": self.brand}


class Query(NamedTuple):
    """A question, the slice that it belongs to, and the ids that answer it."""

    slice: str
    text: str
    answers: frozenset[str]


def make_queries(rows: Sequence[Row], each: int, seed: int) -> list[Query]:
    """``each`` questions of every slice, as far as the catalog has names for them."""
    rng = random.Random(seed)  # noqa: S311  # nosec B311 # no secret
    named = _by_name(rows)
    candidates = [row for row in rows if row.category in FOOD or not row.category]
    queries: list[Query] = []
    for name, change in _CHANGES.items():
        rng.shuffle(candidates)
        queries += _first(each, _changed(name, change, candidates, named, rng))
    rng.shuffle(candidates)
    return queries + _first(each, _plain_names(candidates, rows, named))


def _first(count: int, queries: Iterable[Query]) -> list[Query]:
    return [query for query, _ in zip(queries, range(count), strict=False)]


def _by_name(rows: Iterable[Row]) -> dict[tuple[str, ...], frozenset[str]]:
    """The ids by the words of the name, whatever their order."""
    ids: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        ids.setdefault(tuple(sorted(words(row.name))), set()).add(row.id)
    return {name: frozenset(found) for name, found in ids.items()}


_Change = Callable[[list[str], random.Random], list[str] | None]


def _changed(
    name: str,
    change: _Change,
    rows: Iterable[Row],
    named: Mapping[tuple[str, ...], frozenset[str]],
    rng: random.Random,
) -> Iterable[Query]:
    for row in rows:
        spoken = normalise(row.name).split()
        if not 1 <= len(spoken) <= _LONGEST_NAME:
            continue
        asked = change(list(spoken), rng)
        if asked and asked != spoken:
            yield Query(name, " ".join(asked), named[tuple(sorted(spoken))])


def misspelt(spoken: list[str], rng: random.Random) -> list[str] | None:
    """One letter too many, too few, another one, or two the wrong way round."""
    place = _place(spoken, rng, _SHORTEST_MISSPELT)
    if place is None:
        return None
    word = spoken[place]
    at = rng.randrange(1, len(word) - 1)
    spoken[place] = rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + rng.choice(string.ascii_lowercase) + word[at:],
            word[:at] + rng.choice(string.ascii_lowercase) + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    return spoken


def _in_plural(spoken: list[str], rng: random.Random) -> list[str] | None:
    place = _place(spoken, rng, _SHORTEST_MISSPELT)
    if place is None or not spoken[place].isalpha():
        return None
    word = spoken[place]
    if word.endswith(("s", "x", "ch", "sh")):
        plural = word + "es"
    elif word.endswith("y") and word[-2] not in "aeiou":
        plural = word[:-1] + "ies"
    else:
        plural = word + "s"
    # Where English is irregular, the rules above make no plural that anybody would write.
    spoken[place] = plural
    return spoken if singular(plural) == word else None


def _reordered(spoken: list[str], rng: random.Random) -> list[str] | None:
    before = list(spoken)
    rng.shuffle(spoken)
    return spoken if spoken != before else None


def _abbreviated(spoken: list[str], rng: random.Random) -> list[str] | None:
    """One word by its usual abbreviation, or by its first letters."""
    usual = [place for place, word in enumerate(spoken) if word in _USUAL]
    if usual and len(spoken) > 1:
        place = rng.choice(usual)
        spoken[place] = _USUAL[spoken[place]]
        return spoken
    found = _place(spoken, rng, _SHORTEST_ABBREVIATED)
    if found is None or len(spoken) == 1:
        return None
    spoken[found] = spoken[found][: rng.choice(_KEPT)]
    return spoken


def _place(spoken: Sequence[str], rng: random.Random, shortest: int) -> int | None:
    places = [place for place, word in enumerate(spoken) if len(word) >= shortest]
    return rng.choice(places) if places else None


_CHANGES: Final[Mapping[str, _Change]] = {
    "typo": misspelt,
    "singular or plural": _in_plural,
    "word order": _reordered,
    "abbreviation": _abbreviated,
}


def _plain_names(
    candidates: Iterable[Row], rows: Iterable[Row], named: Mapping[tuple[str, ...], frozenset[str]]
) -> Iterable[Query]:
    """Names of two words that other, longer names hold: "coconut milk", not "coconut milk soap"."""
    longer = {row.id: frozenset(words(row.name)) for row in rows}
    for row in candidates:
        spoken = words(row.name)
        asked = frozenset(spoken)
        if len(asked) == len(spoken) == 2 and any(asked < other for other in longer.values()):  # noqa: PLR2004
            yield Query("two words", normalise(row.name), named[tuple(sorted(spoken))])
