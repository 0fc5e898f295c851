"""What ordinary words alone would name is no thing to buy, as docs/grocery-list.md tells."""

from __future__ import annotations

import pytest

from orderflow.grocery_list.catalog_names import known_names_of
from orderflow.grocery_list.parser import parse
from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.words.goods import GOODS_WORDS
from orderflow.grocery_list.words.ordinary import ORDINARY_WORDS, names_nothing_to_buy


@pytest.mark.parametrize(
    "said", ["Drive careful", "library", "return", "junction", "the chief's quarter", "3 thousand"]
)
def test_what_ordinary_words_name_is_set_aside(said: str) -> None:
    grocery_list = parse(f"2 leeks\n{said}\nsalt")

    assert [line.name for line in grocery_list.lines] == ["leeks", "salt"]
    assert [each.reason for each in grocery_list.set_aside] == [Reason.TALK]


@pytest.mark.parametrize(
    "said",
    [
        "garden path 2 packs",  # a unit
        "garden path 7.99",  # a price
        "Tide",  # brands
        "Radio Times",
        "diyas",  # no word that many know
        "birthday card",  # a thing
        "half & half",
    ],
)
def test_things_are_left_that_ordinary_words_name(said: str) -> None:
    assert [line.name for line in parse(f"2 leeks\n{said}").lines][1:]


def test_what_is_all_that_a_list_says_is_left() -> None:
    assert [line.name for line in parse("library").lines] == ["library"]


def test_a_name_of_the_catalog_is_left() -> None:
    known = known_names_of(["Morning Glory"])

    assert [line.name for line in parse("milk\nmorning glory", known).lines] == [
        "milk",
        "morning glory",
    ]


def test_a_brand_needs_its_capital() -> None:
    assert names_nothing_to_buy("always")
    assert not names_nothing_to_buy("Always")


def test_no_word_of_a_common_good_is_ordinary() -> None:
    assert ORDINARY_WORDS.isdisjoint(GOODS_WORDS)
    assert len(ORDINARY_WORDS) > 9_000
