"""``orders refunds``: due refunds are listed and settled."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from orderflow.clock import iso, utc_now
from orderflow.orders.model import Order
from orderflow.orders.money_records import RefundDue, RefundReason
from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from tests.support.factories import a_payment, an_order, stored
from tests.unit.cli.conftest import Audited, Orders


def flagged(
    store: OrderStore, reason: RefundReason = RefundReason.ORDER_ENDED, **changes: object
) -> Order:
    order = stored(store, an_order(status="CANCELLED"))
    refund = RefundDue.model_validate(
        {
            "reference": f"{order.order_id}-1",
            "amount": 240_100,
            "currency": "NGN",
            "why": reason,
            "at": iso(datetime.now(UTC) - timedelta(hours=2, minutes=1)),
            "paid_at": "2026-01-31T12:00:00.000Z",
            **changes,
        }
    )
    return store.record_refunds(order, [refund])


def test_refunds_are_listed_with_reason_and_command(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    order = flagged(store)
    foreign = flagged(store, RefundReason.DIFFERS, currency="GHS")

    result = orders("refunds", "list")

    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert [order.order_id, "CANCELLED", "₦2,401.00", "2h"] in [line.split() for line in lines]
    assert "the order had ended" in result.stdout
    command = f"orders refunds done {order.order_id} --reference {order.payment_reference}"
    assert command in result.stdout
    assert foreign.order_id in result.stdout
    assert "240100 GHS" in result.stdout


def test_refunds_as_json(orders: Orders, connected: Deployment, store: OrderStore) -> None:
    order = flagged(store)

    assert json.loads(orders("refunds", "list", "--json").stdout) == [
        {
            "orderId": order.order_id,
            "status": "CANCELLED",
            "reference": order.payment_reference,
            "amount": 240_100,
            "currency": "NGN",
            "why": "order-ended",
            "at": iso(order.refunds_due[0].at),
            "paidAt": "2026-01-31T12:00:00.000Z",
            "customerToldAt": None,
        }
    ]


def test_a_message_is_shown_when_no_refund_is_due(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    assert orders("refunds", "list").stderr == "No refund is due.\n"


@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_a_settled_refund_leaves_the_list_and_is_audited(
    orders: Orders,
    operated: Deployment,
    store: OrderStore,
    audited: Audited,
    json_option: list[str],
) -> None:
    order = flagged(store)
    reference = str(order.payment_reference)

    result = orders(
        "refunds", "done", order.order_id, "--reference", reference, "--reason", "Refunded.",
        *json_option,
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    assert reference in result.stdout
    assert orders("refunds", "list", "--json").stdout == "[]\n"
    assert audited() == [("refund done", order.order_id, "Refunded.")]


def test_an_unknown_refund_is_refused(
    orders: Orders, operated: Deployment, store: OrderStore
) -> None:
    order = flagged(store)

    result = orders("refunds", "done", order.order_id, "--reference", "x-1", "--reason", "Why not.")

    assert result.exit_code == 2
    assert "no refund of x-1 due" in result.stderr


def test_orders_failed_mentions_due_refunds(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    flagged(store)

    assert "orders refunds list" in orders("failed").stderr


def test_show_has_refunds_declines_and_unconfirmed_payments(
    orders: Orders, operated: Deployment, store: OrderStore
) -> None:
    order = flagged(store)
    declined = stored(
        store,
        an_order(declined={"reference": "r", "reason": "Insufficient Funds", "at": utc_now()}),
    )
    reported = stored(store, an_order(payment=a_payment()))

    assert f"{order.payment_reference} since" in orders("show", order.order_id).stdout
    assert "Insufficient Funds" in orders("show", declined.order_id).stdout
    assert "not confirmed by PayStack yet" in orders("show", reported.order_id).stdout
