"""Each security alarm, provoked, ends with a message in the mailbox of operations."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from orderflow.clock import epoch_ms
from orderflow.payments.webhook import MAX_BODY_BYTES
from tests.support.following import Following
from tests.support.http import http
from tests.support.loopback import client_at
from tests.support.pager import Pager
from tests.support.shop import Shop
from tests.support.waiting import wait_for

pytestmark = pytest.mark.long

FORGED = {"event": "charge.success", "data": {"reference": "an-order-1"}}
#: Steps of sign-ins of one address in five minutes.
SIGN_IN_LIMIT = 500
PREFIX = "grocery-local-"
ORDER = "query ($id: ID!) { getOrder(orderId: $id) { orderId } }"


class Mailbox:
    """The pages that operations get from now on."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._read = shop.pages()
        self._pages: dict[str, str] = {}

    def _begun(self) -> dict[str, str]:
        """The descriptions of the pages that have begun, by their names."""
        for page in self._read():
            if page["NewStateValue"] == "ALARM":
                self._pages[page["AlarmName"]] = page["AlarmDescription"]
        return self._pages

    def wait_for(self, alarm: str, page: str, runbook: str = "security-alarms.md") -> None:
        """The alarm is on, and its page has come."""
        wait_for(lambda: self._shop.alarm_state(alarm), lambda state: state == "ALARM")
        pages = wait_for(self._begun, lambda begun: f"grocery-local-{page}" in begun)
        assert runbook in pages[f"grocery-local-{page}"]


@pytest.fixture
def mailbox(shop: Shop) -> Mailbox:
    """All alarms are off when a test begins: one that is on does not page again."""
    mailbox = Mailbox(shop)
    shop.silence_alarms()
    return mailbox


@pytest.fixture
def pager(shop: Shop) -> Iterator[Pager]:
    with Pager(shop) as pager:
        yield pager


def test_refused_tokens_ring(shop: Shop, mailbox: Mailbox) -> None:
    stranger = shop.stranger("not.a.token")

    for _ in range(50):
        assert stranger.post(ORDER, {"id": "an-order"}).status_code == 401

    mailbox.wait_for("RefusedTokens", "Attack", "waf.md")


def test_forged_webhooks_ring(shop: Shop, mailbox: Mailbox) -> None:
    for _ in range(5):
        assert shop.deliver(FORGED, "0" * 128).status_code == 401

    mailbox.wait_for("ForgedWebhooks", "Attack", "waf.md")


def test_a_payment_that_paystack_denies_rings(shop: Shop, mailbox: Mailbox, pager: Pager) -> None:
    order = shop.awaiting_payment("1 loaf bread")

    # Signed with our key, and never paid.
    assert shop.deliver(shop.charge(order)).json() == {"result": "recorded"}

    mailbox.wait_for("DeniedPayments", "DeniedPayments")
    assert shop.orders.get(order.order_id).payment is None
    with Following("security-alarms.md", ORDER_ID=order.order_id) as operator:
        operator.look()
        operator.act()
        operator.verify(pager.hasten)
    pager.wait_for_end("DeniedPayments")


def test_a_customer_who_asks_for_many_orders_of_others_rings(shop: Shop, mailbox: Mailbox) -> None:
    customer = shop.new_customer()

    # tests/unit/api/test_access_refusals.py says how many it takes: here others may have rung.
    for _ in range(21):
        customer.refusal(ORDER, {"id": str(uuid.uuid4())})

    mailbox.wait_for("ProbingCustomers", "Attack", "waf.md")


def test_an_audit_line_that_is_lost_rings(shop: Shop, mailbox: Mailbox) -> None:
    put_line(shop, json.dumps({"message": "audit", "audit": {"version": 99}}))

    mailbox.wait_for("LinesLost", "AuditIncomplete")


def test_blocked_requests_to_the_api_ring(shop: Shop, mailbox: Mailbox, pager: Pager) -> None:
    attacker = client_at("127.0.0.80")

    # A batch of operations, which AppSync has none of.
    statuses = {attacker.post(shop.state.urls.graphql, json=[]).status_code for _ in range(10)}

    assert statuses == {403}
    mailbox.wait_for("ApiArrayBody", "Attack", "waf.md")
    with Following("waf.md") as operator:
        operator.look()
        operator.act()
        operator.verify(pager.hasten)
    pager.wait_for_end("Attack")


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
    mailbox.wait_for("SignInSignInRate", "Attack", "waf.md")


def test_a_collector_that_fails_rings(shop: Shop, mailbox: Mailbox) -> None:
    """As a delivery that it can't read does; called directly, so that nothing becomes a letter."""
    answer = shop.deployment.client("lambda").invoke(
        FunctionName=f"{PREFIX}collect-audit:live", Payload='{"awslogs": {"data": "unreadable"}}'
    )

    assert answer["FunctionError"]
    mailbox.wait_for("CollectorFails", "AuditIncomplete")


def test_many_requests_that_the_webhook_refuses_ring(shop: Shop, mailbox: Mailbox) -> None:
    too_large = b" " * (MAX_BODY_BYTES + 1)

    for _ in range(5):
        assert shop.deliver(too_large).status_code == 413

    mailbox.wait_for("WebhookRefusals", "Attack", "waf.md")


@pytest.mark.parametrize(
    ("function", "output", "alarm"),
    [
        ("payment-webhook", "WebhookUrl", "WebhookThrottles"),
        ("payment-return", "ReturnUrl", "ReturnThrottles"),
    ],
)
def test_a_public_function_without_free_concurrency_rings(
    shop: Shop, mailbox: Mailbox, function: str, output: str, alarm: str
) -> None:
    functions, name = shop.deployment.client("lambda"), f"{PREFIX}{function}"
    reserved = functions.get_function_concurrency(FunctionName=name)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        url = shop.state.urls.local_function_url(shop.state.outputs[output])
        assert http.post(url, json={}).status_code == 429
    finally:
        if "ReservedConcurrentExecutions" in reserved:
            functions.put_function_concurrency(
                FunctionName=name,
                ReservedConcurrentExecutions=reserved["ReservedConcurrentExecutions"],
            )
        else:
            functions.delete_function_concurrency(FunctionName=name)

    mailbox.wait_for(alarm, "Attack", "waf.md")


def test_an_address_that_comes_back_far_too_often_rings(shop: Shop, mailbox: Mailbox) -> None:
    url = shop.state.urls.local_function_url(shop.state.outputs["ReturnUrl"])

    # 20 a minute are let through, and all are answered alike: a slow machine needs more of them.
    for _ in range(10):
        for _ in range(20):
            reference = f"{uuid.uuid4()}-1"
            answer = http.get(url, params={"reference": reference}, follow_redirects=False)
            assert answer.status_code == 303
        if shop.alarm_state("LimitedReturns") == "ALARM":
            break

    mailbox.wait_for("LimitedReturns", "Attack", "waf.md")


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
