"""Money that goes back: refunds by operators and by staff, and disputes, from end to end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from orderflow.clock import iso
from orderflow.orders.model import Order
from scripts.cli.main import app
from tests.support.following import Following
from tests.support.pager import Pager
from tests.support.runbooks import PageCommand
from tests.support.shop import Shop
from tests.support.waiting import wait_for

LIST = "1 loaf bread"
REFUND_STATE = "query($orderId: ID!) { getOrder(orderId: $orderId) { refundState version } }"


@pytest.fixture
def pager(shop: Shop) -> Iterator[Pager]:
    with Pager(shop) as pager:
        yield pager


def orders(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def create_refund(order: Order, *options: str) -> Result:
    return orders(
        "refunds", "create", order.order_id, "--reference", str(order.payment_reference),
        "--reason", "The order had ended.", *options,
    )  # fmt: skip


def listed() -> dict[str, dict[str, Any]]:
    """The refunds that are due, by their references."""
    found = json.loads(orders("refunds", "list", "--json").stdout)
    return {each["reference"]: each for each in found}


def refund_state(shop: Shop, order: Order) -> str | None:
    """What the customer sees."""
    shown = shop.customer.ask(REFUND_STATE, {"orderId": order.order_id})["refundState"]
    return None if shown is None else str(shown)


def story(order: Order) -> set[tuple[str, str]]:
    """What the audit tells of an order: each act with its outcome; of a webhook, its result."""
    audited = json.loads(orders("audit", order.order_id, "--json").stdout)
    return {
        (each["reason"] if each["action"] == "webhook" else each["action"], each["outcome"])
        for each in audited
    }


def completed(shop: Shop) -> Order:
    order = shop.awaiting_payment(LIST)
    shop.pay(order)
    shop.finished(order)
    return shop.orders.get(order.order_id)


def paid_late(shop: Shop) -> Order:
    """An order that was cancelled, and paid after that."""
    order = shop.awaiting_payment(LIST)
    shop.cancel(order.order_id)
    shop.pay(order)  # PayStack's page still takes payments
    wait_for(lambda: shop.orders.get(order.order_id).due_refunds, bool)
    return shop.orders.get(order.order_id)


def test_a_late_payment_is_given_back_by_an_operator(shop: Shop) -> None:
    order = paid_late(shop)
    reference = str(order.payment_reference)
    assert reference in listed()
    assert refund_state(shop, order) == "BEING_GIVEN_BACK"

    planned = create_refund(order, "--dry-run", "--json")
    assert json.loads(planned.stdout)["amount"] == order.total_kobo
    assert shop.orders.get(order.order_id).refunds == []
    made = create_refund(order, "--yes")
    assert made.exit_code == 0, made.output
    again = create_refund(order, "--yes")
    assert (again.exit_code, "being given back" in again.stderr) == (2, True)
    assert len(shop.act(order, "announce")["refunds"]) == 1

    read_alerts = shop.alerts()
    shop.act(order, "end-refund", refundStatus="processed")

    closed = wait_for(lambda: shop.orders.get(order.order_id), lambda seen: not seen.due_refunds)
    (refund,) = closed.refunds
    assert (refund.status, refund.amount) == ("processed", order.total_kobo)
    assert refund.by
    assert refund.reason == "The order had ended."
    assert any("refund is processed" in each for each in wait_for(read_alerts, bool))
    assert reference not in listed()
    assert refund_state(shop, order) == "GIVEN_BACK"
    # Of an operator's act the line is written before it.
    acts = {
        ("became CANCELLED", "succeeded"),
        ("refund-due", "succeeded"),
        ("refund create", "started"),
        ("refund-recorded", "succeeded"),
    }
    wait_for(lambda: story(order), acts.issubset)


@pytest.mark.long
def test_a_refund_that_fails_is_due_again_and_is_made_again(shop: Shop) -> None:
    order = completed(shop)
    part = ("--amount", "1000", "--yes")
    assert create_refund(order, *part).exit_code == 0

    shop.act(order, "end-refund", refundStatus="failed")

    wait_for(lambda: shop.orders.get(order.order_id).due_refunds, bool)
    due = listed()[str(order.payment_reference)]
    assert (due["why"], due["outstanding"]) == ("refund-failed", 1000)
    assert create_refund(order, *part).exit_code == 0
    shop.act(order, "end-refund", refundStatus="processed")
    wait_for(lambda: shop.orders.get(order.order_id).due_refunds, lambda dues: not dues)
    refunds = shop.orders.get(order.order_id).refunds
    assert [str(each.status) for each in refunds] == ["failed", "processed"]


@pytest.mark.long
def test_the_page_of_refunds_helps_with_one_that_failed(shop: Shop, pager: Pager) -> None:
    failed, kept = completed(shop), completed(shop)
    for order in (failed, kept):
        assert create_refund(order, "--yes").exit_code == 0
        shop.act(order, "end-refund", refundStatus="failed")
    pager.wait_for("FailedRefunds")
    assert pager.begun("FailedRefunds") == 1
    for order in (failed, kept):
        wait_for(lambda: shop.orders.get(order.order_id).due_refunds, bool)  # noqa: B023

    def which(command: PageCommand) -> Order:
        return kept if " done " in command.line else failed

    with Following(
        "refunds.md",
        ORDER_ID=lambda command: which(command).order_id,
        REFERENCE=lambda command: str(which(command).payment_reference),
    ) as operator:
        operator.look()
        operator.act()
        shop.act(failed, "end-refund", refundStatus="processed")
        operator.verify(pager.hasten)

    assert str(kept.payment_reference) not in listed()
    pager.wait_for_end("FailedRefunds")


def test_a_refund_whose_answer_is_lost_is_made_once(shop: Shop) -> None:
    order = paid_late(shop)
    shop.set_fault("paystack", mode="lost", operations=["refund-creation"], times=1)

    lost = create_refund(order, "--yes")
    again = create_refund(order, "--yes")

    assert lost.exit_code == 3, lost.output
    assert (again.exit_code, "being given back" in again.stderr) == (2, True)
    (made,) = shop.act(order, "announce")["refunds"]
    assert [each.refund_id for each in shop.orders.get(order.order_id).refunds] == [made["id"]]


def test_a_refund_by_staff_in_the_dashboard_is_recorded(shop: Shop) -> None:
    order = completed(shop)
    read_alerts = shop.alerts()

    def recorded(status: str) -> Order:
        found: Order = wait_for(
            lambda: shop.orders.get(order.order_id),
            lambda seen: [str(each.status) for each in seen.refunds] == [status],
        )
        return found

    shop.act(order, "refund")
    recorded("pending")  # of two events at once PayStack may have to repeat one, after minutes
    shop.act(order, "end-refund", refundStatus="processed")
    after = recorded("processed")

    assert after.status == "PAYMENT_COMPLETED"
    assert after.refunds[0].by is None
    assert after.unconfirmed_payments == []
    assert not any("key" in each for each in wait_for(read_alerts, bool))
    assert refund_state(shop, order) == "GIVEN_BACK"


@pytest.mark.parametrize(
    ("answer", "state"), [("declined", None), ("merchant-accepted", "GIVEN_BACK")]
)
def test_a_dispute_keeps_its_deadline_and_no_refund_is_made_beside_it(
    shop: Shop, answer: str, state: str | None
) -> None:
    order = completed(shop)
    read_alerts = shop.alerts()

    disputed = orders("dispute", order.order_id, "--json")
    (dispute,) = wait_for(lambda: shop.orders.get(order.order_id).disputes, bool)

    (opened,) = json.loads(disputed.stdout)["disputes"]
    assert dispute.due_at is not None
    assert iso(dispute.due_at) == opened["dueAt"]
    assert any(opened["dueAt"] in each for each in wait_for(read_alerts, bool))
    found = json.loads(orders("list", "--disputes", "--json").stdout)
    assert order.order_id in [each["orderId"] for each in found["orders"]]
    refused = create_refund(order, "--yes")
    assert (refused.exit_code, "is disputed" in refused.stderr) == (2, True)
    assert shop.act(order, "remind")["refunds"] == []
    wait_for(lambda: shop.orders.get(order.order_id).disputes[0].reminded_at, bool)
    orders("dispute", order.order_id, "--resolve", answer)

    (resolved,) = wait_for(
        lambda: shop.orders.get(order.order_id).disputes, lambda seen: not seen[0].is_open
    )
    assert resolved.resolution == answer
    assert refund_state(shop, order) == state
    wait_for(lambda: story(order), lambda acts: ("dispute-recorded", "succeeded") in acts)
