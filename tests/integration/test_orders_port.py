"""The port ``Orders`` in the emulator's DynamoDB, with the suite of the unit tests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from orderflow.orders.ports import Orders
from orderflow.orders.store import OrderStore
from scripts.local.stack import aws
from tests.support.orders_behaviour import (  # noqa: F401 - the suite
    TestAlerts,
    TestCancel,
    TestCancelRequest,
    TestCreate,
    TestDeclines,
    TestFailure,
    TestGet,
    TestLink,
    TestLinkChecks,
    TestMatches,
    TestNewest,
    TestNotification,
    TestNotifiedStatuses,
    TestParked,
    TestPayment,
    TestProperties,
    TestRefunds,
    TestReversals,
    TestSynthetic,
    TestTransitions,
    TestUnconfirmedPayments,
    TestUnknownOrders,
    TestUnsettledAlert,
    TestWithStatus,
    test_a_fraction_is_stored_exactly,
)
from tests.support.shop import Shop

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def empty_table(shop: Shop) -> Iterator[Any]:
    """A table of its own, with the key and the indexes of the deployed one."""
    dynamodb = aws.resource("dynamodb", shop.state.urls.aws)
    orders = dynamodb.Table(shop.state.outputs["OrdersTable"])
    table = dynamodb.create_table(
        TableName=f"orders-port-{uuid.uuid4().hex[:8]}",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=orders.key_schema,
        AttributeDefinitions=orders.attribute_definitions,
        GlobalSecondaryIndexes=[
            {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
            for index in orders.global_secondary_indexes
        ],
    )
    table.wait_until_exists()
    yield table
    table.delete()


@pytest.fixture
def store(empty_table: Any) -> Orders:
    for item in empty_table.scan()["Items"]:
        empty_table.delete_item(Key={"orderId": item["orderId"]})
    return OrderStore(empty_table, by="tests")
