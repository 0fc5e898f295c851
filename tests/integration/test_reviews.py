"""A customer reviews an order, changes it, confirms it and pays; others skip the review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from orderflow.orders.model import Order
from scripts.cli.orders.execution import read_progress
from scripts.cli.security.stories import order_story
from tests.support.shop import Customer, Shop
from tests.support.waiting import wait_for

LIST = "2 loaves bread, 3 eggs"
FIELDS = "orderId status version totalKobo lines { name packs lineTotalKobo matchedBy }"
CONFIRM = """
mutation Confirm($orderId: ID!, $version: Int!) {
  confirmOrder(orderId: $orderId, version: $version) { status }
}"""
PRODUCTS = """
query Find($text: String!) { products(text: $text) { items { productId unitPriceKobo } } }"""


def edit(customer: Customer, field: str, order: dict[str, Any], **fields: Any) -> dict[str, Any]:
    kind = f"{field[0].upper()}{field[1:]}Input"
    query = f"mutation Edit($input: {kind}!) {{ {field}(input: $input) {{ {FIELDS} }} }}"
    given = {"orderId": order["orderId"], "version": order["version"], **fields}
    return customer.ask(query, {"input": given})


def states(shop: Shop, order: Order) -> list[str]:
    assert order.execution_arn is not None
    progress = read_progress(shop.sfn, order.execution_arn)
    assert progress is not None
    return [visit.name for visit in progress.visits]


def test_an_order_is_reviewed_changed_confirmed_and_paid(shop: Shop) -> None:
    customer = shop.new_customer()
    accepted = customer.submit(LIST, review=True)
    in_review = shop.reach(accepted["orderId"], "AWAITING_REVIEW")
    assert in_review.payment_link is None

    seen = {"orderId": in_review.order_id, "version": in_review.version}
    fewer = edit(customer, "updateOrderLine", seen, line=0, packs=1)
    left = edit(customer, "removeOrderLine", fewer, line=1)
    (milk, *_) = customer.ask(PRODUCTS, {"text": "milk"})["items"]
    more = edit(customer, "addOrderLine", left, productId=milk["productId"], packs=2)
    late = customer.refusal(CONFIRM, {"orderId": seen["orderId"], "version": left["version"]})
    customer.ask(CONFIRM, {"orderId": seen["orderId"], "version": more["version"]})

    order = shop.reach(in_review.order_id, "PAYMENT_INITIATED")
    assert late["errorType"] == "OrderChanged"
    assert order.total_kobo == more["totalKobo"]
    assert more["totalKobo"] == fewer["lines"][0]["lineTotalKobo"] + 2 * milk["unitPriceKobo"]
    shop.pay(order)
    paid = shop.reach(order.order_id, "PAYMENT_COMPLETED")
    assert paid.payment is not None
    assert paid.payment.amount_kobo == more["totalKobo"]
    assert len(states(shop, paid)) == 11

    acts = {
        "Mutation.updateOrderLine",
        "Mutation.removeOrderLine",
        "Mutation.addOrderLine",
        "Mutation.confirmOrder",
        "order.record_edit",
        "order.confirm_review",
    }
    since = datetime.now(UTC) - timedelta(hours=1)
    wait_for(
        lambda: {each.action for each in order_story(shop.deployment, order.order_id, since)},
        lambda told: told >= acts,
    )


def test_without_a_review_an_order_makes_8_transitions_to_its_link_and_10_until_it_is_paid(
    shop: Shop,
) -> None:
    order = shop.awaiting_payment("2 loaves bread")
    assert len(states(shop, order)) == 8

    shop.pay(order)

    paid = shop.reach(order.order_id, "PAYMENT_COMPLETED")
    wait_for(lambda: states(shop, paid), lambda seen: seen[-1] == "CompleteOrder")
    assert len(states(shop, paid)) == 10


def test_an_order_in_review_is_cancelled_at_once(shop: Shop) -> None:
    order_id = shop.new_customer().submit(LIST, review=True)["orderId"]
    shop.reach(order_id, "AWAITING_REVIEW")

    shop.cancel(order_id)

    assert shop.orders.get(order_id).status == "CANCELLED"
