"""Names in one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.catalog.names import name_parts, normalise
from orderflow.catalog.singular import singular


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
    assert name_parts(name).words == ()
    assert name_parts(name).heads == frozenset()


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
        ("fries", "fry"),
        ("shoes", "shoe"),
        ("brioches", "brioche"),
        ("quiches", "quiche"),
        ("olives", "olive"),
        ("kiwis", "kiwi"),
        ("idlis", "idli"),
        ("citruses", "citrus"),
        ("houses", "house"),
        ("tennis", "tennis"),
    ],
)
def test_plurals_become_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


@pytest.mark.parametrize(
    "written", ["chilli", "chillies", "chilies", "chilis", "chillis", "chilly"]
)
def test_one_word_in_several_spellings_is_kept_in_one(written: str) -> None:
    assert singular(written) == "chilli"


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
    assert name_parts(name).heads == {word}


def test_a_name_in_two_languages_has_a_head_in_each_and_says_nothing_more() -> None:
    parts = name_parts("Rock Salt/Uppu - Crystal")
    assert parts.words == ("rock", "salt", "uppu", "crystal")
    assert parts.heads == {"salt", "uppu"}
    assert parts.again == {"uppu"}
    assert parts.described == {"crystal"}


@given(st.text(st.characters(max_codepoint=0x24F), max_size=60))
def test_case_never_matters(latin: str) -> None:
    assert normalise(latin.casefold()) == normalise(latin)
