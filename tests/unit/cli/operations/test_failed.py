"""``orders failed``: what is stuck, by its cause, with what helps."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderflow.clock import iso
from orderflow.orders.model import Failure, Order, Parked, StatusChange
from orderflow.orders.money_records import RefundDue, RefundReason
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from scripts.cli.operations.failed import groups_view
from scripts.inspection.stuck_orders import stuck_orders
from tests.support.factories import a_matched_order, an_order, stored
from tests.support.screen import rendered
from tests.support.step_functions import FakeRun, StepFunctions
from tests.unit.cli.conftest import Orders

NOW = datetime.now(UTC)
REASON = "Our payment provider is unavailable (its circuit breaker is open)."

pytestmark = pytest.mark.usefixtures("operated")


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def a_failed_order(at: datetime = NOW - timedelta(hours=2), **changes: Any) -> Order:
    fields = {"error": "Lambda.SdkClientException", "state": "MatchProducts", "count": 2}
    failure = Failure(execution_arn="arn", at=at, **fields | changes)
    history = [StatusChange(status=OrderStatus.FAILED, at=at, by="t")]
    return a_matched_order(status="FAILED", failure=failure, history=history)


def a_parked_order(
    status: OrderStatus = OrderStatus.PAYMENT_DELAYED, at: datetime = NOW - timedelta(hours=12)
) -> Order:
    parked = Parked(task_token="secret", provider="paystack", park_count=3, at=at)
    history = [StatusChange(status=status, at=at, by="t")]
    return a_matched_order(status=status, status_reason=REASON, parked=parked, history=history)


def test_an_outage_with_25_parked_orders_is_one_short_group(
    orders: Orders, store: OrderStore
) -> None:
    parked = [stored(store, a_parked_order()) for _ in range(25)]

    result = orders("failed")

    lines = result.stdout.splitlines()
    assert lines[0].rstrip() == "25 orders of 1 customer, ₦60,025.00, for 12h"
    assert lines[1].split() == ["waits", "for", "paystack"]
    assert f"25 x {REASON}" in result.stdout
    assert "orders resume --all --provider paystack" in result.stdout
    assert "docs/runbooks/parked-orders.md" in " ".join(result.stdout.split())
    assert len(lines) < 12
    assert "and 19 more (--orders)" in result.stdout
    assert sum(order.order_id[:8] in result.stdout for order in parked) == 6
    assert result.stderr == "Read 25 items.\n"


def test_figures_of_which_not_all_was_read_are_lower_bounds(
    orders: Orders, store: OrderStore
) -> None:
    for hours in (1, 2, 3):
        stored(store, a_parked_order(at=ago(hours=hours)))

    result = orders("failed", "--read", "2")

    lines = result.stdout.splitlines()
    assert re.fullmatch(
        r"2\+ orders of 1\+ customers, at least ₦4,802\.00, for at least \dh", lines[0].rstrip()
    )
    assert "2+ PAYMENT_DELAYED" in result.stdout
    assert f"2+ x {REASON}" in result.stdout
    assert "There is more: PAYMENT_DELAYED." in result.stderr
    assert "`--read 2000` reads more of each status." in result.stderr
    (group,) = json.loads(orders("failed", "--read", "2", "--json").stdout)["groups"]
    assert group["isComplete"] is False


def test_the_orders_of_each_group_are_listed_on_request(orders: Orders, store: OrderStore) -> None:
    failed = stored(store, a_failed_order())
    parked = stored(store, a_parked_order(OrderStatus.NEEDS_ATTENTION))
    fine = stored(store, an_order())

    shown = orders("failed", "--orders").stdout

    lines = [line.split() for line in shown.splitlines()]
    assert [failed.order_id, "FAILED", "2h", "2"] in lines
    assert [parked.order_id, "NEEDS_ATTENTION", "12h", "3"] in lines
    assert fine.order_id not in shown
    assert shown.index(failed.order_id) < shown.index(parked.order_id)


def test_groups_as_json_have_their_orders_and_no_task_token(
    orders: Orders, store: OrderStore
) -> None:
    order = stored(store, a_parked_order())

    result = orders("failed", "--json")

    content = json.loads(result.stdout)
    assert content["read"] == {"items": 1, "unread": []}
    (group,) = content["groups"]
    assert group.pop("orders") == [
        {
            "orderId": order.order_id,
            "customerId": order.customer_id,
            "status": "PAYMENT_DELAYED",
            "since": order.parked and iso(order.parked.at),
            "attempts": 3,
            "totalKobo": order.total_kobo,
            "reason": REASON,
            "executionArn": order.execution_arn,
        }
    ]
    assert group == {
        "kind": "parked",
        "cause": "waits for paystack",
        "error": None,
        "provider": "paystack",
        "count": 1,
        "customers": 1,
        "totalKobo": order.total_kobo,
        "unpriced": 0,
        "since": order.parked and iso(order.parked.at),
        "isComplete": True,
        "statuses": {"PAYMENT_DELAYED": 1},
        "advice": "the breaker is CLOSED and they are still there",
        "runbook": "parked-orders.md",
        "command": f"orders resume --order {order.order_id}",
    }
    assert "secret" not in result.stdout


def test_since_limits_the_view_to_recent_orders(orders: Orders, store: OrderStore) -> None:
    stored(store, a_failed_order(ago(hours=3)))
    recent = stored(store, a_failed_order(ago(minutes=30)))

    (group,) = json.loads(orders("failed", "--since", "1h", "--json").stdout)["groups"]

    assert [each["orderId"] for each in group["orders"]] == [recent.order_id]


def test_refunds_that_are_due_are_mentioned(orders: Orders, store: OrderStore) -> None:
    due = RefundDue(
        reference="r",
        amount=1,
        currency="NGN",
        reason=RefundReason.ORDER_ENDED,
        at=NOW,
        paid_at=NOW,
    )
    order = stored(store, an_order())
    store.record_refunds(order, [due])

    assert "Refunds are due: see `orders refunds list`." in orders("failed").stderr


def test_a_message_is_shown_when_no_order_is_stuck(orders: Orders, store: OrderStore) -> None:
    result = orders("failed")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "No order failed, and none is parked." in result.stderr
    assert json.loads(orders("failed", "--json").stdout)["groups"] == []


@pytest.mark.parametrize("width", [80, 120])
def test_ids_and_commands_are_not_truncated(
    width: int, operated: Deployment, store: OrderStore
) -> None:
    for order in (a_failed_order(), a_parked_order(OrderStatus.NEEDS_ATTENTION)):
        stored(store, order)

    groups = stuck_orders(store, operated.breakers, NOW).groups
    shown = rendered(groups_view(groups, NOW, orders=5), width)

    for group in groups:
        assert group.orders[0].order.order_id in shown
        assert (group.advice.command or "") in shown
        assert group.cause.text in shown
    assert max(map(len, shown.splitlines())) <= width


def test_an_execution_that_failed_before_its_order_was_written_is_named(
    orders: Orders, step_functions: StepFunctions
) -> None:
    step_functions.add(FakeRun("lost"))

    result = orders("failed")

    assert "No order failed" not in result.stderr
    assert "(1): lost." in result.stderr
    assert "orders replay --order ORDER_ID" in result.stderr
    assert json.loads(orders("failed", "--json").stdout)["unrecorded"] == ["lost"]


def test_a_restart_that_runs_is_no_failure_though_its_order_is_not_written_yet(
    orders: Orders, step_functions: StepFunctions
) -> None:
    step_functions.add(FakeRun("lost"))
    step_functions.add(FakeRun("lost.2", status="RUNNING"))

    assert json.loads(orders("failed", "--json").stdout)["unrecorded"] == []


@pytest.mark.parametrize(
    ("changes", "unrecorded"),
    [
        ({"status": OrderStatus.PENDING_MATCHING}, True),
        ({"status": OrderStatus.FAILED}, False),
        ({"status": OrderStatus.PAYMENT_COMPLETED}, False),
        ({"status": OrderStatus.PENDING_MATCHING, "execution_arn": FakeRun("o.2").arn}, False),
    ],
    ids=["not written", "written", "ended otherwise", "gone on in another execution"],
)
def test_a_failure_is_unrecorded_until_its_order_says_so(
    orders: Orders,
    store: OrderStore,
    step_functions: StepFunctions,
    changes: dict[str, Any],
    unrecorded: bool,
) -> None:
    stored(store, an_order(order_id="o", **{"execution_arn": FakeRun("o").arn, **changes}))
    step_functions.add(FakeRun("o"))

    assert json.loads(orders("failed", "--json").stdout)["unrecorded"] == ["o"] * unrecorded


def test_failures_of_long_ago_are_the_reconcilers(
    orders: Orders, step_functions: StepFunctions
) -> None:
    step_functions.add(FakeRun("lost", stopped=timedelta(hours=2)))
    assert json.loads(orders("failed", "--json").stdout)["unrecorded"] == []
