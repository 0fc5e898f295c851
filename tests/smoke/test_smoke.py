"""A deployed stage works from sign-in to payment: the pipeline runs this after each deployment.

In sequence, in less than five minutes. Stages with a live PayStack account create no link.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scripts.auth import Challenge, Step
from scripts.cli.deployment import Deployment
from scripts.health import Verdict, health
from tests.smoke.checkout import pay
from tests.smoke.customer import PATIENCE, SmokeCustomer
from tests.support.attempts.requests import MINE
from tests.support.http import http
from tests.support.shop import GET_ORDER, Customer
from tests.support.waiting import wait_for

LIST = "1 loaf bread, 3 eggs"
#: Names that no catalog has, so that the order is rejected before a link is created.
NOTHING_FOR_SALE = "1 zzyzxqwv"
UNKNOWN = "00000000-0000-4000-8000-000000000000"

pays = pytest.mark.usefixtures("_pays")


def test_the_stage_answers_and_refuses_strangers(deployment: Deployment) -> None:
    stranger = Customer(deployment.graphql_url, None, "stranger@example.com")
    assert stranger.refusal(GET_ORDER, {"orderId": UNKNOWN})["errorType"] == "UnauthorizedException"

    url = deployment.output("WebhookUrl")
    webhook = deployment.urls.local_function_url(url) if deployment.urls else url
    # 401 without PayStack's signature; 403 where only PayStack's addresses may call.
    assert http.post(webhook, json={"event": "charge.success"}).status_code in {401, 403}

    machine = deployment.client("stepfunctions").describe_state_machine(
        stateMachineArn=deployment.output("StateMachineArn")
    )
    assert machine["status"] == "ACTIVE"


def test_new_orders_run_the_release_that_was_deployed(deployment: Deployment) -> None:
    """Incidents page elsewhere, and the canary has its own pace: neither is the deployment's."""
    found = health(deployment, datetime.now(UTC))

    for name in ("API", "Workflow", "Version"):
        check = found.of(name)
        assert check.verdict is Verdict.OK, check.text


def test_a_customer_signs_in_with_a_second_factor(customer: SmokeCustomer) -> None:
    found = customer.begin()
    assert isinstance(found, Challenge)
    assert found.step is Step.CODE
    assert customer.api.sub


def test_a_customer_sees_their_orders_and_no_others(customer: SmokeCustomer) -> None:
    assert customer.api.ask(MINE, {"limit": 1})["items"] is not None
    refusal = customer.api.refusal(GET_ORDER, {"orderId": UNKNOWN})
    assert refusal["errorType"] == "OrderNotFound"


def test_a_list_of_nothing_for_sale_is_rejected_and_the_app_hears_it(
    customer: SmokeCustomer,
) -> None:
    with customer.follow() as app:
        order_id = customer.place(NOTHING_FOR_SALE)
        app.until(order_id, "REJECTED")

    assert customer.until(order_id, "REJECTED")["paymentLink"] is None


@pays
def test_an_order_is_paid_and_the_app_hears_it(
    customer: SmokeCustomer, deployment: Deployment
) -> None:
    with customer.follow() as app:
        order_id = customer.place(LIST)
        app.until(order_id, "PAYMENT_INITIATED")
        order = customer.until(order_id, "PAYMENT_INITIATED")
        pay(str(order["paymentLink"]), is_local=deployment.urls is not None)
        app.until(order_id, "PAYMENT_COMPLETED")

    assert customer.until(order_id, "PAYMENT_COMPLETED")["totalKobo"]


@pays
def test_an_order_with_a_link_is_cancelled(customer: SmokeCustomer) -> None:
    order_id = customer.place(LIST)
    customer.until(order_id, "PAYMENT_INITIATED")

    customer.cancel(order_id)

    order = wait_for(
        lambda: customer.api.order(order_id), lambda seen: seen["status"] == "CANCELLED", PATIENCE
    )
    assert order["paymentLink"] is None
