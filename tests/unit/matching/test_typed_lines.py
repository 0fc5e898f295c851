"""Lines as shoppers type them, from their words to the packs that are bought, without the model."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderflow.catalog.csv_file import read_csv
from orderflow.matching.matcher import CatalogIndex, MatchResult, match_lines
from orderflow.matching.rules import Rules
from orderflow.orders.lines import MatchedLine
from orderflow.orders.submission import parse_list
from tests.support.paths import PROJECT

PRODUCTS = read_csv(PROJECT / "scripts" / "local" / "catalog.csv")
BY_ID = {product.id: product for product in PRODUCTS}
INDEX = CatalogIndex(PRODUCTS)


def _match(typed: str) -> MatchResult:
    return match_lines(parse_list(typed).requested, INDEX, BY_ID, {}, None, Rules())


def _bought(typed: str) -> MatchedLine:
    result = _match(typed)
    assert result.unmatched == []
    [line] = result.lines
    return line


@pytest.mark.parametrize(
    ("typed", "product_id", "packs"),
    [
        ("Indomie 70g x 10 packs", "indomie-chicken-noodles-70g", 10),
        ("sardine 125g x 4 tins", "titus-sardines-in-vegetable-oil-125g", 4),
        ("Cowbell 12g x 20 roll", "cowbell-milk-powder-12g", 20),
        ("water 1.5L x 6 bottles", "eva-table-water-1-5l", 6),
        ("coke 12 bottles x 50cl", "coca-cola-50cl", 12),
        ("Indomie carton of 40 x 70g", "indomie-chicken-noodles-carton", 1),
        ("St Louis sugar 500g, 2 packs", "st-louis-sugar-cubes-500g", 2),
        ("beans 500", "brown-beans-1kg", 1),
        ("6 tomatoes", "tomatoes-1kg", 1),
        ("3 onions", "onions-1kg", 1),
        ("10 potatoes", "irish-potatoes-1kg", 3),
        ("3 crown milk", "three-crowns-uht-milk-1l", 1),
        ("1 / 2 cup milk", "three-crowns-uht-milk-1l", 1),
        ("1 cup plus 2 tablespoons olive oil", "goya-extra-virgin-olive-oil-500ml", 1),
        ("2 tbsp olive oil, 1 tbsp olive oil", "goya-extra-virgin-olive-oil-500ml", 1),
    ],
)
def test_what_is_typed_is_what_is_bought(typed: str, product_id: str, packs: int) -> None:
    bought = _bought(typed)
    assert (bought.product_id, bought.packs) == (product_id, packs)


@pytest.mark.parametrize(
    ("typed", "amount"), [("rice 2kg x 3 bags", 6), ("one and half dozen eggs", 18)]
)
def test_the_packs_hold_what_is_typed(typed: str, amount: int) -> None:
    bought = _bought(typed)
    assert bought.packs * BY_ID[bought.product_id].pack_quantity == amount


def test_money_is_a_note_on_the_line() -> None:
    bought = _bought("beans 500")
    assert (bought.price_note, bought.price_note_kobo) == ("500", 50_000)
    assert bought.quantity == 1


def test_half_a_cup_is_half_a_cup() -> None:
    assert _bought("1 / 2 cup milk").quantity == Decimal("0.5")


def test_an_absurd_amount_is_refused_and_the_rest_is_bought() -> None:
    parsed = parse_list("toilet roll x 1000000\n1 loaf bread")
    result = match_lines(parsed.requested, INDEX, BY_ID, {}, None, Rules())
    assert [line.quantity for line in result.lines] == [1]
    [refused] = [*parsed.not_understood, *result.unmatched]
    assert "toilet roll" in refused.text
    assert refused.reason
