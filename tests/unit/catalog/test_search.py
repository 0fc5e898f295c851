"""The index of product names."""

from __future__ import annotations

from functools import partial
from itertools import product as combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.catalog.index.search import CatalogIndex
from orderflow.catalog.product import Product
from tests.support.calls import calls_of


def _index(*names: str) -> CatalogIndex:
    return CatalogIndex({"id": name, "name": name} for name in names)


def _first(index: CatalogIndex, asked: str) -> str:
    return index.search(asked)[0].product_id


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("milk", "Full Cream Milk"),
        ("chocolate", "Milk Chocolate"),
        ("MILK", "Full Cream Milk"),
        ("chocolates", "Milk Chocolate"),
        ("choclate", "Milk Chocolate"),
        ("choc", "Milk Chocolate"),
        ("noodles chicken", "Chicken Noodles"),
        ("corn flakes", "Cornflakes"),
        ("ground nuts", "Groundnuts"),
        ("semo vita", "Semovita"),
        ("oliveoil", "Olive Oil - Extra Virgin"),
    ],
)
def test_the_likeliest_name_comes_first(asked: str, found: str) -> None:
    index = _index(
        "Full Cream Milk",
        "Milk Chocolate",
        "Chicken Noodles",
        "Cornflakes",
        "Groundnuts",
        "Semovita",
        "Olive Oil - Extra Virgin",
        "Olive Oil Soap",
    )
    assert _first(index, asked) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("thai pre jasmine rice", "Thai Premium Jasmine Rice"),
        ("coconut milk pwdr", "Coconut Milk Powder"),
        ("milk shake choc", "Milk Shake - Chocolate"),
        ("baby conr", "Baby Corn"),
        ("tea leaf", "Leaf Tea"),
        ("choco pie", "Choco Pie"),
        ("chocopie", "Chocopie"),
    ],
)
def test_the_other_words_of_a_name_tell_what_an_odd_one_means(asked: str, found: str) -> None:
    index = _index(
        "Thai Premium Jasmine Rice",
        "Jasmine Rice",
        "Pre Workout Drink",
        "Coconut Milk",
        "Coconut Milk Powder",
        "Deggi Mirch Pwdr",
        "Double Choc Milkshake",
        "Milk Shake - Chocolate",
        "Baby Corn",
        "Baby Cream",
        "Incense Cone",
        "Leaf Tea",
        "Leaf Tea with Tulsi Leaf",
        "Choco Pie",
        "Chocopie",
    )
    assert _first(index, asked) == found


@pytest.mark.parametrize(
    "asked", ["ripe bananas", "big fresh bananas", "organic bananas", "80 bananas"]
)
def test_how_a_thing_should_be_does_not_hide_the_thing(asked: str) -> None:
    found = _index("Bananas", "Yam", "Beans").search(asked)[0]
    assert found.product_id == "Bananas"
    assert found.score > 0.6


def test_a_maker_that_is_named_makes_up_for_a_head_that_is_not() -> None:
    name = "Knorr Chicken Seasoning Powder"
    index = CatalogIndex(
        [{"id": "knorr", "name": name, "brand": "Knorr"}, {"id": "chicken", "name": "Chicken"}]
    )
    [knorr, *_] = index.search("knorr chicken")
    assert knorr.product_id == "knorr"
    assert knorr.score >= 0.72
    assert index.search("chicken")[0].product_id == "chicken"


def test_the_very_name_scores_one_and_a_longer_name_less() -> None:
    scores = {found.product_id: found.score for found in _index("Milk", "Goat Milk").search("milk")}
    assert scores["Milk"] == pytest.approx(1.0)
    assert 0.72 <= scores["Goat Milk"] < 1.0


@pytest.mark.parametrize("compound", ["Milk Chocolate", "Milk Powder Tin", "Milk Biscuit"])
def test_another_thing_that_only_mentions_the_word_stays_below_the_usual_minimum(
    compound: str,
) -> None:
    assert _index(compound, "Rice", "Beans").search("milk")[0].score < 0.72


