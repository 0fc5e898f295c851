"""Runbooks of alarms that no other test provokes: it rings, the page's commands help, it ends.

Beside these: poison messages (test_alarms), the canary (test_canary), refunds (test_refunds),
denied payments and blocked requests (test_security_alarms). tests/unit/docs/test_runbooks.py finds
a page that no test follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from orderflow.breakers.settings import BreakerPolicy
from orderflow.clock import epoch_ms
from orderflow.orders.model import Order
from scripts.cli import main
from scripts.releases.record import Release
from tests.support.following import Following
from tests.support.pager import Pager, period_of
from tests.support.runbooks import PageCommand
from tests.support.shop import Customer, Shop
from tests.support.waiting import wait_for

pytestmark = pytest.mark.long

LIST = "1 loaf bread"
PAYSTACK = "paystack"
PATIENCE_SECONDS = 300
#: The alarm of parked orders begins with so many.
MANY = 10
#: The alarm of open breakers looks at so many runs of the reconciler, five minutes apart.
RUNS = 6


@pytest.fixture
def pager(shop: Shop) -> Iterator[Pager]:
    with Pager(shop) as pager:
        yield pager


@pytest.fixture
def customer(shop: Shop) -> Customer:
    """One who has sent no list yet, and may send ten."""
    return shop.new_customer()


def parked(shop: Shop, customer: Customer) -> Order:
    return shop.reach(customer.insist(LIST), "PAYMENT_DELAYED")


@contextmanager
def bad_deployment(shop: Shop) -> Iterator[None]:
    """For this block new orders fail with a KeyError, while their links are made."""

    def spoil(definition: dict[str, Any]) -> None:
        del definition["States"]["CreatePaymentLink"]["Arguments"]["Payload"]["retryCount"]

    with shop.redefined(spoil):
        yield


@contextmanager
def bad_release(shop: Shop) -> Iterator[None]:
    """A bad deployment, recorded as a release as each deployment is."""
    ssm, name = shop.deployment.client("ssm"), shop.state.outputs["ReleaseParameter"]
    good = Release.current(ssm, name)

    def record(release: Release) -> None:
        value = release.model_dump_json(by_alias=True)
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    with bad_deployment(shop):
        alias = shop.sfn.describe_state_machine_alias(
            stateMachineAliasArn=shop.state.outputs["LiveStateMachineArn"]
        )
        (route,) = alias["routingConfiguration"]
        version = route["stateMachineVersionArn"]
        record(good.model_copy(update={"name": "a bad release", "machine_version": version}))
        try:
            yield
        finally:
            record(good)


def failed(shop: Shop, customer: Customer) -> Order:
    return shop.reach(customer.insist(LIST), "FAILED")


def test_failed_executions(shop: Shop, pager: Pager, customer: Customer) -> None:
    with bad_deployment(shop):
        first, *_ = [failed(shop, customer) for _ in range(2)]
    pager.wait_for("OrdersFail")
    assert pager.begun("OrdersFail") == 1

    with Following("failed-executions.md", ORDER_ID=first.order_id, ERROR="KeyError") as operator:
        operator.look()
        operator.act()
        operator.verify(pager.hasten)

    pager.wait_for_end("OrdersFail")


def test_a_release_that_fails_is_rolled_back(shop: Shop, pager: Pager, customer: Customer) -> None:
    with (
        bad_release(shop),
        Following("roll-back.md", ERROR="KeyError") as operator,
    ):
        # A slow machine takes longer to look than the minute that it rings for.
        with period_of(shop, "release-executions-failed", 3600):
            order = failed(shop, customer)
            wait_for(
                lambda: shop.alarm_state("release-executions-failed"),
                lambda state: state == "ALARM",
                PATIENCE_SECONDS,
            )
            operator.look()
        operator.act()
        # It pages nobody by itself: the executions that fail do.
        pager.wait_for("OrdersFail")
        operator.verify(pager.hasten)
        shop.reach(order.order_id, "PAYMENT_INITIATED")


def test_a_provider_that_is_out(shop: Shop, pager: Pager, customer: Customer) -> None:
    shop.set_fault(PAYSTACK, mode="outage")
    parked(shop, customer)

    def probed() -> int:
        """Each order that comes after a cooldown is a probe, and fails."""
        due = shop.breaker(PAYSTACK).next_probe_at
        if due is not None and due <= epoch_ms():
            parked(shop, customer)
        return pager.begun("ProviderOut")

    wait_for(probed, bool, PATIENCE_SECONDS)
    assert pager.begun("ProviderOut") == 1

    with Following("provider-outage.md", PROVIDER=PAYSTACK) as operator:
        operator.look()
        shop.clear_faults()
        operator.act()
        operator.verify(pager.hasten)

    pager.wait_for_end("ProviderOut")


def test_parked_orders(shop: Shop, pager: Pager, customer: Customer) -> None:
    shop.set_fault(PAYSTACK, mode="outage")
    first, second, *_ = [parked(shop, customer) for _ in range(MANY)]
    shop.reconcile()
    pager.wait_for("OrdersParked", "ProviderOut")
    assert pager.begun("ProviderOut") == 1

    def which(command: PageCommand) -> str:
        return (second if " cancel " in command.line else first).order_id

    with Following("parked-orders.md", ORDER_ID=which, PROVIDER=PAYSTACK) as operator:
        operator.look()
        operator.act()
        shop.clear_faults()
        shop.close_breaker(PAYSTACK)  # as a successful probe does
        operator.verify(pager.hasten)

    pager.wait_for_end("ProviderOut")


def test_a_stuck_breaker(shop: Shop, pager: Pager, customer: Customer) -> None:
    shop.set_fault(PAYSTACK, mode="outage")
    parked(shop, customer)
    found_open_earlier(shop)
    shop.reconcile()
    pager.wait_for("BreakersOpen", "ProviderOut")
    assert pager.begun("ProviderOut") == 1

    try:
        with Following("stuck-breaker.md", PROVIDER=PAYSTACK) as operator:
            operator.look()
            shop.clear_faults()
            operator.act()
            operator.verify(pager.hasten)
    finally:
        shop.set_policy(PAYSTACK, **BreakerPolicy().model_dump(by_alias=True))

    pager.wait_for_end("ProviderOut")


def found_open_earlier(shop: Shop) -> None:
    """The runs of the last half an hour found a breaker open: no test waits for them."""
    now = datetime.now(UTC)
    shop.deployment.client("cloudwatch").put_metric_data(
        Namespace="GroceryOrders",
        MetricData=[
            {
                "MetricName": "BreakersOpen",
                "Dimensions": [{"Name": "service", "Value": "reconcile_orders"}],
                "Timestamp": now - timedelta(minutes=5 * run),
                "Value": 1,
            }
            for run in range(RUNS - 1, 0, -1)
        ],
    )


def test_a_degraded_service(shop: Shop, pager: Pager) -> None:
    """A function fails at each call; the calls come from here, so that nothing is lost."""
    functions = shop.deployment.client("lambda")
    for _ in range(10):
        answer = functions.invoke(
            FunctionName="grocery-local-publish-order-updates:live",
            Payload='{"Records": "none of a stream"}',
        )
        assert answer["FunctionError"]
    pager.wait_for("PublishOrderUpdatesErrors", "ServiceDegraded")
    assert "PublishOrderUpdatesErrors" in pager.rung()

    with Following("service-degraded.md", PROVIDER=PAYSTACK) as operator:
        operator.look()
        operator.act()
        operator.verify(pager.hasten)

    pager.wait_for_end("ServiceDegraded")


def test_a_test_page(shop: Shop, pager: Pager) -> None:
    sent = CliRunner().invoke(main.app, ["alerts", "test", "--reason", "Does it arrive?"])
    assert sent.exit_code == 0
    pager.wait_for("TestPage")
    assert pager.begun("TestPage") == 1

    with Following("test-page.md") as operator:
        operator.look()
        operator.act()
        operator.verify(pager.hasten)

    pager.wait_for_end("TestPage")
