"""How often the matcher's first product is a relevant one."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orderflow.catalog.product import Product
from orderflow.matching.matcher import CatalogIndex, match_lines, sizes_apart
from orderflow.matching.rules import Rules
from orderflow.orders.lines import RequestedLine
from scripts.evaluation.baselines import Retriever
from scripts.evaluation.cases.labelled import LabelledLine, LabelledList
from scripts.evaluation.cases.queries import Query, Row


@dataclass(frozen=True, slots=True)
class RetrievalScore:
    """How many of a slice's ``queries`` have a ``correct`` first answer, or one among five.

    ``among_five`` is None where only the first answer was asked for.
    """

    slice: str
    queries: int
    correct: int
    among_five: int | None = None

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.correct / self.queries if self.queries else 0.0

    @property
    def share_among_five(self) -> float | None:
        """0 to 1; None where only the first answer was asked for."""
        return None if self.among_five is None else self.among_five / self.queries


def load_rows(path: Path) -> list[Row]:
    """The shared catalog; empty if the file is missing."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Row(row["id"], row["name"], row["brand"], row["category"], _aisle(row))
            for row in csv.DictReader(file)
        ]


def _aisle(row: Mapping[str, str]) -> str:
    return " > ".join((row["category"], row["sub_category"], row["type"]))


def rows_of(products: Iterable[Product]) -> list[Row]:
    """The shipped catalog as rows without a category."""
    return [Row(product.id, product.name, product.brand, "") for product in products]


def score_queries(find: Retriever, queries: Sequence[Query]) -> list[RetrievalScore]:
    """Count the correct answers in each slice."""
    total, correct = Counter[str](), Counter[str]()
    for query in queries:
        total[query.slice] += 1
        correct[query.slice] += find(query.text) in query.answers
    return [RetrievalScore(slice_, count, correct[slice_]) for slice_, count in total.items()]


def score_candidates(index: CatalogIndex, queries: Sequence[Query]) -> list[RetrievalScore]:
    """Count the correct answers of the matcher in each slice, the first and among five."""
    total, first, five = Counter[str](), Counter[str](), Counter[str]()
    for query in queries:
        found = [candidate.product_id for candidate in index.search(query.text, limit=5)]
        total[query.slice] += 1
        first[query.slice] += found[:1] != [] and found[0] in query.answers
        five[query.slice] += not query.answers.isdisjoint(found)
    return [RetrievalScore(each, count, first[each], five[each]) for each, count in total.items()]


def score_own_lists(
    lists: Iterable[LabelledList],
    products: Sequence[Product],
    relevant: Mapping[str, frozenset[str]],
) -> list[RetrievalScore]:
    """Match lines of our lists in the shipped catalog without the model; one score per method.

    ``unmatched`` is correct for a line whose products are not sold or not available.
    """
    index, by_id = CatalogIndex(products), {product.id: product for product in products}
    total, correct = Counter[str](), Counter[str]()
    for line in (line for each in lists for line in each.lines):
        lines = sizes_apart([_requested(line)], index)
        result = match_lines(lines, index, by_id, {}, None, Rules())
        product_id = result.lines[0].product_id if result.lines else None
        method = str(result.lines[0].matched_by) if result.lines else "unmatched"
        available = {
            id_ for id_ in relevant.get(line.meant or "", frozenset()) if by_id[id_].available
        }
        total[method] += 1
        correct[method] += product_id in available if available else product_id is None
    return [
        RetrievalScore(method, count, correct[method]) for method, count in sorted(total.items())
    ]


def _requested(line: LabelledLine) -> RequestedLine:
    return RequestedLine(
        text=line.name,
        name=line.name,
        quantity=line.quantity,
        unit=line.unit,
        notes=list(line.notes),
    )
