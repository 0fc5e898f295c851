"""Queries for the matcher, and the count of its correct answers."""

from __future__ import annotations

import random

import pytest

from orderflow.matching.matcher import CatalogIndex
from scripts.evaluation.baselines import baseline_retrievers
from scripts.evaluation.cases.hard_names import HARD_PERTURBATIONS
from scripts.evaluation.cases.labelled_queries import LabelledQuery, labelled_queries
from scripts.evaluation.cases.queries import Query, Row, make_queries
from scripts.evaluation.retrieval import score_candidates, score_queries

ROWS = [
    Row(str(number), name, "", "")
    for number, name in enumerate(
        ("Coconut Milk", "Coconut Milk Soap", "Chocolate Biscuits", "Vegetable Oil", "Brown Bread")
    )
]


def test_every_slice_has_queries_with_known_answers() -> None:
    queries = make_queries(ROWS, per_slice=3, seed=1)

    slices = {query.slice for query in queries}
    assert slices == {
        "typo",
        "singular or plural",
        "word order",
        "abbreviation",
        "two words",
        "typo, hard",
        "singular or plural, hard",
        "abbreviation, hard",
    }
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


@pytest.mark.parametrize("name", ["ratio", "token_sort_ratio", "token_set_ratio", "WRatio"])
def test_each_baseline_finds_an_exact_name(name: str) -> None:
    assert baseline_retrievers(ROWS)[name]("vegetable oil") == "3"


def test_the_matchers_candidates_are_counted_first_and_among_five() -> None:
    index = CatalogIndex(row.product() for row in ROWS)
    queries = [Query("a", "vegetable oil", frozenset({"3"})), Query("a", "coconut", frozenset("9"))]

    [score] = score_candidates(index, queries)

    assert (score.queries, score.correct, score.among_five) == (2, 1, 1)
    assert score.share_among_five == 0.5


def test_hard_perturbations_change_the_words_and_nothing_else() -> None:
    rng = random.Random(3)
    for perturb in HARD_PERTURBATIONS.values():
        perturbed = perturb(["whole", "wheat", "flour"], rng)
        assert perturbed is not None
        assert len(perturbed) == 3
        assert perturbed != ["whole", "wheat", "flour"]


def test_a_labelled_query_tells_its_products_by_name_and_aisle() -> None:
    query = LabelledQuery(slice="a", text="milk", name="milk", other="soap", aisle="dairy")
    milk = Row("1", "Toned Milk", "", "Food", "Food > Dairy")
    assert query.means(milk)
    assert not query.means(milk._replace(name="Milk Soap"))
    assert not query.means(milk._replace(aisle="Beauty"))
    assert not query.means(milk._replace(name="Buttermilk"))


def test_all_labelled_queries_are_read() -> None:
    [query] = labelled_queries([Row("1", "Zucchini - Green", "", "", "Vegetables")])[:1]
    assert query.answers == {"1"}
    assert "synonym" in query.slice
