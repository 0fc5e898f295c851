"""Five incidents, as an operator meets them: with the console alone.

From the page one can say what is wrong, since when, how many orders and customers it affects, how
much money, and what to do; one does it there, and sees the end.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from orderflow.money import naira
from orderflow.orders.model import Order
from orderflow.orders.status import PARKED, OrderStatus
from tests.incidents.conftest import Picture
from tests.support.operator_page import OperatorPage
from tests.support.shop import Customer, Shop
from tests.support.waiting import wait_for

CLOCK = r"\d\d:\d\d"
PATIENCE_SECONDS = 180

#: An expression that fails for every order, and its error.
BROKEN = "{% $number('broken') %}"
ERROR = "States.QueryEvaluationError"

#: Not an exact name of any product, so the model has to choose.
UNCLEAR = "2 packs of spagetti"
#: No name is like enough: without the model it waits.
VAGUE = "1 tin of fishy stuff"


@pytest.fixture(scope="session")
def customers(shop: Shop) -> list[Customer]:
    """Two customers."""
    return [shop.new_customer() for _ in range(2)]


def placed(shop: Shop, customers: list[Customer], *lists: str) -> list[str]:
    """The ids of orders that the customers take turns to place."""
    return [customers[number % len(customers)].insist(text) for number, text in enumerate(lists)]


def reached(shop: Shop, order_ids: list[str], *statuses: OrderStatus) -> list[Order]:
    """The orders, once each has one of the statuses."""
    for order_id in order_ids:
        wait_for(partial(shop._status, order_id), statuses.__contains__, PATIENCE_SECONDS)
    return [shop.orders.get(order_id) for order_id in order_ids]


def figure(card: Locator, name: str) -> Locator:
    """The value that stands beside a name on a card."""
    return card.locator("dt", has_text=re.compile(rf"^{name}$")).locator("+ dd")


def says(card: Locator, orders: list[Order], what_to_do: str) -> None:
    """The card says since when, how many orders and customers, how much money, and what to do."""
    expect(figure(card, "Since")).to_have_text(re.compile(rf"^{CLOCK} \("))
    expect(figure(card, "Orders")).to_have_text(str(len(orders)))
    expect(figure(card, "Customers")).to_have_text(str(len({each.customer_id for each in orders})))
    money = sum(order.total_kobo for order in orders)
    if money:
        expect(figure(card, "Money")).to_have_text(naira(money))
    expect(figure(card, "What to do")).to_contain_text(what_to_do)


def ends(operator: OperatorPage, what: str | re.Pattern[str]) -> None:
    """The problem leaves the page, which renews itself."""
    expect(operator.problem(what)).to_have_count(0, timeout=PATIENCE_SECONDS * 1000)


def test_paystack_is_out(
    operator: OperatorPage, shop: Shop, customers: list[Customer], picture: Picture
) -> None:
    shop.set_fault("paystack", mode="outage")
    lists = ("1 loaf bread", "3 eggs", "2 loaf bread", "6 eggs", "5 kg rice")
    orders = reached(shop, placed(shop, customers, *lists), *PARKED)
    operator.arrive()

    card = operator.problem("PayStack is out")
    says(card, orders, "nothing: orders survive it")
    money = re.escape(naira(sum(order.total_kobo for order in orders)))
    expect(operator.headline).to_have_text(
        re.compile(
            rf"^PayStack is out since {CLOCK}; 5 orders, {money} waiting; "
            r"they go on by themselves; next probe .+\.$"
        )
    )
    expect(
        operator.page.get_by_role("img", name=re.compile("PayStack: .*open from"))
    ).to_be_visible()
    picture("paystack-out")

    shop.clear_faults()
    ends(operator, "PayStack is out")
    reached(shop, [order.order_id for order in orders], OrderStatus.PAYMENT_INITIATED)
    ends(operator, "PayStack is back")
    # Where the breaker has opened twice, its alarm outlasts the outage.
    expect(operator.headline).to_contain_text(
        re.compile("All is well|PayStack was out, and is back since")
    )
    picture("paystack-over")


def test_bedrock_is_out(
    operator: OperatorPage, shop: Shop, customers: list[Customer], picture: Picture
) -> None:
    shop.set_fault("bedrock", mode="outage")
    by_name = placed(shop, customers, UNCLEAR)
    waiting = reached(shop, placed(shop, customers, VAGUE), *PARKED)
    reached(shop, by_name, OrderStatus.PAYMENT_INITIATED)
    operator.arrive()

    card = operator.problem("Bedrock is out")
    says(card, waiting, "nothing: orders survive it")
    expect(operator.headline).to_contain_text(
        re.compile(rf"Bedrock is out since {CLOCK}; 1 order waiting; lists are matched by name")
    )
    picture("bedrock-out")

    shop.clear_faults()
    ends(operator, "Bedrock is out")
    ends(operator, "Bedrock is back")


def test_email_is_suspended(
    operator: OperatorPage, shop: Shop, customers: list[Customer], picture: Picture
) -> None:
    ses = shop.deployment.client("sesv2")
    before = len(unsent(shop))
    ses.put_account_sending_attributes(SendingEnabled=False)
    try:
        orders = [
            shop.awaiting(order_id) for order_id in placed(shop, customers, "3 eggs", "5 kg rice")
        ]
        operator.arrive()

        card = operator.problem("E-mail is refused by Amazon SES")
        says(card, unsent(shop), "SES console")
        assert len(unsent(shop)) == before + len(orders)
        expect(operator.headline).to_contain_text("without an e-mail; the app shows their links")
        picture("email-suspended")
    finally:
        ses.put_account_sending_attributes(SendingEnabled=True)

    (later,) = placed(shop, customers, "1 loaf bread")
    shop.awaiting(later)
    over = operator.problem(re.compile(rf"E-mail was refused from {CLOCK} to {CLOCK}"))
    expect(over).to_contain_text("nothing is left to do")
    ends(operator, "E-mail is refused by Amazon SES")


def unsent(shop: Shop) -> list[Order]:
    """The orders whose customers did not get their link by e-mail."""
    waiting = shop.orders.newest(OrderStatus.PAYMENT_INITIATED, 100)
    return [each for each in waiting if each.notified_reference != each.payment_reference]


def bad_deployment(shop: Shop) -> AbstractContextManager[None]:
    """For this block the workflow has a state whose expression is broken."""

    def spoil(definition: dict[str, Any]) -> None:
        definition["States"]["CreatePaymentLink"]["Arguments"]["Payload"]["orderId"] = BROKEN

    return shop.redefined(spoil)


def test_a_bad_deployment(
    operator: OperatorPage, shop: Shop, customers: list[Customer], picture: Picture
) -> None:
    page, what = operator.page, re.compile("Orders fail in CreatePaymentLink")
    with bad_deployment(shop):
        ids = placed(shop, customers, "3 eggs", "1 loaf bread", "5 kg rice")
        orders = reached(shop, ids, OrderStatus.FAILED)
    operator.arrive()

    card = operator.problem(what)
    says(card, orders, "fix and deploy, then replay")
    expect(operator.headline).to_contain_text(re.compile(rf"last deployment was at {CLOCK}"))
    picture("bad-deployment")

    # Where, and why: the execution, lit, with the error.
    page.get_by_role("link", name=f"Order {ids[0][:8]}").click()
    page.get_by_role("link", name="Run 1").click()
    expect(page.get_by_role("img", name=re.compile("CreatePaymentLink failed"))).to_be_visible()
    expect(page.get_by_role("region", name="Visit", exact=True)).to_contain_text(ERROR)
    picture("bad-deployment-execution")

    # The definition is mended: replay, with the plan first.
    operator.arrive()
    done = operator.act(card.get_by_role("button", name="Replay 3 orders"), "rolled back")
    expect(done).to_have_text("3 restarted.")
    picture("bad-deployment-replayed")
    operator.close_dialog()
    reached(shop, ids, OrderStatus.PAYMENT_INITIATED)
    ends(operator, what)


def test_a_poison_message(operator: OperatorPage, shop: Shop, picture: Picture) -> None:
    queue = shop.state.outputs["ParkedOrdersQueueUrl"]
    dead = (
        shop.state.outputs.get("KeptLettersQueueUrl")
        or shop.state.outputs["ParkedOrdersDeadLettersQueueUrl"]
    )
    asked = shop.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])
    shop.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    try:
        shop.sqs.send_message(QueueUrl=queue, MessageBody="not a message of ours")
        operator.arrive()
        card = operator.problem("1 message could not be handled")
        expect(card).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    finally:
        shop.sqs.set_queue_attributes(QueueUrl=queue, Attributes=asked["Attributes"])
    expect(figure(card, "Since")).to_have_text(re.compile(rf"^{CLOCK} \("))
    expect(figure(card, "What happens")).to_contain_text("they name no order")
    expect(figure(card, "What to do")).to_contain_text("Mend the cause")
    expect(figure(card, "Runbook")).to_contain_text("poison-messages.md")
    picture("poison-message")

    (message,) = shop.sqs.receive_message(QueueUrl=dead)["Messages"]
    shop.sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
    ends(operator, "1 message could not be handled")
