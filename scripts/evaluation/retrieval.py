"""How often the matcher's first product is the one that was meant."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orderflow.catalog.product import Product
from orderflow.matching.matcher import CatalogIndex, match_lines
from orderflow.matching.rules import Rules
from orderflow.orders.lines import RequestedLine
from scripts.evaluation.baselines import Finder
from scripts.evaluation.labelled import LabelledLine, LabelledList
from scripts.evaluation.queries import Query, Row


@dataclass(frozen=True, slots=True)
class Found:
    """How many of a slice's ``queries`` were answered ``rightly``."""

    slice: str
    queries: int
    rightly: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.rightly / self.queries if self.queries else 0.0


def load_rows(path: Path) -> list[Row]:
    """The shared catalog; empty where the file is missing."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Row(row["id"], row["name"], row["brand"], row["category"])
            for row in csv.DictReader(file)
        ]


def rows_of(products: Iterable[Product]) -> list[Row]:
    """The shipped catalog, as if it were a shared one without aisles."""
    return [Row(product.id, product.name, product.brand, "") for product in products]


def our_finder(index: CatalogIndex) -> Finder:
    """The matcher's first candidate."""

    def find(text: str) -> str | None:
        found = index.search(text, limit=1)
        return found[0].product_id if found else None

    return find


def find_all(find: Finder, queries: Sequence[Query]) -> list[Found]:
    """The share of right answers in each slice."""
    asked, right = Counter[str](), Counter[str]()
    for query in queries:
        asked[query.slice] += 1
        right[query.slice] += find(query.text) in query.answers
    return [Found(slice_, count, right[slice_]) for slice_, count in asked.items()]


def match_lists(
    lists: Iterable[LabelledList],
    products: Sequence[Product],
    meant: Mapping[str, frozenset[str]],
) -> list[Found]:
    """Lines of our lists, matched in the shipped catalog without the model, by how it was done.

    ``unmatched`` is right for what is not sold, or not to be had.
    """
    index, by_id = CatalogIndex(products), {product.id: product for product in products}
    asked, right = Counter[str](), Counter[str]()
    for line in (line for each in lists for line in each.lines):
        result = match_lines([_requested(line)], index, by_id, {}, None, Rules())
        got = result.lines[0].product_id if result.lines else None
        how = str(result.lines[0].matched_by) if result.lines else "unmatched"
        wanted = {id_ for id_ in meant.get(line.meant or "", frozenset()) if by_id[id_].available}
        asked[how] += 1
        right[how] += got in wanted if wanted else got is None
    return [Found(how, count, right[how]) for how, count in sorted(asked.items())]


def _requested(line: LabelledLine) -> RequestedLine:
    return RequestedLine(
        text=line.name,
        name=line.name,
        quantity=line.quantity,
        unit=line.unit,
        notes=list(line.notes),
    )
