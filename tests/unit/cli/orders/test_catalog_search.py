"""``orders catalog search``: which product a text finds, and why."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import boto3
import pytest

from orderflow.catalog.aliases import AliasStore
from orderflow.catalog.product import Product
from orderflow.catalog.store import CatalogStore
from scripts.cli.deployment import Deployment
from tests.unit.cli.conftest import TUNABLES_PARAMETER, Orders

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def product(name: str, **changes: object) -> Product:
    fields = {"id": name.lower().replace(" ", "-"), "name": name, "price_kobo": 10_000}
    return Product.model_validate(fields | {"pack_unit": "liter"} | changes)


MILK = product("Full Cream Milk", synonyms=("milk",))
CHOCOLATE = product("Milk Chocolate", pack_unit="")
SOLD_OUT = product("Skimmed Milk", available=False)


@pytest.fixture(autouse=True)
def shop(operated: Deployment, catalog_table: Table) -> CatalogStore:
    catalog = CatalogStore(catalog_table)
    catalog.put_products([MILK, CHOCOLATE, SOLD_OUT])
    boto3.client("ssm").put_parameter(
        Name=TUNABLES_PARAMETER, Type="String", Value='{"modelId": "a.model"}'
    )
    return catalog


def test_a_match_is_explained_with_its_runners_up(orders: Orders) -> None:
    result = orders("catalog", "search", "2 cups milk, choclate")

    text = " ".join(result.stdout.split())
    assert "2 cups milk: milk, 2 cups" in text
    assert "1 x Full Cream Milk (1 litre), ₦100.00: the catalog's very name or synonym." in text
    assert '"milk" for "milk"' in text
    assert "Skimmed Milk" in text
    assert "(out of" in text
    assert "the model would choose among these" in text
    assert result.stderr == "Read 3 products.\n"


def test_the_parts_make_the_score(orders: Orders) -> None:
    (line,) = json.loads(orders("catalog", "search", "choclate", "--json").stdout)

    assert line["asksModel"]
    assert line["line"]["name"] == "choclate"
    for each in line["candidates"]:
        parts = each["parts"]
        product = parts["words"] * parts["brevity"] * parts["head"] * parts["aisle"]
        score = (0.9 * product + 0.1 * parts["spelling"]) * each["worth"]
        assert score == pytest.approx(each["score"], abs=0.005)


def test_a_remembered_name_is_named_as_such(orders: Orders, catalog_table: Table) -> None:
    AliasStore(catalog_table).remember({"moo juice": MILK}, days=1)

    assert "was resolved before" in " ".join(
        orders("catalog", "search", "2 cups moo juice").stdout.split()
    )


def test_what_finds_nothing_says_so(orders: Orders) -> None:
    assert "We have no such product." in orders("catalog", "search", "3 zeppelins").stdout


def test_a_text_without_an_item_is_refused(orders: Orders) -> None:
    result = orders("catalog", "search", "- 0 kg milk")

    assert result.exit_code == 2
    assert "Line 1: the amount is zero" in result.stderr


def test_amounts_are_reckoned_as_for_an_order(orders: Orders) -> None:
    (line,) = json.loads(orders("catalog", "search", "2.5 litres milk", "--json").stdout)

    assert (line["matched"]["packs"], line["matched"]["lineTotalKobo"]) == (3, 30_000)
    assert Decimal(line["matched"]["quantity"]) == Decimal("2.5")
