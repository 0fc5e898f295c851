"""Products by the beginnings of their words."""

from __future__ import annotations

import pytest

from orderflow.catalog.product import Product
from orderflow.review.product_search import MAX_AGE_SECONDS, ProductSearch

PRODUCTS = [
    Product(id="milk-uht", name="UHT Milk", brand="Three Crowns", price_kobo=1),
    Product(id="milk", name="Milk", price_kobo=1, synonyms=("nono",)),
    Product(id="milo", name="Milo", price_kobo=1),
    Product(id="gone", name="Milk gone", price_kobo=1, available=False),
    Product(id="tomatoes", name="Fresh Tomatoes", price_kobo=1),
]


def found(text: str, **options: int) -> list[str]:
    return [each.id for each in ProductSearch(lambda: PRODUCTS).find(text, **options)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("milk", ["milk", "milk-uht"]),
        ("mil", ["milk", "milo", "milk-uht"]),
        ("MILK uht", ["milk-uht"]),
        ("crowns", ["milk-uht"]),
        ("nono", ["milk"]),
        ("tomato", ["tomatoes"]),
        ("ilk", []),
        ("", []),
        ("the of", []),
        ("%", []),
    ],
)
def test_every_word_begins_one_of_the_products(text: str, ids: list[str]) -> None:
    assert found(text) == ids


def test_no_more_than_asked_for() -> None:
    assert found("mil", limit=1) == ["milk"]


def test_products_are_read_again_when_they_are_old() -> None:
    now, reads = [0.0], list[int]()
    search = ProductSearch(lambda: reads.append(1) or PRODUCTS, clock=lambda: now[0])

    for now[0] in (0.0, MAX_AGE_SECONDS, MAX_AGE_SECONDS + 1.0):
        search.find("milk")

    assert len(reads) == 2
