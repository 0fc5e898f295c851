"""``orders resume``: parked orders are resumed and audited."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from orderflow.orders.model import Order, Parked
from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from tests.support.factories import a_matched_order, an_order, an_order_id, stored
from tests.support.step_functions import StepFunctions
from tests.unit.cli.conftest import AUDIT_LOG_GROUP, Audited, Orders

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

REASON = "Our payment provider did not answer."


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def a_parked_order(provider: str = "paystack", **changes: Any) -> Order:
    """Stores a parked order whose token is ``token of <orderId>``."""
    order_id = an_order_id()
    parked = Parked(
        task_token=f"token of {order_id}",
        provider=provider,
        park_count=3,
        at="2026-01-31T12:00:00.000Z",
    )
    fields = {"status": "NEEDS_ATTENTION", "status_reason": REASON, "parked": parked}
    return a_matched_order(order_id=order_id, **fields | changes)


def woken(step_functions: StepFunctions) -> list[str]:
    """The ids of orders whose token was answered by an operator."""
    outputs = [json.loads(params["output"]) for _, params in step_functions.acts()]
    assert all(output["resumedBy"] == "operator" for output in outputs)
    return [output["orderId"] for output in outputs]


def test_a_parked_order_is_resumed(
    orders: Orders,
    operated: Deployment,
    store: OrderStore,
    step_functions: StepFunctions,
    audited: Audited,
) -> None:
    order = stored(store, a_parked_order())

    result = orders("resume", "--order", order.order_id)

    assert (result.exit_code, result.stderr) == (0, "")
    assert "resumed          1" in result.stdout
    assert woken(step_functions) == [order.order_id]
    assert store.get(order.order_id).parked is None
    assert audited() == [("resume", order.order_id, REASON)]
    assert "token of" not in json.dumps(boto3.client("logs").filter_log_events(
        logGroupName=AUDIT_LOG_GROUP
    )["events"])  # fmt: skip


def test_all_orders_of_a_provider_are_resumed_despite_one_failure(
    orders: Orders, operated: Deployment, store: OrderStore, step_functions: StepFunctions
) -> None:
    urgent, spent, broken = (
        stored(store, a_parked_order()).order_id,
        stored(
            store, a_parked_order(status="PAYMENT_DELAYED", created_at="2026-01-01T00:00:00Z")
        ).order_id,
        stored(
            store, a_parked_order(status="PAYMENT_DELAYED", created_at="2026-01-02T00:00:00Z")
        ).order_id,
    )
    stored(store, a_parked_order("bedrock"))
    step_functions.refused_tokens = {
        f"token of {spent}": "TaskTimedOut",
        f"token of {broken}": "ThrottlingException",
    }

    result = orders("resume", "--all", "--json")

    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert [(each["orderId"], each["outcome"]) for each in answer["results"]] == [
        (urgent, "resumed"),
        (spent, "spent"),
        (broken, "failed"),
    ]
    assert answer["summary"] == {"resumed": 1, "spent": 1, "not-parked": 0, "failed": 1}


def test_the_provider_can_be_chosen(
    orders: Orders, operated: Deployment, store: OrderStore, step_functions: StepFunctions
) -> None:
    stored(store, a_parked_order())
    other = stored(store, a_parked_order("bedrock"))

    orders("resume", "--all", "--provider", "bedrock")

    assert woken(step_functions) == [other.order_id]


def test_an_open_breaker_causes_a_warning_and_the_order_is_resumed(
    orders: Orders,
    operated: Deployment,
    store: OrderStore,
    step_functions: StepFunctions,
    breakers_table: Table,
) -> None:
    breakers_table.put_item(Item={"provider": "paystack", "mode": "FORCED_OPEN"})
    order = stored(store, a_parked_order())

    result = orders("resume", "--all")

    assert "The breaker of paystack is open" in result.stderr
    assert "will be parked again" in result.stderr
    assert woken(step_functions) == [order.order_id]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("FAILED", "it is FAILED: `orders replay --order"),
        ("PAYMENT_COMPLETED", "it is PAYMENT_COMPLETED, not parked"),
    ],
)
def test_an_order_that_is_not_parked_is_skipped(
    orders: Orders,
    operated: Deployment,
    store: OrderStore,
    step_functions: StepFunctions,
    audited: Audited,
    status: str,
    message: str,
) -> None:
    order = stored(store, an_order(status=status))

    result = orders("resume", "--order", order.order_id)

    assert result.exit_code == 0
    assert message in result.stderr
    assert "not-parked       1" in result.stdout
    assert woken(step_functions) == []
    assert audited() == []


def test_an_order_that_failed_or_was_resumed_meanwhile_has_a_note(
    orders: Orders, operated: Deployment, store: OrderStore, step_functions: StepFunctions
) -> None:
    order = stored(store, a_parked_order())
    step_functions.refused_tokens = {f"token of {order.order_id}": "TaskTimedOut"}

    result = orders("resume", "--order", order.order_id)

    assert result.exit_code == 0
    assert f"`orders show {order.order_id}` says where it stands" in result.stderr


def test_a_message_is_shown_when_no_order_is_parked(orders: Orders, operated: Deployment) -> None:
    result = orders("resume", "--all")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No order is parked.\n"


@pytest.mark.parametrize("arguments", [[], ["--all", "--order", "o"], ["--provider", "paystack"]])
def test_exactly_one_way_to_select_orders_is_required(orders: Orders, arguments: list[str]) -> None:
    result = orders("resume", *arguments)

    assert result.exit_code == 2
    assert "Say which orders" in result.stderr


def test_an_unknown_order_is_not_found(orders: Orders, operated: Deployment) -> None:
    assert orders("resume", "--order", "nope").exit_code == 4


def test_nothing_is_resumed_that_cannot_be_audited(
    orders: Orders, operated: Deployment, store: OrderStore, step_functions: StepFunctions
) -> None:
    stored(store, a_parked_order())
    boto3.client("logs").delete_log_group(logGroupName=AUDIT_LOG_GROUP)

    result = orders("resume", "--all")

    assert result.exit_code == 3
    assert woken(step_functions) == []