def test_synonyms_and_brands_are_found() -> None:
    index = CatalogIndex(
        [
            {"id": "okra", "name": "Okra", "synonyms": ["okro", "ladies fingers"]},
            {"id": "peak", "name": "Evaporated Milk", "brand": "Peak"},
            {"id": "luna", "name": "Evaporated Milk", "brand": "Luna"},
        ]
    )
    assert _first(index, "okro") == "okra"
    assert _first(index, "luna evaporated milk") == "luna"


def test_results_are_limited_and_best_first() -> None:
    index = _index(*(f"Milk {number}" for number in range(20)))
    scores = [found.score for found in index.search("milk 7", limit=3)]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("asked", ["", "?!", "🍅"])
def test_a_name_without_words_finds_nothing(asked: str) -> None:
    assert _index("Milk").search(asked) == []


@pytest.mark.parametrize("asked", ["b", "x y", "hello", "script", "qwerty"])
def test_nonsense_finds_nothing(asked: str) -> None:
    index = _index(
        "Petroleum Jelly", "Potato Crisps", "Oral-B Toothbrush", "Sweet Corn", "Vitamin B"
    )
    assert index.search(asked) == []


def test_a_single_letter_that_is_a_name_is_found() -> None:
    assert _index("B", "Vitamin B").search("b")[0].product_id == "B"


def test_an_empty_catalog_finds_nothing() -> None:
    assert CatalogIndex([]).search("milk") == []


def test_products_without_a_usable_name_are_left_out() -> None:
    index = _index("!!!", "Milk")
    assert [found.product_id for found in index.search("milk")] == ["Milk"]


def test_exact_names_are_looked_up_in_any_form() -> None:
    index = CatalogIndex(
        [{"id": 1, "name": "Tomatoes", "synonyms": ["tomati"]}, {"id": 2, "name": "Tomato Paste"}]
    )
    assert index.named("TOMATO") == ("1",)
    assert index.named("tomati") == ("1",)
    assert index.named("paste") == ()


def test_products_that_differ_by_their_pack_alone_are_one_family() -> None:
    index = CatalogIndex(
        [
            Product(id="a-5", name="Rice 5 kg", brand="A", price_kobo=1),
            Product(id="a-50", name="Rice 50 kg", brand="A", price_kobo=1),
            Product(id="b-5", name="Rice 5 kg", brand="B", price_kobo=1),
        ]
    )
    assert index.family("a-50") == ("a-5", "a-50")
    assert index.family("b-5") == ("b-5",)
    assert index.family("unknown") == ()


_ANY = _index("Milk", "Corn Flakes", "Rice 5 kg", "Peak Milk", "Crème Brûlée", "7UP")


@given(st.text(max_size=40))
def test_any_text_is_answered_with_scores_from_0_to_1(asked: str) -> None:
    assert all(0 <= found.score <= 1 for found in _ANY.search(asked))


def test_hostile_names_take_no_longer_than_long_ones() -> None:
    index = _index("Corn Flakes", "Cornflakes", "Ground Nut", "Groundnut", "a b c d e f")
    for hostile in ("corn flakes " * 400, "cornflakesgroundnut" * 260, "1" * 5000, "1 " * 2500):
        assert calls_of(partial(index.search, hostile)) < 4 * len(hostile)


def test_a_search_looks_at_few_of_thousands_of_products() -> None:
    words = ["fresh", "brown", "white", "sweet", "dried", "green", "salted", "roasted", "whole"]
    goods = [f"good{number}" for number in range(330)]
    names = [" ".join(name) for name in combinations(words, goods)]
    index = _index(*names)
    assert calls_of(lambda: index.search("roastd good77")) < len(names)


@pytest.mark.parametrize("asked", ["milk", "choc", "corn flakes", "semo vita", "noodles", "m"])
def test_an_explanation_is_of_what_a_search_finds(asked: str) -> None:
    index = _index("Full Cream Milk", "Milk Chocolate", "Cornflakes", "Semovita", "Spaghetti")

    explained = index.explain(asked)

    assert [(each.product_id, each.score) for each in explained] == [
        (each.product_id, each.score) for each in index.search(asked)
    ]
    for each in explained:
        held, brevity, head, aisle, spelling = each.parts
        score = each.worth * (0.9 * held * brevity * head * aisle + 0.1 * spelling)
        assert score == pytest.approx(each.score)
        assert all(0 <= part <= 1 for part in each.parts)
