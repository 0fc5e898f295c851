"""``orders refunds``: due refunds are listed and settled."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from orderflow.clock import iso, utc_now
from orderflow.orders.model import Order
from orderflow.orders.money_records import (
    Dispute,
    Refund,
    RefundDue,
    RefundReason,
    RefundStatus,
)
from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from scripts.cli.money.refund_creation import whole_reference
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
    assert command.replace("done", "create") in result.stdout
    assert foreign.order_id in result.stdout
    assert "GHS 2,401.00" in result.stdout


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
            "outstanding": 240_100,
            "refunds": [],
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
    orders: Orders, operated: Deployment, store: OrderStore
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


def with_refund(store: OrderStore, order: Order, status: str, amount: int = 100_000) -> Order:
    refund = Refund(
        reference=str(order.payment_reference),
        refund_id=3_018_284,
        amount=amount,
        currency="NGN",
        status=RefundStatus(status),
        by="kemi",
        reason="The order had ended.",
        at=utc_now(),
        updated_at=utc_now(),
        check_at=utc_now() if status == "pending" else None,
    )
    return store.record_reversals(order, order.model_copy(update={"refunds": [refund]}))


def with_dispute(store: OrderStore, due_at: str) -> Order:
    order = stored(store, an_order(status="PAYMENT_COMPLETED"))
    dispute = Dispute(
        dispute_id=358_950,
        reference=str(order.payment_reference),
        amount=240_100,
        currency="NGN",
        status="awaiting-merchant-feedback",
        due_at=due_at,
        opened_at=utc_now(),
        changed_at=utc_now(),
        check_at=utc_now(),
    )
    return store.record_reversals(order, order.model_copy(update={"disputes": [dispute]}))


def test_what_is_left_and_what_is_under_way_is_listed(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    with_refund(store, flagged(store), "processed")
    with_refund(store, flagged(store), "pending")

    shown = orders("refunds", "list").stdout

    assert "\u20a61,401.00" in shown, "a part is left"
    assert "refund of ₦1,000.00: pending" in shown
    assert shown.count("orders refunds create") == 1, "the other one is under way"


def test_orders_are_listed_by_their_refunds_and_disputes(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    stored(store, an_order())
    due = flagged(store)
    under_way = with_refund(store, stored(store, an_order()), "pending")
    later = with_dispute(store, "2026-02-03T12:00:00.000Z")
    sooner = with_dispute(store, "2026-02-02T12:00:00.000Z")

    def listed(*options: str) -> list[str]:
        found = json.loads(orders("list", *options, "--json").stdout)
        return [each["orderId"] for each in found["orders"]]

    assert {*listed("--refunds")} == {due.order_id, under_way.order_id}
    assert listed("--disputes") == [sooner.order_id, later.order_id]
    assert listed("--disputes", "--limit", "1") == [sooner.order_id]
    assert listed("--refunds", "--disputes") == []
    assert listed("--refunds", "--status", "CANCELLED") == [due.order_id]
    assert "2026-02-02T12:00:00.000Z" in orders("list", "--disputes").stdout


def test_show_has_refunds_and_disputes(
    orders: Orders, operated: Deployment, store: OrderStore
) -> None:
    refunded = with_refund(store, flagged(store), "pending")
    disputed = with_dispute(store, "2026-02-02T12:00:00.000Z")

    shown = orders("show", refunded.order_id).stdout
    assert "3018284, ₦1,000.00, pending" in shown
    assert "by kemi: The order had ended." in shown
    assert "358950, ₦2,401.00" in orders("show", disputed.order_id).stdout
    as_json = json.loads(orders("show", disputed.order_id, "--json").stdout)
    assert as_json["disputes"][0]["dueAt"] == "2026-02-02T12:00:00.000Z"


ORDER = "6cfc66f5-0000-4000-8000-000000000000"


@pytest.mark.parametrize("text", ["6cfc66f5-1", f"{ORDER}-1"])
def test_a_reference_may_begin_with_an_abbreviated_id(text: str) -> None:
    assert whole_reference(ORDER, text) == f"{ORDER}-1"


@pytest.mark.parametrize("text", ["7777-1", "-1", "T123", ""])
def test_another_reference_stays_as_it_is(text: str) -> None:
    assert whole_reference(ORDER, text) == text
