"""Orders through the API, up to their link and their payment."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from orderflow.orders.lines import MatchedBy
from scripts.cli.orders.api import GET_ORDER, SUBMIT
from tests.support.shop import Shop
from tests.support.waiting import wait_for

LIST = "2 cups milk, 1 loaf bread, 3 eggs"


def test_a_list_becomes_a_payment_link_in_ten_transitions(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)

    assert len(order.lines) == 3
    assert order.unmatched == []
    assert order.total_kobo == sum(line.packs * line.unit_price_kobo for line in order.lines) > 0
    assert [change.status for change in order.history] == [
        "PENDING_MATCHING",
        "MATCHED",
        "PAYMENT_INITIATED",
    ]
    assert shop.progress(order).transitions_to_link <= 10
    transaction = shop.transactions()[f"{order.order_id}-1"]
    assert transaction["amount"] == order.total_kobo
    assert transaction["currency"] == "NGN"


def test_the_customer_sees_the_order_with_prices_from_the_catalog(shop: Shop) -> None:
    placed = shop.awaiting_payment(LIST)

    seen = shop.customer.order(placed.order_id)

    assert seen["status"] == "PAYMENT_INITIATED"
    assert seen["paymentLink"] == placed.payment_link
    catalog = shop.deployment.catalog.get_products(line["productId"] for line in seen["lines"])
    for line in seen["lines"]:
        assert line["unitPriceKobo"] == catalog[line["productId"]].price_kobo
        assert line["lineTotalKobo"] == line["packs"] * line["unitPriceKobo"]


def test_the_link_is_emailed_once_as_text_and_html(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)

    (email,) = shop.emails(order.order_id)

    sent = json.dumps(email)
    assert order.customer_email in sent
    assert order.payment_link is not None
    assert sent.count(order.payment_link) >= 2


def test_paying_at_the_checkout_completes_the_order(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)

    shop.pay(order)

    run = shop.finished(order)
    paid = shop.orders.get(order.order_id)
    assert (run.status, paid.status) == ("SUCCEEDED", "PAYMENT_COMPLETED")
    assert paid.payment is not None
    assert paid.payment.amount_kobo == paid.total_kobo
    assert [change.status for change in paid.history][-2:] == [
        "PAYMENT_INITIATED",
        "PAYMENT_COMPLETED",
    ]


def test_the_models_choice_is_remembered_for_the_next_order(shop: Shop) -> None:
    first = shop.awaiting_payment("4 tins of evaporatd milk drink")
    asked_before = shop.calls("bedrock")

    second = shop.awaiting_payment("2 tins of evaporatd milk drink")

    assert first.lines[0].matched_by is MatchedBy.MODEL
    assert second.lines[0].matched_by is MatchedBy.ALIAS
    assert second.lines[0].product_id == first.lines[0].product_id
    assert shop.calls("bedrock") == asked_before


def test_a_list_without_a_sold_item_is_rejected(shop: Shop) -> None:
    order = shop.place("3 zeppelins, 1 quxfrobnicator", "REJECTED")

    assert order.status_reason == "Nothing on the list is in our catalog."
    assert len(order.unmatched) == 2
    assert shop.finished(order).status == "SUCCEEDED"
    assert f"{order.order_id}-1" not in shop.transactions()


def test_matched_lines_are_ordered_when_one_line_is_unmatched(shop: Shop) -> None:
    order = shop.awaiting_payment("1 loaf bread, 3 zeppelins")

    assert len(order.lines) == 1
    assert [line.text for line in order.unmatched] == ["3 zeppelins"]


def test_one_idempotency_key_gives_one_order_and_one_execution(shop: Shop) -> None:
    before = shop.executions()
    with ThreadPoolExecutor(5) as pool:
        answers = list(
            pool.map(
                lambda _: shop.customer.submit("1 loaf bread", idempotencyKey="monday-1"), range(5)
            )
        )

    later = shop.customer.submit("1 loaf bread", idempotencyKey="monday-1")

    ids = {answer["orderId"] for answer in [*answers, later]}
    assert len(ids) == 1
    assert {answer["executionArn"] for answer in answers} == {later["executionArn"]}
    assert shop.executions() - before == ids


def test_an_idempotency_key_cannot_be_reused_for_another_list(shop: Shop) -> None:
    order_id = shop.customer.submit("1 loaf bread", idempotencyKey="tuesday-1")["orderId"]
    shop.reach(order_id, "PAYMENT_INITIATED")

    content = {
        "customerEmail": shop.customer.email,
        "groceryList": "3 eggs",
        "idempotencyKey": "tuesday-1",
    }
    refusal = shop.customer.refusal(SUBMIT, {"input": content})

    assert refusal["errorType"] == "IdempotencyKeyReused"


def test_the_same_key_of_two_customers_gives_two_orders(shop: Shop) -> None:
    mine = shop.customer.submit("1 loaf bread", idempotencyKey="wednesday-1")
    theirs = shop.new_customer().submit("1 loaf bread", idempotencyKey="wednesday-1")

    assert mine["orderId"] != theirs["orderId"]


def test_an_order_is_invisible_to_other_customers(shop: Shop) -> None:
    order_id = shop.customer.submit(LIST)["orderId"]
    shop.reach(order_id, "PAYMENT_INITIATED")

    refusal = shop.new_customer().refusal(GET_ORDER, {"orderId": order_id})

    assert (refusal["errorType"], refusal["message"]) == (
        "OrderNotFound",
        "You have no such order.",
    )


@pytest.mark.parametrize(
    ("grocery_list", "message"),
    [
        ("", "The list is empty."),
        (" \n\t ", "The list is empty."),
        ("\x00\x01\x1b", "The list is empty."),
        ("???!!!", "could not find any item"),
        ("x" * 5001, "The list has 5,001 characters; at most 5,000 are allowed."),
        ("1 loaf bread\n" * 300, "more than 100 items"),
    ],
    ids=["empty", "blank", "control", "symbols", "5001-characters", "300-lines"],
)
def test_a_malformed_list_is_refused_with_a_message_and_starts_nothing(
    shop: Shop, grocery_list: str, message: str
) -> None:
    before = shop.executions()

    content = {"customerEmail": shop.customer.email, "groceryList": grocery_list}
    refusal = shop.customer.refusal(SUBMIT, {"input": content})

    assert refusal["errorType"] == "InvalidOrder"
    assert message in refusal["message"]
    assert "Traceback" not in json.dumps(refusal)
    assert shop.executions() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"customerEmail": "not-an-address"},
        {"customerEmail": 12},
        {"idempotencyKey": "with spaces"},
        {"idempotencyKey": "x" * 65},
        {"groceryList": 12},
        {"customerName": "x" * 101},
        {"surprise": "field"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_malformed_fields_are_refused(shop: Shop, changes: dict[str, object]) -> None:
    before = shop.executions()

    content = {"customerEmail": shop.customer.email, "groceryList": "3 eggs", **changes}
    refusal = shop.customer.refusal(SUBMIT, {"input": content})

    assert next(iter(changes)) in refusal["message"]
    assert shop.executions() == before


def test_control_characters_are_stripped(shop: Shop) -> None:
    order = shop.place("3 eg\x00gs\x1b", "PAYMENT_INITIATED")

    assert order.grocery_list == "3 eggs"


@pytest.mark.parametrize("token", [None, "", "x.y.z", "Bearer nonsense"])
def test_a_valid_token_is_required(shop: Shop, token: str | None) -> None:
    answer = shop.stranger(token).post(GET_ORDER, {"orderId": "any"})

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["errorType"] == "UnauthorizedException"


def test_executions_may_be_started_directly_and_bad_lists_are_rejected(shop: Shop) -> None:
    """An execution that is started directly bypasses the API's validation, not the workflow's."""
    order_id = "started-by-hand"
    shop.sfn.start_execution(
        stateMachineArn=shop.state.outputs["StateMachineArn"],
        name=order_id,
        input=json.dumps(
            {
                "orderId": order_id,
                "customerId": "operator",
                "customerEmail": "operator@example.com",
                "groceryList": "???",
            }
        ),
    )

    order = shop.reach(order_id, "REJECTED")

    assert "could not find any item" in str(order.status_reason)
    wait_for(lambda: shop.progress(order).status, lambda status: status == "SUCCEEDED")
