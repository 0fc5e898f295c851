"""What one piece of a thing weighs."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from orderflow.catalog.pieces import piece_grams, pieces_in_a_bunch
from orderflow.catalog.product import Product
from tests.support.paths import FUNCTIONS

TABLE = FUNCTIONS / "orderflow" / "catalog" / "pieces.csv"


def _product(name: str, **more: object) -> Product:
    return Product.model_validate({"id": "a", "name": name, "price_kobo": 1, **more})


@pytest.mark.parametrize(
    ("name", "grams"),
    [("Tomatoes", 100), ("Fresh Red Onions", 122), ("Irish Potatoes", 213), ("Carrots", 69)],
)
def test_fresh_things_have_a_typical_weight(name: str, grams: int) -> None:
    assert piece_grams(_product(name)) == grams


def test_a_synonym_may_be_what_the_table_knows() -> None:
    rodo = _product("Rodo Peppers", synonyms=("ata rodo", "scotch bonnet"))
    assert piece_grams(rodo) == 9


@pytest.mark.parametrize("name", ["Canned Tomatoes", "Tomato Paste", "Potato Crisps", "Rice"])
def test_what_is_no_whole_thing_has_none(name: str) -> None:
    assert piece_grams(_product(name)) is None


def test_the_shops_own_weight_counts() -> None:
    assert piece_grams(_product("Tomatoes", piece_grams="85.5")) == Decimal("85.5")


@pytest.mark.parametrize(("name", "pieces"), [("Bananas", 6), ("Ugu Leaves", None), ("Okra", None)])
def test_what_is_counted_singly_has_a_usual_bunch(name: str, pieces: int | None) -> None:
    assert pieces_in_a_bunch(_product(name)) == pieces


def test_every_weight_of_the_table_names_its_source() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert Decimal(row["piece_grams"]) > 0
            assert row["source"].startswith(("USDA SR, NDB ", "own estimate: ")), row
