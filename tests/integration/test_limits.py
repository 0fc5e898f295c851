"""How many orders one customer may start, and where their e-mails go, through the API."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scripts.cli.orders.api import SUBMIT
from tests.integration.test_command_line import orders
from tests.support.shop import Customer, Shop

LIST = "1 loaf bread"
#: Nothing of it is sold, so that an order of it ends soon.
UNSOLD = "3 zeppelins"


@pytest.fixture(scope="module")
def ada(shop: Shop) -> Customer:
    return shop.new_customer()


@pytest.fixture
def nothing_left(shop: Shop) -> Iterator[Customer]:
    """The demo customer, who has sent as many lists as the limit allows."""
    with shop.nothing_left(shop.customer):
        yield shop.customer


def submit(customer: Customer, **fields: Any) -> dict[str, Any]:
    """The answer to a submission."""
    content = {"groceryList": UNSOLD, **fields}
    answer: dict[str, Any] = customer.post(SUBMIT, {"input": content}).json()
    return answer


def error_of(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["data"] is None
    (error,) = answer["errors"]
    return dict(error)


def test_a_customer_gets_as_many_orders_as_are_left_and_then_the_time_to_wait(shop: Shop) -> None:
    customer = shop.new_customer()
    shop.leave(customer, 3)
    before = shop.executions()

    answers = [submit(customer) for _ in range(4)]

    accepted = {answer["data"]["submitGroceryList"]["orderId"] for answer in answers[:3]}
    refusal = error_of(answers[3])
    assert refusal["errorType"] == "TooManyOrders"
    assert refusal["path"] == ["submitGroceryList"]
    seconds = refusal["errorInfo"]["retryAfterSeconds"]
    assert 0 < seconds <= shop.submission_limit.refill_seconds
    assert "Please try again in" in refusal["message"]
    assert shop.executions() - before == accepted
    assert len(accepted) == 3


def test_of_many_lists_at_once_no_more_are_accepted_than_are_left(shop: Shop) -> None:
    customer = shop.new_customer()
    shop.leave(customer, 3)
    before = shop.executions()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: submit(customer), range(12)))

    accepted = [answer for answer in answers if "errors" not in answer]
    assert len(accepted) == 3
    assert {error_of(each)["errorType"] for each in answers if each not in accepted} == {
        "TooManyOrders"
    }
    assert len(shop.executions() - before) == 3


def test_the_repeat_of_an_accepted_list_is_neither_counted_nor_refused(shop: Shop) -> None:
    customer = shop.new_customer()
    shop.leave(customer, 1)
    key = uuid.uuid4().hex

    first = submit(customer, idempotencyKey=key)
    at_once = submit(customer, idempotencyKey=key)
    refused = submit(customer, idempotencyKey=uuid.uuid4().hex)
    order_id = first["data"]["submitGroceryList"]["orderId"]
    shop.reach(order_id, "REJECTED")
    later = submit(customer, idempotencyKey=key)

    assert error_of(refused)["errorType"] == "TooManyOrders"
    assert at_once["data"]["submitGroceryList"]["orderId"] == order_id
    assert later["data"]["submitGroceryList"] == {
        **first["data"]["submitGroceryList"],
        "status": "REJECTED",
    }


def test_the_limit_of_one_customer_is_not_anothers(shop: Shop, nothing_left: Customer) -> None:
    assert error_of(submit(nothing_left))["errorType"] == "TooManyOrders"

    assert "errors" not in submit(shop.new_customer())


def test_the_command_line_shows_how_long_to_wait(nothing_left: Customer) -> None:
    done: subprocess.CompletedProcess[str] = orders("submit", LIST, code=3)

    assert "TooManyOrders: You have sent many lists in a short time." in done.stderr
    assert "try again in 30 minutes" in " ".join(done.stderr.split())


def test_the_command_line_shows_that_an_address_is_refused() -> None:
    done = orders("submit", LIST, "--email", "stranger@example.com", code=2)

    assert "EmailNotVerified: customerEmail: We send e-mails to the verified address" in (
        " ".join(done.stderr.split())
    )


def test_a_strangers_address_is_refused_and_gets_no_e_mail(shop: Shop, ada: Customer) -> None:
    before = shop.executions()
    stranger = f"{uuid.uuid4().hex}@example.com"

    refusal = error_of(submit(ada, customerEmail=stranger))

    assert refusal["errorType"] == "EmailNotVerified"
    assert shop.executions() == before
    assert stranger not in json.dumps(shop.all_emails())


@pytest.mark.parametrize("token", ["id", "access"])
@pytest.mark.parametrize("address", ["left out", "given", "in capitals"])
def test_the_link_goes_to_the_verified_address_of_the_account(
    shop: Shop, ada: Customer, token: str, address: str
) -> None:
    caller = ada if token == "id" else ada.with_access_token()
    given = {"left out": None, "given": ada.email, "in capitals": ada.email.upper()}[address]

    answer = submit(caller, customerEmail=given)

    order = shop.reach(answer["data"]["submitGroceryList"]["orderId"], "REJECTED")
    assert (order.customer_id, order.customer_email) == (ada.sub, ada.email)


@pytest.mark.parametrize("token", ["id", "access"])
def test_an_account_without_a_verified_address_sends_no_list_until_it_has_one(
    shop: Shop, token: str
) -> None:
    newcomer = shop.new_customer(is_verified=False)
    caller = newcomer if token == "id" else newcomer.with_access_token()

    refusals = [
        error_of(submit(caller, **given)) for given in ({}, {"customerEmail": newcomer.email})
    ]
    shop.verify_email(newcomer)

    assert {refusal["errorType"] for refusal in refusals} == {"EmailNotVerified"}
    assert "errors" not in submit(caller)


def test_operations_staff_have_the_same_limit_and_their_own_address(shop: Shop) -> None:
    operator = shop.new_customer("ops")
    shop.leave(operator, 1)

    assert error_of(submit(operator, customerEmail=shop.customer.email))["errorType"] == (
        "EmailNotVerified"
    )
    assert "errors" not in submit(operator)
    assert error_of(submit(operator))["errorType"] == "TooManyOrders"
