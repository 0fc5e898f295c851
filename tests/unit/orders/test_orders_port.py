"""The port ``Orders`` behaves alike in memory and in DynamoDB (the engine that is chosen)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orderflow.orders.ports import Orders
from orderflow.orders.store import OrderStore
from tests.support.memory_orders import InMemoryOrders
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
from tests.unit.conftest import ENGINE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@pytest.fixture(params=["memory", ENGINE])
def store(request: pytest.FixtureRequest, orders_table: Table) -> Orders:
    if request.param == "memory":
        return InMemoryOrders(by="tests")
    return OrderStore(orders_table, by="tests")
