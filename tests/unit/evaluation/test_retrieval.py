"""Queries for the matcher, and the count of its correct answers."""

from __future__ import annotations

import pytest

from orderflow.matching.matcher import CatalogIndex
from scripts.evaluation.baselines import baseline_retrievers
from scripts.evaluation.queries import Query, Row, make_queries
from scripts.evaluation.retrieval import our_retriever, score_queries

ROWS = [
    Row(str(number), name, "", "")
    for number, name in enumerate(
        ("Coconut Milk", "Coconut Milk Soap", "Chocolate Biscuits", "Vegetable Oil", "Brown Bread")
    )
]


def test_every_slice_has_queries_with_known_answers() -> None:
    queries = make_queries(ROWS, per_slice=3, seed=1)

    slices = {query.slice for query in queries}
    assert slices == {"typo", "singular or plural", "word order", "abbreviation", "two words"}
    assert all(query.answers <= {row.id for row in ROWS} for query in queries)
    assert [query.answers for query in queries if query.slice == "two words"] == [{"0"}]


def test_queries_are_reproducible() -> None:
    assert make_queries(ROWS, per_slice=3, seed=1) == make_queries(ROWS, per_slice=3, seed=1)


def test_correct_answers_are_counted_by_slice() -> None:
    queries = [
        Query("a", "milk", frozenset({"0"})),
        Query("a", "oil", frozenset({"0"})),
        Query("b", "oil", frozenset({"3"})),
    ]

    scores = score_queries({"milk": "0", "oil": "3"}.get, queries)

    assert [(each.slice, each.queries, each.share) for each in scores] == [
        ("a", 2, 0.5),
        ("b", 1, 1),
    ]


@pytest.mark.parametrize("name", ["ours", "ratio", "token_sort_ratio", "token_set_ratio", "WRatio"])
def test_each_matcher_finds_an_exact_name(name: str) -> None:
    ours = our_retriever(CatalogIndex(row.product() for row in ROWS))
    retrievers = {"ours": ours, **baseline_retrievers(ROWS)}

    assert retrievers[name]("vegetable oil") == "3"
