"""Words that mean the same thing in different places."""

from __future__ import annotations

import csv

import pytest

from orderflow.catalog.index.search import CatalogIndex
from orderflow.catalog.index.synonyms import Synonyms
from orderflow.catalog.names import words
from tests.support.paths import FUNCTIONS

TABLE = FUNCTIONS / "orderflow" / "catalog" / "index" / "synonyms.csv"


def _rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _first(asked: str, *names: str) -> str:
    return CatalogIndex({"id": name, "name": name} for name in names).search(asked)[0].product_id


@pytest.mark.parametrize(
    ("asked", "sold_as"),
    [
        ("courgettes", "Zucchini - Green"),
        ("cling film", "Clingwrap"),
        ("nappies", "Diaper Pants"),
        ("bin bags", "Garbage Bags - Large"),
        ("bhindi", "Ladies Finger"),
        ("groundnut", "Peanuts"),
        ("shaki", "Tripe"),
        ("baby formula", "Infant Formula - Stage 1"),
    ],
)
def test_what_is_sold_under_another_word_is_found(asked: str, sold_as: str) -> None:
    assert _first(asked, "Milk", "Baby Food", "Bag of Films", sold_as) == sold_as


def test_a_word_within_a_name_is_replaced_too() -> None:
    assert _first("frozen okra", "Frozen Ladies Finger", "Frozen Peas") == "Frozen Ladies Finger"


def test_the_longest_name_is_replaced() -> None:
    readings = Synonyms({"scallion", "pyaz"}).readings(("spring", "onion"))
    assert [reading.means for reading in readings] == [("scallion",)]


def test_what_a_plain_word_usually_means_holds_for_the_word_alone() -> None:
    synonyms = Synonyms({"toned", "milk"})
    assert [each.means for each in synonyms.readings(("fresh", "milk"))] == [("toned", "milk")]
    assert synonyms.readings(("coconut", "milk")) == []


def test_a_product_of_the_very_name_comes_before_what_may_do_instead() -> None:
    names = [f"Cookies - {kind}" for kind in ("Milk", "Oat", "Choco")]
    assert _first("cookies", *names, "Biscuits").startswith("Cookies")


def test_every_row_of_the_table_is_complete_and_says_something() -> None:
    for row in _rows():
        assert row["kind"] in {"same", "usual"}, row
        means = row["means"].split("|")
        assert words(row["name"]), row
        assert any(words(each) != words(row["name"]) for each in means), row
        assert all(words(each) for each in means), row
    assert len(_rows()) > 400
