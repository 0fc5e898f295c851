"""The port ``Orders`` behaves alike in memory and in DynamoDB (moto)."""

from __future__ import annotations

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
    TestTransitions,
    TestUnconfirmedPayments,
    TestUnknownOrders,
    TestUnsettledAlert,
    TestWithStatus,
    test_a_fraction_is_stored_exactly,
)


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Orders:
    if request.param == "memory":
        return InMemoryOrders(by="tests")
    return OrderStore(request.getfixturevalue("orders_table"), by="tests")
