"""The plain thing before its varieties, and before other things."""

from __future__ import annotations

import pytest

from orderflow.catalog.index.search import CatalogIndex

CATALOG = (
    ("Toned Milk", "Dairy"),
    ("Homogenised Toned Milk", "Dairy"),
    ("Fresh Toned Milk", "Dairy"),
    ("Slim Toned Milk", "Dairy"),
    ("Tulsi Milk", "Dairy"),
    ("Organic Tulsi", "Herbs"),
    ("Tulsi - Dried", "Herbs"),
    ("Tulsi", "Herbs"),
    ("Black Salt", "Staples"),
    ("Table Salt/Uppu", "Staples"),
    ("Bath Salt", "Beauty"),
    ("Black Pepper", "Staples"),
    ("Black Tea", "Drinks"),
    ("Tru Orange", "Drinks"),
    ("Orange - Imported", "Fruits"),
    ("Orange Jelly", "Sweets"),
    ("Ice Cream Bowl", "Kitchen"),
    ("Ice Cream - Vanilla", "Dairy"),
    ("Chilled Cream", "Dairy"),
)
INDEX = CatalogIndex({"id": name, "name": name, "category": aisle} for name, aisle in CATALOG)


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ("milk", "Toned Milk"),
        ("salt", "Table Salt/Uppu"),
        ("oranges", "Orange - Imported"),
        ("ice cream", "Ice Cream - Vanilla"),
    ],
)
def test_a_plain_word_means_the_plain_product(asked: str, plain: str) -> None:
    assert INDEX.search(asked)[0].product_id == plain


def test_of_equal_names_the_one_in_its_usual_aisle_comes_first() -> None:
    aisles = ["Pulses", "Pulses", "Snacks", "Pulses"]
    names = ["Moong Dal", "Toor Dal", "Moong Dal", "Masoor Dal"]
    index = CatalogIndex(
        {"id": f"{place}-{aisle}", "name": name, "category": aisle}
        for place, (name, aisle) in enumerate(zip(names[::-1], aisles[::-1], strict=True))
    )
    assert index.search("moong dal")[0].product_id.endswith("Pulses")
