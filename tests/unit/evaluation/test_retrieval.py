"""Questions to the matcher, and how its answers are counted."""

from __future__ import annotations

import pytest

from orderflow.matching.matcher import CatalogIndex
from scripts.evaluation.baselines import scorer_finders
from scripts.evaluation.queries import Query, Row, make_queries
from scripts.evaluation.retrieval import find_all, our_finder

ROWS = [
    Row(str(number), name, "", "")
    for number, name in enumerate(
        ("Coconut Milk", "Coconut Milk Soap", "Chocolate Biscuits", "Vegetable Oil", "Brown Bread")
    )
]


def test_every_slice_has_questions_that_its_product_answers() -> None:
    queries = make_queries(ROWS, each=3, seed=1)

    slices = {query.slice for query in queries}
    assert slices == {"typo", "singular or plural", "word order", "abbreviation", "two words"}
    assert all(query.answers <= {row.id for row in ROWS} for query in queries)
    assert [query.answers for query in queries if query.slice == "two words"] == [{"0"}]


def test_questions_are_the_same_for_the_same_seed() -> None:
    assert make_queries(ROWS, each=3, seed=1) == make_queries(ROWS, each=3, seed=1)


def test_right_answers_are_counted_by_slice() -> None:
    queries = [
        Query("a", "milk", frozenset({"0"})),
        Query("a", "oil", frozenset({"0"})),
        Query("b", "oil", frozenset({"3"})),
    ]

    found = find_all({"milk": "0", "oil": "3"}.get, queries)

    assert [(each.slice, each.queries, each.share) for each in found] == [
        ("a", 2, 0.5),
        ("b", 1, 1),
    ]


@pytest.mark.parametrize("name", ["ours", "ratio", "token_sort_ratio", "token_set_ratio", "WRatio"])
def test_each_matcher_finds_the_very_name(name: str) -> None:
    ours = our_finder(CatalogIndex(row.product() for row in ROWS))
    finders = {"ours": ours, **scorer_finders(ROWS)}

    assert finders[name]("vegetable oil") == "3"
