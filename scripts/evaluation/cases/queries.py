"""Queries for the matcher, made from the names of a catalog: misspelt, reordered, abbreviated.

Every product with the name that a query was made from is a correct answer.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from orderflow.catalog.names import normalise, words
from orderflow.catalog.singular import singular
from scripts.evaluation.cases.hard_names import HARD_PERTURBATIONS

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
_PREFIX_LENGTHS: Final = (3, 4, 5)
_COMMON_ABBREVIATIONS: Final[Mapping[str, str]] = {
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
    """The fields of a product that the matcher uses, and its category."""

    id: str
    name: str
    brand: str
    category: str
    aisle: str = ""

    def product(self) -> dict[str, str]:
        """The product as a mapping for the index."""
        return self._asdict()


class Query(NamedTuple):
    """A query, its slice, and the ids of its correct answers."""

    slice: str
    text: str
    answers: frozenset[str]


def make_queries(rows: Sequence[Row], per_slice: int, seed: int) -> list[Query]:
    """Up to ``per_slice`` queries of every slice, as many as the catalog has names for."""
    rng = random.Random(seed)  # noqa: S311  # nosec B311 # no secret
    ids_by_name = _by_name(rows)
    candidates = [row for row in rows if row.category in FOOD or not row.category]
    queries: list[Query] = []
    for name, perturb in (_PERTURBATIONS | HARD_PERTURBATIONS).items():
        rng.shuffle(candidates)
        queries += _first(per_slice, _perturbed_names(name, perturb, candidates, ids_by_name, rng))
    rng.shuffle(candidates)
    return queries + _first(per_slice, _plain_names(candidates, rows, ids_by_name))


def _first(count: int, queries: Iterable[Query]) -> list[Query]:
    return [query for query, _ in zip(queries, range(count), strict=False)]


def _by_name(rows: Iterable[Row]) -> dict[tuple[str, ...], frozenset[str]]:
    """The product ids by the sorted words of their name."""
    ids: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        ids.setdefault(tuple(sorted(words(row.name))), set()).add(row.id)
    return {name: frozenset(same_name) for name, same_name in ids.items()}


_Perturbation = Callable[[list[str], random.Random], list[str] | None]


def _perturbed_names(
    name: str,
    perturb: _Perturbation,
    rows: Iterable[Row],
    ids_by_name: Mapping[tuple[str, ...], frozenset[str]],
    rng: random.Random,
) -> Iterable[Query]:
    for row in rows:
        name_words = normalise(row.name).split()
        if not 1 <= len(name_words) <= _LONGEST_NAME:
            continue
        perturbed = perturb(list(name_words), rng)
        if perturbed and perturbed != name_words:
            yield Query(name, " ".join(perturbed), ids_by_name[tuple(sorted(name_words))])


def misspelt(name_words: list[str], rng: random.Random) -> list[str] | None:
    """One letter inserted, deleted or replaced, or two letters swapped."""
    position = _random_position(name_words, rng, _SHORTEST_MISSPELT)
    if position is None:
        return None
    word = name_words[position]
    at = rng.randrange(1, len(word) - 1)
    name_words[position] = rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + rng.choice(string.ascii_lowercase) + word[at:],
            word[:at] + rng.choice(string.ascii_lowercase) + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    return name_words


def _pluralized(name_words: list[str], rng: random.Random) -> list[str] | None:
    position = _random_position(name_words, rng, _SHORTEST_MISSPELT)
    if position is None or not name_words[position].isalpha():
        return None
    word = name_words[position]
    if word.endswith(("s", "x", "ch", "sh")):
        plural = word + "es"
    elif word.endswith("y") and word[-2] not in "aeiou":
        plural = word[:-1] + "ies"
    else:
        plural = word + "s"
    # Irregular plurals are skipped: the rules above would make a form that is not in use.
    name_words[position] = plural
    return name_words if singular(plural) == word else None


def _reordered(name_words: list[str], rng: random.Random) -> list[str] | None:
    before = list(name_words)
    rng.shuffle(name_words)
    return name_words if name_words != before else None


def _abbreviated(name_words: list[str], rng: random.Random) -> list[str] | None:
    """One word replaced by its usual abbreviation or by its first letters."""
    abbreviable = [
        position for position, word in enumerate(name_words) if word in _COMMON_ABBREVIATIONS
    ]
    if abbreviable and len(name_words) > 1:
        position = rng.choice(abbreviable)
        name_words[position] = _COMMON_ABBREVIATIONS[name_words[position]]
        return name_words
    chosen = _random_position(name_words, rng, _SHORTEST_ABBREVIATED)
    if chosen is None or len(name_words) == 1:
        return None
    name_words[chosen] = name_words[chosen][: rng.choice(_PREFIX_LENGTHS)]
    return name_words


def _random_position(name_words: Sequence[str], rng: random.Random, shortest: int) -> int | None:
    positions = [position for position, word in enumerate(name_words) if len(word) >= shortest]
    return rng.choice(positions) if positions else None


_PERTURBATIONS: Final[dict[str, _Perturbation]] = {
    "typo": misspelt,
    "singular or plural": _pluralized,
    "word order": _reordered,
    "abbreviation": _abbreviated,
}


def _plain_names(
    candidates: Iterable[Row],
    rows: Iterable[Row],
    ids_by_name: Mapping[tuple[str, ...], frozenset[str]],
) -> Iterable[Query]:
    """Names of two words that longer names contain: "coconut milk", not "coconut milk soap"."""
    all_words = {row.id: frozenset(words(row.name)) for row in rows}
    for row in candidates:
        name_words = words(row.name)
        distinct = frozenset(name_words)
        if len(distinct) == len(name_words) == 2 and any(  # noqa: PLR2004
            distinct < other for other in all_words.values()
        ):
            yield Query("two words", normalise(row.name), ids_by_name[tuple(sorted(name_words))])
