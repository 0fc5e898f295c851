"""ParseOrder, from the state machine's payload to its result."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.catalog.product import Product
from orderflow.catalog.store import CatalogStore
from orderflow.errors import InvalidOrder
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.wiring.intake import names_cache
from parse_order.handler import lambda_handler
from tests.support.events import load_event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

EVENT = load_event("parse_order")


@pytest.fixture(autouse=True)
def _needs(environment: pytest.MonkeyPatch, store: OrderStore, catalog_table: Table) -> None:
    """Its environment and empty tables."""
    names_cache.cache_clear()


def test_the_order_is_written_and_its_lines_counted(
    context: LambdaContext, store: OrderStore
) -> None:
    answer = lambda_handler(EVENT, context)

    assert answer == {"orderId": EVENT["orderId"], "lineCount": 2}
    order = store.get(EVENT["orderId"])
    assert order.status is OrderStatus.PENDING_MATCHING
    assert [change.by for change in order.history] == ["ParseOrder"]


def test_a_retry_answers_the_same(context: LambdaContext, store: OrderStore) -> None:
    first = lambda_handler(EVENT, context)
    written = store.get(EVENT["orderId"])

    assert lambda_handler(EVENT, context) == first
    assert store.get(EVENT["orderId"]) == written


def test_a_refusal_leaves_under_the_name_that_the_workflow_catches(
    context: LambdaContext,
) -> None:
    with pytest.raises(InvalidOrder, match="2 kg rice"):
        lambda_handler(load_event("parse_order", groceryList="!!!"), context)


def test_the_list_is_read_with_the_names_of_the_catalog(
    context: LambdaContext, store: OrderStore, catalog_table: Table
) -> None:
    names = ["Golden Morn Maize and Soya Cereal", "Malta Guinness 330"]
    CatalogStore(catalog_table).put_products(
        Product(id=f"p{place}", name=name, price_kobo=100) for place, name in enumerate(names)
    )

    lambda_handler(load_event("parse_order", groceryList="\n".join(names)), context)

    assert [line.name for line in store.get(EVENT["orderId"]).requested] == names


def test_logs_tell_of_no_customer(context: LambdaContext, log_output: io.StringIO) -> None:
    lambda_handler(EVENT, context)

    output = log_output.getvalue()
    assert EVENT["orderId"] in output
    for private in ("ada.buyer", "groundnut"):
        assert private not in output
