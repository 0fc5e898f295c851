"""Amounts as shoppers type them, through the API: what is bought, noted, asked and refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.shop import Shop


def _seen(shop: Shop, typed: str) -> dict[str, Any]:
    """The order as the customer sees it; the model is out, so that names decide alone."""
    shop.set_fault("bedrock", mode="outage")
    return shop.customer.order(shop.awaiting_payment(typed).order_id)


@pytest.mark.parametrize(
    ("typed", "product_id", "packs"),
    [
        ("Indomie 70g x 10 packs", "indomie-chicken-noodles-70g", 10),
        ("sardine 125g x 4 tins", "titus-sardines-in-vegetable-oil-125g", 4),
        ("rice 2kg x 3 bags", "mama-gold-parboiled-rice-1kg", 6),
        ("beans 500", "brown-beans-1kg", 1),
        ("6 tomatoes", "tomatoes-1kg", 1),
        ("3 onions", "onions-1kg", 1),
        ("10 potatoes", "irish-potatoes-1kg", 3),
        ("3 crown milk", "three-crowns-uht-milk-1l", 1),
        ("one and half dozen eggs", "eggs-each", 18),
        ("1 / 2 cup milk", "three-crowns-uht-milk-1l", 1),
        ("1 cup plus 2 tablespoons olive oil", "goya-extra-virgin-olive-oil-500ml", 1),
        ("2 tbsp olive oil, 1 tbsp olive oil", "goya-extra-virgin-olive-oil-500ml", 1),
    ],
)
def test_no_line_is_bought_wrongly(shop: Shop, typed: str, product_id: str, packs: int) -> None:
    order = _seen(shop, typed)

    assert [(line["productId"], line["packs"]) for line in order["lines"]] == [(product_id, packs)]
    assert order["unmatched"] == []


def test_a_note_on_a_price_and_on_pieces_is_on_its_line(shop: Shop) -> None:
    beans, tomatoes = _seen(shop, "beans N500\n6 tomatoes")["lines"]

    assert "500" in beans["priceNote"]
    assert tomatoes["packing"].startswith("6 pieces, about 600 grams")


def test_a_count_that_may_be_a_mistake_is_asked_about(shop: Shop) -> None:
    order = _seen(shop, "99 candles\n1 loaf bread")

    assert [line["packs"] for line in order["lines"]] == [1]
    [asked] = order["unmatched"]
    assert "99" in asked["question"]
    [email] = shop.emails(order["orderId"])
    assert asked["question"][:20] in str(email)


def test_an_absurd_amount_is_refused_and_the_rest_is_bought(shop: Shop) -> None:
    order = _seen(shop, "toilet roll x 1000000\n1 loaf bread")

    assert [line["packs"] for line in order["lines"]] == [1]
    [refused] = order["unmatched"]
    assert "toilet roll" in refused["text"]
    assert refused["reason"]
