"""``orders forget`` against tables in memory."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from orderflow.clock import utc_now
from orderflow.orders.lines import Alternative
from orderflow.orders.model import CancelRequest, Order, StatusChange
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import Erasure, OrderStore
from scripts.cli.deployment import Deployment
from tests.support.factories import (
    CUSTOMER_EMAIL,
    an_order,
    matched_line,
    requested_line,
    stored,
    unmatched_line,
)
from tests.unit.cli.conftest import Audited, Orders

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

CUSTOMER = "customer-1"


class UserNotFoundException(Exception):  # noqa: N818 - boto3's name
    """Cognito's."""


class Cognito:
    """A user pool with one user."""

    class exceptions:  # noqa: N801 - boto3's name
        """Of the client."""

        UserNotFoundException = UserNotFoundException

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.exists = True

    def _call(self, name: str, username: str) -> None:
        assert username == CUSTOMER
        if not self.exists:
            raise UserNotFoundException
        self.calls.append(name)

    def admin_disable_user(self, **request: Any) -> None:
        self._call("disable", request["Username"])

    def admin_delete_user(self, **request: Any) -> None:
        self._call("delete", request["Username"])
        self.exists = False


@pytest.fixture
def cognito(operated: Deployment, monkeypatch: pytest.MonkeyPatch) -> Cognito:
    pool = Cognito()
    client = Deployment.client

    def choose(deployment: Deployment, service: str) -> Any:
        return pool if service == "cognito-idp" else client(deployment, service)

    monkeypatch.setattr(Deployment, "client", choose)
    return pool


@pytest.fixture(autouse=True)
def _submissions(submissions_table: Table) -> None:
    submissions_table.put_item(Item={"customerId": CUSTOMER, "submittedAt": 1})


def closed(store: OrderStore, order_id: str, **changes: Any) -> None:
    fields = {"status": OrderStatus.PAYMENT_COMPLETED, "customer_name": "Ada", **changes}
    stored(store, an_order(order_id=order_id, customer_id=CUSTOMER, **fields))


def test_a_customers_orders_keep_what_was_sold_and_nothing_personal(
    orders: Orders, cognito: Cognito, store: OrderStore, audited: Audited, submissions_table: Table
) -> None:
    closed(store, "order-1", grocery_list="2 kg rice for Chidi")
    before = store.get("order-1")

    result = orders("forget", CUSTOMER, "--reason", "The customer asked for it.", "--json")

    assert json.loads(result.stdout) == {"customerId": CUSTOMER, "erased": 1, "before": 0}
    item: Any = boto3.resource("dynamodb").Table("orders").get_item(Key={"orderId": "order-1"})
    text = json.dumps(item["Item"], default=str)
    for personal in (CUSTOMER_EMAIL, "Ada", "Chidi"):
        assert personal not in text
    after = store.get("order-1")
    assert (after.total_kobo, after.payment, after.history) == (
        before.total_kobo,
        before.payment,
        before.history,
    )
    assert [(line.product_id, line.packs) for line in after.lines] == [
        (line.product_id, line.packs) for line in before.lines
    ]
    assert cognito.calls == ["disable", "delete"]
    assert "Item" not in submissions_table.get_item(Key={"customerId": CUSTOMER})
    assert audited() == [("forget", CUSTOMER, "The customer asked for it.")]


SAID = "Chidi of 5 Broad Street"


def everything_said(order_id: str) -> Order:
    """An order that ended, with personal words in each text that people wrote or that is quoted."""
    alternative = Alternative(product_id="salt", name=SAID, similarity=Decimal("0.9"))
    line = matched_line(text=SAID, notes=[SAID], packing=SAID, price_note=SAID)
    return an_order(
        order_id=order_id,
        customer_id=CUSTOMER,
        customer_name=SAID,
        grocery_list=SAID,
        status=OrderStatus.CANCELLED,
        status_reason=SAID,
        requested=[requested_line(text=SAID, name=SAID)],
        lines=[line.model_copy(update={"alternatives": [alternative]})],
        unmatched=[unmatched_line(SAID).model_copy(update={"question": SAID})],
        cancel_requested=CancelRequest(at=utc_now(), by="operations", reason=SAID),
        history=[
            StatusChange(status=status, at=utc_now(), by="orders CLI", reason=SAID)
            for status in (OrderStatus.PAYMENT_INITIATED, OrderStatus.CANCELLED)
        ],
    )


def test_no_word_of_people_is_left(
    orders: Orders, cognito: Cognito, store: OrderStore, orders_table: Table
) -> None:
    before = stored(store, everything_said("order-1"))
    assert text_of(orders_table).count(SAID) >= 13

    assert orders("forget", CUSTOMER, "--reason", "The customer asked for it.").exit_code == 0

    assert SAID not in text_of(orders_table)
    after = store.get("order-1")
    assert [(each.status, each.at, each.by) for each in after.history] == [
        (each.status, each.at, each.by) for each in before.history
    ]
    assert after.cancel_requested is not None
    assert before.cancel_requested is not None
    assert after.cancel_requested.at == before.cancel_requested.at


def text_of(orders_table: Table) -> str:
    item: Any = orders_table.get_item(Key={"orderId": "order-1"})
    return json.dumps(item["Item"], default=str)


def test_nothing_is_erased_while_an_order_goes_on(
    orders: Orders, cognito: Cognito, store: OrderStore, audited: Audited
) -> None:
    closed(store, "order-1")
    closed(store, "order-2", status=OrderStatus.PAYMENT_INITIATED)

    result = orders("forget", CUSTOMER, "--reason", "The customer asked for it.")

    assert result.exit_code != 0
    assert "order-2 (PAYMENT_INITIATED)" in result.stderr
    assert store.get("order-1").customer_email == CUSTOMER_EMAIL
    assert (cognito.calls, audited()) == ([], [])


def test_a_run_that_was_interrupted_is_finished_by_the_next(
    orders: Orders,
    cognito: Cognito,
    store: OrderStore,
    audited: Audited,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed(store, "order-1")
    closed(store, "order-2")
    erase = Erasure.erase
    erased: list[str] = []

    def erase_one(erasure: Erasure, order: Any) -> bool:
        if erased:
            raise KeyboardInterrupt
        erased.append(order.order_id)
        return erase(erasure, order)

    monkeypatch.setattr(Erasure, "erase", erase_one)
    orders("forget", CUSTOMER, "--reason", "asked")
    monkeypatch.setattr(Erasure, "erase", erase)
    assert cognito.exists

    second = orders("forget", CUSTOMER, "--reason", "asked", "--json")
    third = orders("forget", CUSTOMER, "--reason", "asked", "--json")

    assert json.loads(second.stdout) == {"customerId": CUSTOMER, "erased": 1, "before": 1}
    assert json.loads(third.stdout) == {"customerId": CUSTOMER, "erased": 0, "before": 2}
    assert [store.get(each).grocery_list for each in ("order-1", "order-2")] == ["", ""]
    assert not cognito.exists


def test_an_order_that_changed_meanwhile_is_not_erased(
    store: OrderStore, orders_table: Table
) -> None:
    closed(store, "order-1")
    seen = store.get("order-1")
    orders_table.update_item(
        Key={"orderId": "order-1"},
        UpdateExpression="SET refundState = :due",
        ExpressionAttributeValues={":due": "DUE"},
    )

    assert not Erasure(orders_table, by="tests").erase(seen)
    assert store.get("order-1").customer_email == CUSTOMER_EMAIL
