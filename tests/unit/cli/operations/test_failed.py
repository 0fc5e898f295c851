"""``orders failed``: stuck orders with reason and remedy."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderflow.clock import iso
from orderflow.orders.model import CancelRequest, Failure, Order, Parked
from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from scripts.cli.operations.failed import StuckOrder, stuck_orders_table
from tests.support.factories import a_matched_order, a_payment, an_order, stored
from tests.support.screen import rendered
from tests.unit.cli.conftest import Orders

NOW = datetime.now(UTC)
REASON = "Our payment provider is unavailable (its circuit breaker is open)."


def ago(**span: float) -> str:
    return iso(NOW - timedelta(**span))


def a_failed_order(at: str = ago(hours=2), **changes: Any) -> Order:
    fields = {"error": "Lambda.SdkClientException", "state": "MatchProducts", "count": 2}
    failure = Failure(execution_arn="arn", at=at, **fields | changes)
    return a_matched_order(status="FAILED", failure=failure, status_reason="Something went wrong.")


def a_parked_order(status: str = "PAYMENT_DELAYED", at: str = ago(hours=12, minutes=5)) -> Order:
    parked = Parked(task_token="secret", provider="paystack", park_count=3, at=at)
    return a_matched_order(status=status, status_reason=REASON, parked=parked)


def test_stuck_orders_are_listed_with_reason_and_remedy(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    failed = stored(store, a_failed_order())
    parked = stored(store, a_parked_order("NEEDS_ATTENTION"))
    fine = stored(store, an_order())

    result = orders("failed")

    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[1] == [failed.order_id, "FAILED", "2h", "2"]
    assert lines[2] == ["MatchProducts:", "Lambda.SdkClientException"]
    assert lines[3] == ["orders", "replay", "--order", failed.order_id]
    assert lines[4] == [parked.order_id, "NEEDS_ATTENTION", "12h", "3"]
    assert lines[6] == ["orders", "resume", "--order", parked.order_id]
    assert REASON in result.stdout
    assert fine.order_id not in result.stdout


def test_stuck_orders_as_json_have_no_task_token(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    order = stored(store, a_parked_order())

    result = orders("failed", "--json")

    assert json.loads(result.stdout) == [
        {
            "orderId": order.order_id,
            "status": "PAYMENT_DELAYED",
            "since": order.parked and iso(order.parked.at),
            "attempts": 3,
            "error": REASON,
            "provider": "paystack",
            "executionArn": order.execution_arn,
            "command": f"orders resume --order {order.order_id}",
        }
    ]


@pytest.mark.parametrize(
    ("order", "error", "command"),
    [
        (a_failed_order(state=None), "Lambda.SdkClientException", "replay --order"),
        (
            a_matched_order(status="FAILED", status_reason="An outage."),
            "An outage.",
            "replay --order",
        ),
        (a_matched_order(status="NEEDS_ATTENTION", status_reason=REASON), REASON, "show"),
    ],
    ids=["in no state", "of an unknown error", "woken"],
)
def test_an_order_without_details_is_shown(order: Order, error: str, command: str) -> None:
    trouble = StuckOrder.of(order)

    assert (trouble.error, trouble.command) == (error, f"orders {command} {order.order_id}")
    assert order.order_id in rendered(stuck_orders_table([trouble], NOW))


def test_an_order_parked_for_the_first_time_has_no_attempts() -> None:
    parked = Parked(task_token="t", provider="paystack", park_count=0, at=ago(hours=1, minutes=5))
    order = a_matched_order(status="PAYMENT_DELAYED", parked=parked)

    shown = rendered(stuck_orders_table([StuckOrder.of(order)], NOW))

    assert shown.splitlines()[1].split() == [order.order_id, "PAYMENT_DELAYED", "1h", "0"]


def test_orders_that_need_an_operator_come_first_then_the_newest(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    expected = [
        stored(store, order).order_id
        for order in (
            a_failed_order(ago(hours=1)),
            a_failed_order(ago(hours=2)),
            a_parked_order("NEEDS_ATTENTION", ago(hours=3)),
            a_parked_order("PAYMENT_DELAYED", ago(seconds=1)),
        )
    ]

    shown = json.loads(orders("failed", "--json").stdout)

    assert [each["orderId"] for each in shown] == expected


WISH = CancelRequest(at=ago(minutes=40), by="customer", reason="Changed my mind.")


@pytest.mark.parametrize(
    ("changes", "remark", "shown_age"),
    [
        ({"payment": a_payment()}, "Payment received, being confirmed.", "20m"),
        ({"cancel_requested": WISH}, "To be cancelled: PayStack is asked first.", "40m"),
    ],
)
def test_orders_that_paystack_leaves_undecided_are_listed_after_a_quarter_of_an_hour(
    orders: Orders,
    connected: Deployment,
    store: OrderStore,
    changes: dict[str, Any],
    remark: str,
    shown_age: str,
) -> None:
    undecided = stored(store, an_order(updated_at=ago(minutes=20), **changes))
    stored(store, an_order(updated_at=ago(minutes=14), **changes))
    stored(store, an_order(updated_at=ago(minutes=20)))
    failed = stored(store, a_failed_order())

    lines = [line.split() for line in orders("failed").stdout.splitlines()]
    found = json.loads(orders("failed", "--json").stdout)

    assert [each["orderId"] for each in found] == [failed.order_id, undecided.order_id]
    assert (found[1]["error"], found[1]["status"]) == (remark, "PAYMENT_INITIATED")
    assert lines[4:] == [
        [undecided.order_id, "PAYMENT_INITIATED", shown_age],
        remark.split(),
        ["orders", "show", undecided.order_id],
    ]


def test_since_limits_the_list_to_recent_orders(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    stored(store, a_failed_order(ago(hours=3)))
    recent = stored(store, a_failed_order(ago(minutes=30)))

    shown = json.loads(orders("failed", "--since", "1h", "--json").stdout)

    assert [each["orderId"] for each in shown] == [recent.order_id]


def test_orders_beyond_the_limit_are_counted(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    for _ in range(3):
        stored(store, a_failed_order())

    result = orders("failed", "--limit", "1")

    assert result.stdout.count("orders replay") == 1
    assert result.stderr == "... and 2 more: raise --limit to see them.\n"


def test_a_message_is_shown_when_no_order_is_stuck(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    result = orders("failed")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "No order failed, and none is parked." in result.stderr
    assert orders("failed", "--json").stdout == "[]\n"


def test_ids_and_commands_are_not_truncated_at_80_columns() -> None:
    troubles = [StuckOrder.of(a_failed_order()), StuckOrder.of(a_parked_order("NEEDS_ATTENTION"))]

    shown = rendered(stuck_orders_table(troubles, NOW))

    for trouble in troubles:
        assert trouble.order.order_id in shown
        assert trouble.command in shown
        assert (trouble.error or "") in shown
    assert max(map(len, shown.splitlines())) <= 80
