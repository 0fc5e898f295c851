"""Names in one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.catalog.names import head, normalise, singular


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("TOMATOES", "tomato"),
        ("  Crème   fraîche ", "creme fraiche"),
        ("Kellogg's Corn Flakes", "kellogg corn flake"),
        ("a loaf of the Bread", "loaf bread"),
        ("Milk 1 litre", "milk"),
        ("Indomie Noodles Carton (40 x 70 g)", "indomie noodle"),
        ("Eggs, crate of 30", "egg"),
        ("7UP", "7up"),
        ("Nescafe 3 in 1", "nescafe 3 1"),
        ("½ milk", "1 2 milk"),
    ],
)
def test_names_are_normalised(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize("name", ["The", "500 g", "dozen", "from"])
def test_a_name_of_nothing_but_dropped_words_keeps_them(name: str) -> None:
    assert normalise(name) != ""


@pytest.mark.parametrize("name", ["", "  ", "?!", "🍅"])
def test_a_name_without_letters_or_digits_is_empty(name: str) -> None:
    assert normalise(name) == ""
    assert head(name) == ""


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("loaves", "loaf"),
        ("berries", "berry"),
        ("cookies", "cookie"),
        ("pies", "pie"),
        ("potatoes", "potato"),
        ("boxes", "box"),
        ("radishes", "radish"),
        ("cheeses", "cheese"),
        ("eggs", "egg"),
        ("asparagus", "asparagus"),
        ("swiss", "swiss"),
        ("gas", "gas"),
        ("titus", "titus"),
    ],
)
def test_plurals_become_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Milk Chocolate", "chocolate"),
        ("Olive Oil - Extra Virgin", "oil"),
        ("Sardines in Vegetable Oil", "sardine"),
        ("Eggs (crate of 30)", "egg"),
        ("Tomatoes, fresh", "tomato"),
        ("- Rice", "rice"),
    ],
)
def test_the_head_says_what_the_product_is(name: str, word: str) -> None:
    assert head(name) == word


@given(st.text(st.characters(max_codepoint=0x24F), max_size=60))
def test_case_never_matters(latin: str) -> None:
    assert normalise(latin.casefold()) == normalise(latin)
