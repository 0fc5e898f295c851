"""The canary on the deployed stack: it misses and pages; with an account it passes.

One test: a run that passed keeps the alarm off for ten minutes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from scripts.cli import main
from tests.support.following import Following
from tests.support.pager import Pager
from tests.support.shop import Shop
from tests.support.waiting import wait_for


@pytest.fixture
def pager(shop: Shop) -> Iterator[Pager]:
    with Pager(shop) as pager:
        yield pager


def orders(*arguments: str) -> tuple[int, Any]:
    """A command's exit code, and its JSON."""
    result = CliRunner().invoke(main.app, [*arguments, "--json"], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


def canary_of(health: Any) -> dict[str, str]:
    found: dict[str, str] = next(each for each in health["checks"] if each["name"] == "Canary")
    return found


def forget_account(shop: Shop) -> None:
    """As a new stage has it: the secret holds a placeholder."""
    shop.deployment.client("secretsmanager").put_secret_value(
        SecretId=shop.state.outputs["CanarySecretName"], SecretString='{"password": "placeholder"}'
    )


def miss_earlier(shop: Shop) -> None:
    """A run before this one missed: no test waits for five minutes."""
    shop.deployment.client("cloudwatch").put_metric_data(
        Namespace="GroceryOrders",
        MetricData=[
            {
                "MetricName": "CanaryMissed",
                "Dimensions": [{"Name": "service", "Value": "run_canary"}],
                "Timestamp": datetime.now(UTC) - timedelta(minutes=6),
                "Value": 1,
            }
        ],
    )


def newest_of_canary(shop: Shop) -> Order:
    """No list has it."""
    items = shop.deployment.orders_table.scan(
        FilterExpression="synthetic = :yes",
        ExpressionAttributeValues={":yes": True},
        ConsistentRead=True,
    )["Items"]
    return max(map(Order.model_validate, items), key=lambda order: order.created_at)


def test_it_misses_and_rings_and_with_an_account_it_passes_and_counts_as_none(
    shop: Shop, pager: Pager
) -> None:
    forget_account(shop)
    miss_earlier(shop)
    shop.silence_alarms()

    # Without an account, as on a new stage.
    code, missed = orders("canary", "run")
    assert (code, missed["failedStep"]) == (1, "sign-in")
    with Following("canary.md") as operator:
        operator.look()
        wait_for(lambda: shop.alarm_state("CanaryMissed"), lambda state: state == "ALARM")
        # It pages, unless another alarm of the incident has paged and rings still.
        wait_for(lambda: shop.alarm_state("ServiceDegraded"), lambda state: state == "ALARM")
        _, health = orders("health")
        assert canary_of(health)["verdict"] == "failed"
        operator.act()
        counted = orders("list", "--count")
        operator.verify(pager.hasten)
    order = newest_of_canary(shop)
    assert (order.synthetic, order.status) == (True, OrderStatus.CANCELLED)
    # It got a link. Its cancellation may overtake the e-mail.
    assert order.payment_reference
    # Lists and counts hold no order more than before.
    assert orders("list", "--count") == counted
    assert order.order_id not in {each["orderId"] for each in orders("list")[1]["orders"]}
    wait_for(lambda: shop.alarm_state("CanaryMissed"), lambda state: state == "OK")
    _, health = orders("health")
    assert canary_of(health)["verdict"] == "ok"
    assert next(each for each in health["checks"] if each["name"] == "API")["verdict"] == "ok"
