"""``orders cancel`` against tables in memory."""

from __future__ import annotations

import json

import boto3
import pytest

from orderflow.errors import StoreUnavailable
from orderflow.orders.model import Order
from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from tests.support.factories import a_matched_order, a_payment, an_order, stored
from tests.support.step_functions import FakeRun, StepFunctions
from tests.unit.cli.conftest import AUDIT_LOG_GROUP, Audited, Orders


def test_an_order_is_cancelled_for_a_reason(
    orders: Orders, operated: Deployment, store: OrderStore, audited: Audited
) -> None:
    order = stored(store, a_matched_order())

    result = orders("cancel", order.order_id, "--reason", "You asked us to.")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"Order {order.order_id} is CANCELLED.\n"
    cancelled = store.get(order.order_id)
    assert (cancelled.status, cancelled.status_reason) == ("CANCELLED", "You asked us to.")
    assert audited() == [("cancel", order.order_id, "You asked us to.")]


def test_a_second_cancel_stops_an_execution_that_still_runs(
    orders: Orders, operated: Deployment, store: OrderStore, step_functions: StepFunctions
) -> None:
    order = stored(store, a_matched_order())
    step_functions.add(FakeRun(order.order_id, status="RUNNING"))
    step_functions.errors["StopExecution"] = "ThrottlingException"

    first = orders("cancel", order.order_id, "--reason", "You asked us to.")
    step_functions.errors.clear()
    second = orders("cancel", order.order_id, "--reason", "Again", "--json")

    assert first.exit_code == 3
    assert "is changed, but its execution was not reached" in first.stderr
    assert second.exit_code == 0
    answer = json.loads(second.stdout)
    assert (answer["status"], answer["statusReason"]) == ("CANCELLED", "You asked us to.")
    assert step_functions.runs[order.order_id].status == "ABORTED"


def test_of_an_order_with_a_link_the_wish_is_recorded(
    orders: Orders, operated: Deployment, store: OrderStore, audited: Audited
) -> None:
    order = stored(store, an_order())

    result = orders("cancel", order.order_id, "--reason", "You asked us to.")

    assert result.exit_code == 0
    assert "is to be cancelled" in result.stdout
    asked = store.get(order.order_id)
    assert asked.status is order.status
    assert asked.cancel_requested is not None
    assert (asked.cancel_requested.by, asked.cancel_requested.reason) == (
        "operations",
        "You asked us to.",
    )
    assert audited() == [("cancel", order.order_id, "You asked us to.")]


def test_an_unavailable_store_cancels_nothing(
    orders: Orders, operated: Deployment, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = stored(store, an_order())

    def fail(*_: str) -> Order:
        raise StoreUnavailable("DynamoDB failed: InternalServerError")

    monkeypatch.setattr(operated.orders, "cancel", fail)

    result = orders("cancel", order.order_id, "--reason", "You asked us to.")

    assert result.exit_code == 3
    assert result.stderr == "error: DynamoDB failed: InternalServerError.\n"


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (an_order(status="REJECTED"), "is REJECTED; it can't become CANCELLED.\n"),
        (an_order(payment=a_payment()), "it can't become CANCELLED. It is paid.\n"),
    ],
    ids=["ended", "paid"],
)
def test_a_closed_or_paid_order_is_not_cancelled(
    orders: Orders,
    operated: Deployment,
    store: OrderStore,
    audited: Audited,
    order: Order,
    message: str,
) -> None:
    stored(store, order)

    result = orders("cancel", order.order_id, "--reason", "Why not")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(message)
    assert store.get(order.order_id).status == order.status
    assert [action for action, _, _ in audited()] == ["cancel", "cancel failed"]


@pytest.mark.parametrize("arguments", [[], ["--reason", " "]])
def test_cancelling_without_a_reason_is_refused(
    orders: Orders, operated: Deployment, arguments: list[str]
) -> None:
    assert orders("cancel", "o", *arguments).exit_code == 2


def test_an_unknown_order_is_not_found(
    orders: Orders, operated: Deployment, audited: Audited
) -> None:
    result = orders("cancel", "nope", "--reason", "Why not")

    assert result.exit_code == 4
    assert audited() == []


def test_nothing_is_cancelled_that_cannot_be_audited(
    orders: Orders, operated: Deployment, store: OrderStore
) -> None:
    order = stored(store, an_order())
    boto3.client("logs").delete_log_group(logGroupName=AUDIT_LOG_GROUP)

    result = orders("cancel", order.order_id, "--reason", "Why not")

    assert result.exit_code == 3
    assert store.get(order.order_id).status == order.status
