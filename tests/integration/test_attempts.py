"""The table of attempts through the deployed stack, and one customer's flood."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from scripts.cli.orders.api import SUBMIT
from scripts.log_groups import events
from tests.support.attempts.attempt import Risk, problems
from tests.support.attempts.deployed_scene import DeployedScene, deployed_scene
from tests.support.attempts.table import attempts
from tests.support.shop import Shop

pytestmark = pytest.mark.long

ATTEMPTS = attempts()
#: Without snapshots each starts a process, and a hundred at once take longer than the API waits.
CLIENTS = 12 if os.environ.get("ORDERS_LOCAL_SNAPSHOTS") == "off" else 100
LEFT = 5
#: A web ACL, where the stage has one, may refuse a request before the API reads it.
BY_A_WEB_ACL = frozenset({"403"})


@pytest.fixture(scope="module")
def scene(shop: Shop) -> DeployedScene:
    return deployed_scene(shop)


@pytest.mark.parametrize("risk", Risk, ids=lambda risk: risk.split()[0])
def test_every_attempt_on_the_deployed_stack_is_refused(scene: DeployedScene, risk: Risk) -> None:
    secrets = (
        str(scene.shop.orders.get(scene.facts.order).payment_link),
        scene.facts.webhook_key,
        "Traceback",
        "site-packages",
    )

    of_risk = [each for each in ATTEMPTS if each.risk is risk]

    assert problems(scene, of_risk, secrets, BY_A_WEB_ACL) == []


def test_a_hundred_clients_of_one_customer_get_no_more_orders_than_are_left(shop: Shop) -> None:
    """Each client sends its list at the same time as the others, with a key of its own."""
    customer = shop.new_customer()
    shop.leave(customer, LEFT)
    before = shop.executions()
    since = datetime.now(UTC)

    def send(number: int) -> dict[str, Any]:
        content = {"groceryList": "3 zeppelins", "idempotencyKey": f"client-{number}"}
        answer: dict[str, Any] = customer.post(SUBMIT, {"input": content}).json()
        return answer

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(send, range(CLIENTS)))

    accepted = [
        each["data"]["submitGroceryList"]["orderId"] for each in answers if "errors" not in each
    ]
    refused = {each["errors"][0]["errorType"] for each in answers if "errors" in each}
    # Busy: the emulator runs fewer functions at once than there are clients. It may also answer
    # too late for the API where each function starts as a fresh process.
    unanswered = {"ServiceUnavailableException"}
    assert "TooManyOrders" in refused
    assert refused <= {"TooManyOrders", "Busy"} | unanswered
    started = shop.executions() - before
    assert len({*accepted}) == len(accepted)
    assert {*accepted} <= started
    # An outage of DynamoDB admits a list uncounted; an emulator that answers late is one.
    uncounted = len(admitted_uncounted(shop, since))
    assert len(started) <= LEFT + uncounted
    if not uncounted and not refused & unanswered:
        assert {*accepted} == started
        assert len(started) == LEFT


def admitted_uncounted(shop: Shop, since: datetime) -> list[dict[str, Any]]:
    """The API's log lines of lists that the limit could not be asked about."""
    group = f"{shop.state.outputs['LogGroupPrefix']}api"
    return list(events(shop.deployment.client("logs"), group, since, term="submission not limited"))
