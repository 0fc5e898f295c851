"""Remembered names: as long as their time lasts and the product stays the same thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from orderflow.catalog.aliases import ALIAS_KIND, Alias, AliasStore
from orderflow.catalog.product import Product

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
_MILK = Product(id="milk-1l", name="Milk", price_kobo=295_000)


def test_a_name_is_believed_until_its_time_is_over(catalog_table: Table) -> None:
    AliasStore(catalog_table, now=lambda: _NOON).remember({"leche": _MILK}, days=90)
    before, after = (_NOON + timedelta(days=90, seconds=seconds) for seconds in (-1, 1))
    asked = ["leche", "unknown", "leche"]

    assert AliasStore(catalog_table, lambda: before).find(asked) == {
        "leche": Alias("milk-1l", _MILK.fingerprint)
    }
    assert AliasStore(catalog_table, lambda: after).find(asked) == {}


def test_names_that_no_key_can_hold_are_not_remembered(catalog_table: Table) -> None:
    store = AliasStore(catalog_table)
    names = dict.fromkeys(("", "é" * 513, "é" * 512), _MILK)

    store.remember(names, days=1)

    assert store.find(names).keys() == {"é" * 512}


def test_nothing_asked_is_nothing_read(catalog_table: Table) -> None:
    assert AliasStore(catalog_table).find([]) == {}


def test_a_name_holds_while_its_product_is_the_same_thing() -> None:
    alias = Alias("milk-1l", _MILK.fingerprint)

    assert alias.holds({"milk-1l": _MILK})
    assert alias.holds({"milk-1l": _MILK.model_copy(update={"price_kobo": 1, "available": False})})
    assert not alias.holds({})


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Goat Milk"},
        {"brand": "Peak"},
        {"category": "Dairy"},
        {"pack_quantity": Decimal("0.5")},
        {"pack_unit": "liter"},
        {"synonyms": ("leche",)},
    ],
)
def test_another_thing_under_the_same_id_is_not_believed(change: dict[str, object]) -> None:
    changed = _MILK.model_copy(update=change)

    assert not Alias("milk-1l", _MILK.fingerprint).holds({"milk-1l": changed})


def test_names_remembered_without_a_fingerprint_are_not_believed(catalog_table: Table) -> None:
    expires = int((_NOON + timedelta(days=1)).timestamp())
    item = {"kind": ALIAS_KIND, "id": "leche", "productId": "milk-1l", "ttl": expires}
    catalog_table.put_item(Item=item)

    found = AliasStore(catalog_table, lambda: _NOON).find(["leche"])

    assert not found["leche"].holds({"milk-1l": _MILK})
