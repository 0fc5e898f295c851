"""Each security alarm, provoked, ends with a message in the mailbox of operations."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from orderflow.clock import epoch_ms
from tests.support.shop import Shop
from tests.support.waiting import wait_for

FORGED = {"event": "charge.success", "data": {"reference": "an-order-1"}}
ORDER = "query ($id: ID!) { getOrder(orderId: $id) { orderId } }"


class Mailbox:
    """The alarms that operations are told of from now on."""

    def __init__(self, shop: Shop) -> None:
        self._read = shop.alerts()
        self._rung: set[str] = set()

    def names(self) -> set[str]:
        for message in self._read():
            if message.startswith('{"AlarmName"'):
                alarm = json.loads(message)
                assert alarm["NewStateValue"] == "ALARM"
                assert "security-alarms.md" in alarm["AlarmDescription"]
                self._rung.add(alarm["Trigger"]["MetricName"])
        return self._rung

    def wait_for(self, metric: str) -> None:
        wait_for(self.names, lambda rung: metric in rung)


@pytest.fixture
def mailbox(shop: Shop) -> Mailbox:
    """All alarms are off when a test begins: one that is on does not ring again."""
    cloudwatch = shop.deployment.client("cloudwatch")
    for page in cloudwatch.get_paginator("describe_alarms").paginate():
        for alarm in page["MetricAlarms"]:
            cloudwatch.set_alarm_state(
                AlarmName=alarm["AlarmName"], StateValue="OK", StateReason="A test begins."
            )
    return Mailbox(shop)


def test_refused_tokens_ring(shop: Shop, mailbox: Mailbox) -> None:
    stranger = shop.stranger("not.a.token")

    for _ in range(50):
        assert stranger.post(ORDER, {"id": "an-order"}).status_code == 401

    mailbox.wait_for("4XXError")


def test_forged_webhooks_ring(shop: Shop, mailbox: Mailbox) -> None:
    for _ in range(5):
        assert shop.deliver(FORGED, "0" * 128).status_code == 401

    mailbox.wait_for("WebhooksForged")


def test_a_payment_that_paystack_denies_rings(shop: Shop, mailbox: Mailbox) -> None:
    order = shop.awaiting_payment("1 loaf bread")

    # Signed with our key, and never paid.
    assert shop.deliver(shop.charge(order)).json() == {"result": "recorded"}

    mailbox.wait_for("PaymentsDenied")
    assert shop.orders.get(order.order_id).payment is None


def test_a_customer_who_asks_for_many_orders_of_others_rings(shop: Shop, mailbox: Mailbox) -> None:
    customer = shop.new_customer()

    for _ in range(20):
        customer.refusal(ORDER, {"id": str(uuid.uuid4())})
    assert "CustomersProbing" not in mailbox.names()
    customer.refusal(ORDER, {"id": str(uuid.uuid4())})

    mailbox.wait_for("CustomersProbing")


def test_an_audit_line_that_is_lost_rings(shop: Shop, mailbox: Mailbox) -> None:
    put_line(shop, json.dumps({"message": "audit", "audit": {"version": 99}}))

    mailbox.wait_for("AuditLinesLost")


@pytest.mark.parametrize("metric", ["BlockedRequests"])
def test_blocked_requests_ring_where_a_web_acl_is_deployed(
    shop: Shop, mailbox: Mailbox, metric: str
) -> None:
    cloudwatch = shop.deployment.client("cloudwatch")
    watching = [
        alarm
        for page in cloudwatch.get_paginator("describe_alarms").paginate()
        for alarm in page["MetricAlarms"]
        if alarm.get("MetricName") == metric
    ]
    if not watching:
        pytest.skip("no web ACL is deployed")
    alarm = watching[0]
    cloudwatch.put_metric_data(
        Namespace=alarm["Namespace"],
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": alarm["Dimensions"],
                "Value": alarm["Threshold"] + 1,
            }
        ],
    )

    wait_for(lambda: state_of(cloudwatch, alarm["AlarmName"]), lambda state: state == "ALARM")


def state_of(cloudwatch: Any, name: str) -> str:
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def put_line(shop: Shop, message: str) -> None:
    """A line in a function's log."""
    logs = shop.deployment.client("logs")
    group = f"{shop.state.outputs['LogGroupPrefix']}api"
    stream = f"test-{uuid.uuid4().hex}"
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": epoch_ms(), "message": message}],
    )
