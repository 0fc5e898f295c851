"""Each security alarm, provoked, ends with a message in the mailbox of operations."""

from __future__ import annotations

import json
import uuid

import pytest

from orderflow.clock import epoch_ms
from tests.support.loopback import client_at
from tests.support.shop import Shop
from tests.support.waiting import wait_for

FORGED = {"event": "charge.success", "data": {"reference": "an-order-1"}}
#: The runbooks of alarms with another one than the most.
RUNBOOKS = {"BlockedRequests": "waf.md"}
#: Steps of sign-ins of one address in five minutes.
SIGN_IN_LIMIT = 500
ORDER = "query ($id: ID!) { getOrder(orderId: $id) { orderId } }"


class Mailbox:
    """The alarms that operations are told of from now on."""

    def __init__(self, shop: Shop) -> None:
        self._read = shop.alerts()
        self._rung: set[str] = set()
        self._descriptions: set[str] = set()

    def names(self) -> set[str]:
        for message in self._read():
            if message.startswith('{"AlarmName"'):
                alarm = json.loads(message)
                assert alarm["NewStateValue"] == "ALARM"
                metric, description = alarm["Trigger"]["MetricName"], alarm["AlarmDescription"]
                assert RUNBOOKS.get(metric, "security-alarms.md") in description
                self._rung.add(metric)
                self._descriptions.add(description)
        return self._rung

    def descriptions(self) -> set[str]:
        self.names()
        return self._descriptions

    def wait_for(self, metric: str) -> None:
        wait_for(self.names, lambda rung: metric in rung)

    def wait_for_blocking(self, rule: str, acl: str) -> None:
        expected = f"The rule {rule} of the web ACL grocery-local-{acl} blocks requests."
        wait_for(self.descriptions, lambda read: any(expected in each for each in read))


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

    # tests/unit/api/test_access_refusals.py says how many it takes: here others may have rung.
    for _ in range(21):
        customer.refusal(ORDER, {"id": str(uuid.uuid4())})

    mailbox.wait_for("CustomersProbing")


def test_an_audit_line_that_is_lost_rings(shop: Shop, mailbox: Mailbox) -> None:
    put_line(shop, json.dumps({"message": "audit", "audit": {"version": 99}}))

    mailbox.wait_for("AuditLinesLost")


def test_blocked_requests_to_the_api_ring(shop: Shop, mailbox: Mailbox) -> None:
    attacker = client_at("127.0.0.80")

    # A batch of operations, which AppSync has none of.
    statuses = {attacker.post(shop.state.urls.graphql, json=[]).status_code for _ in range(10)}

    assert statuses == {403}
    mailbox.wait_for_blocking("ArrayBody", "api")


def test_passwords_tried_faster_than_the_rate_ring(shop: Shop, mailbox: Mailbox) -> None:
    attacker = client_at("127.0.0.81")
    attempt = {
        "ClientId": shop.state.outputs["UserPoolClientId"],
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "no.user@example.com", "PASSWORD": "Wrong-horse-10"},
    }
    target = {"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"}

    statuses = [
        attacker.post(
            shop.state.urls.cognito, content=json.dumps(attempt), headers=target
        ).status_code
        for _ in range(SIGN_IN_LIMIT + 10)
    ]

    assert statuses == [400] * SIGN_IN_LIMIT + [403] * 10
    # Other addresses sign in all the while.
    assert shop.new_customer().ask("{ myOrders { items { orderId } } }", {}) == {"items": []}
    mailbox.wait_for_blocking("SignInRate", "sign-in")


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
