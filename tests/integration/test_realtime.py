"""Live updates of orders for third-party clients, and their authorization."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from datetime import datetime
from typing import Any

import httpx
import jwt
import psutil
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from gql.transport.appsync_auth import AppSyncIAMAuthentication
from gql.transport.exceptions import TransportError

from orderflow.api.publisher import PUBLISH
from orderflow.api.views import order_update
from orderflow.grocery_list.parser import MAX_LINES
from scripts.local.stack.state import ACCOUNT, REGION
from tests.integration.latency import follow_orders
from tests.support import follower
from tests.support.follower import AmplifyFollower, GqlFollower, with_token
from tests.support.http import http
from tests.support.paths import PROJECT
from tests.support.shop import Customer, Shop
from tests.support.waiting import wait_for

LIST = "1 loaf bread, 3 eggs"
#: A payment that came in is published before its order is completed.
PAID = ["PAYMENT_INITIATED", "PAYMENT_COMPLETED"]
TO_THE_LINK = ["PENDING_MATCHING", "MATCHED", "PAYMENT_INITIATED"]


def followed(shop: Shop, customer: Customer, order_id: str = "") -> GqlFollower:
    return with_token(shop.state.urls.graphql, customer.token, customer.sub, order_id)


def api_host(shop: Shop) -> str:
    return f"{shop.state.outputs['GraphqlApiId']}.appsync-api.{REGION}.amazonaws.com"


def test_a_customer_receives_the_updates_until_the_payment(shop: Shop) -> None:
    with followed(shop, shop.customer) as app:
        order = shop.awaiting_payment(LIST)
        app.until(order.order_id, "PAYMENT_INITIATED")
        shop.pay(order)
        app.until(order.order_id, "PAYMENT_COMPLETED")

    updates = app.of(order.order_id)
    assert [each["status"] for each in updates] == [*TO_THE_LINK, *PAID]
    assert [each["version"] for each in updates] == [1, 2, 3, 4, 5]
    assert [each["paymentLink"] for each in updates] == [
        None, None, order.payment_link, None, None
    ]  # fmt: skip
    assert "received your payment" in updates[3]["message"]
    seen = shop.customer.order(order.order_id)
    for link in updates[2:]:
        assert link["totalKobo"] == seen["totalKobo"]
        assert [line["productId"] for line in link["lines"]] == [
            line["productId"] for line in seen["lines"]
        ]
        assert link["correlationId"] == order.order_id
        assert datetime.fromisoformat(link["updatedAt"]).tzinfo
    assert "Please pay" in updates[2]["message"]


def test_a_single_order_can_be_followed(shop: Shop) -> None:
    first = shop.awaiting_payment(LIST)
    second = shop.awaiting_payment(LIST)
    with (
        followed(shop, shop.customer) as everything,
        followed(shop, shop.customer, second.order_id) as one,
    ):
        shop.pay(first)
        everything.until(first.order_id, "PAYMENT_COMPLETED")
        shop.pay(second)
        one.until(second.order_id, "PAYMENT_COMPLETED")
    assert {each.update["orderId"] for each in one.received} == {second.order_id}


def test_a_late_subscriber_reads_the_order_and_drops_older_updates(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    with followed(shop, shop.customer) as app:
        caught_up = shop.customer.ask(
            "query($id: ID!) { getOrder(orderId: $id) { status version } }", {"id": order.order_id}
        )
        shop.pay(order)
        app.until(order.order_id, "PAYMENT_COMPLETED")
    assert caught_up["status"] == "PAYMENT_INITIATED"
    news = [each for each in app.of(order.order_id) if each["version"] > caught_up["version"]]
    assert [each["status"] for each in news] == PAID


def test_a_parked_order_sends_updates_and_its_link_follows(shop: Shop) -> None:
    with followed(shop, shop.customer) as app:
        shop.set_fault("paystack", mode="outage")
        order = shop.place(LIST, "PAYMENT_DELAYED")
        app.until(order.order_id, "PAYMENT_DELAYED")
    (parked,) = [each for each in app.of(order.order_id) if each["status"] == "PAYMENT_DELAYED"]
    assert "need not do anything" in parked["message"]
    assert parked["paymentLink"] is None


def test_updates_of_other_customers_are_not_delivered(shop: Shop) -> None:
    other = shop.new_customer()
    with followed(shop, other) as theirs, followed(shop, shop.customer) as ours:
        order = shop.place(LIST, "PAYMENT_INITIATED")
        ours.until(order.order_id, "PAYMENT_INITIATED")
        mine = other.submit(LIST)["orderId"]
        theirs.until(mine, "PAYMENT_INITIATED")
    assert {each.update["orderId"] for each in theirs.received} == {mine}
    assert mine not in {each.update["orderId"] for each in ours.received}


@pytest.mark.parametrize("with_order", [False, True], ids=["all orders", "one order"])
def test_following_another_customers_orders_is_refused(shop: Shop, with_order: bool) -> None:
    order_id = shop.customer.submit(LIST)["orderId"] if with_order else ""
    other = shop.new_customer()
    url = shop.state.urls.graphql
    with (
        pytest.raises(TransportError, match="Unauthorized"),
        with_token(url, other.token, shop.customer.sub, order_id),
    ):
        pass


def test_a_connection_needs_a_valid_token(shop: Shop) -> None:
    sub = shop.customer.sub
    claims = jwt.decode(shop.customer.token, options={"verify_signature": False})
    tokens = {
        "nonsense": "nonsense",
        "unsigned": jwt.encode(claims, "", "none"),
        "forged": jwt.encode(claims, "x" * 32, "HS256"),
    }
    for token in tokens.values():
        with (
            # It may notice the closed connection before it reads the reason.
            pytest.raises(TransportError, match=r"UnauthorizedException|ConnectionClosed"),
            with_token(shop.state.urls.graphql, token, sub),
        ):
            pass


def signer(shop: Shop, *, may_publish: bool) -> Credentials:
    """An IAM user with access keys. (The emulator accepts any signature of its root user.)"""
    iam = shop.deployment.client("iam")
    name = f"signer-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    api = f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/{shop.state.outputs['GraphqlApiId']}"
    field = "publishOrderUpdate" if may_publish else "somethingElse"
    statement = {
        "Effect": "Allow",
        "Action": "appsync:GraphQL",
        "Resource": f"{api}/types/Mutation/fields/{field}",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="publish", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def forged(credentials: Credentials) -> Credentials:
    return Credentials(credentials.access_key, "not the secret")


def signed_follower(shop: Shop, credentials: Credentials) -> GqlFollower:
    auth = AppSyncIAMAuthentication(
        host=api_host(shop), region_name=REGION, credentials=credentials
    )
    return GqlFollower(shop.state.urls.graphql, auth, shop.customer.sub)


def test_a_signed_client_connects_but_can_not_follow_customers_orders(shop: Shop) -> None:
    with (
        pytest.raises(TransportError, match="Not Authorized to access onOrderUpdated"),
        signed_follower(shop, signer(shop, may_publish=True)),
    ):
        pass


def test_a_forged_signature_is_refused_at_the_connection(shop: Shop) -> None:
    with (
        pytest.raises(TransportError, match="InvalidSignatureException"),
        signed_follower(shop, forged(signer(shop, may_publish=True))),
    ):
        pass


def publish_signed(shop: Shop, update: dict[str, Any], credentials: Credentials) -> httpx.Response:
    body = json.dumps({"query": PUBLISH, "variables": {"input": update}})
    request = AWSRequest("POST", f"https://{api_host(shop)}/graphql", data=body)
    SigV4Auth(credentials, "appsync", REGION).add_auth(request)
    return http.post(shop.state.urls.graphql, content=body, headers=dict(request.headers))


def test_publishing_needs_a_signature_and_a_permission(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    allowed = signer(shop, may_publish=True)
    with followed(shop, shop.customer, order.order_id) as app:
        refusals = [
            publish_signed(shop, order_update(order), credentials)
            for credentials in (forged(allowed), signer(shop, may_publish=False))
        ]
        answer = publish_signed(shop, order_update(order) | {"message": "By hand."}, allowed)
        wait_for(lambda: app.received, bool)
    assert [refusal.status_code for refusal in refusals] == [400, 401]
    assert "errors" not in answer.json()
    assert [each.update["message"] for each in app.received] == ["By hand."]


def test_an_update_of_an_order_with_the_most_lines_arrives_whole(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    update = order_update(order)
    lines = (update["lines"] * MAX_LINES)[:MAX_LINES]
    with followed(shop, shop.customer, order.order_id) as app:
        answer = publish_signed(shop, update | {"lines": lines}, signer(shop, may_publish=True))
        wait_for(lambda: app.received, bool)
    assert "errors" not in answer.json()
    assert len(app.received[0].update["lines"]) == MAX_LINES


def test_customers_may_not_publish(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    with followed(shop, shop.customer) as app:
        refusal = shop.customer.refusal(PUBLISH, {"input": order_update(order)})
        shop.pay(order)
        app.until(order.order_id, "PAYMENT_COMPLETED")
    assert refusal["errorType"] == "Unauthorized"
    assert app.statuses(order.order_id) == PAID


def test_amplifys_client_receives_updates(shop: Shop) -> None:
    customer = shop.customer
    with AmplifyFollower(shop.state.urls.graphql, customer.access_token, customer.sub) as app:
        assert app.is_ready
        order = shop.place(LIST, "PAYMENT_INITIATED")
        assert app.until(order.order_id, "PAYMENT_INITIATED") == TO_THE_LINK
    assert app.of(order.order_id)[-1]["paymentLink"] == order.payment_link


def test_amplifys_client_is_refused_another_customers_orders(shop: Shop) -> None:
    other = shop.new_customer()
    url = shop.state.urls.graphql
    with AmplifyFollower(url, other.access_token, shop.customer.sub) as app:
        wait_for(lambda: app.refusal, bool)
    assert "Unauthorized" in (app.refusal or "")


def test_the_end_of_amplifys_client_leaves_no_process(shop: Shop) -> None:
    customer = shop.customer
    with AmplifyFollower(shop.state.urls.graphql, customer.access_token, customer.sub):
        assert _followers_in_node(shop)
    assert not _followers_in_node(shop)


def test_a_wait_for_amplifys_client_that_fails_leaves_no_process(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: object) -> None:
        assert _followers_in_node(shop)
        raise TimeoutError

    monkeypatch.setattr(follower, "wait_for", give_up)
    customer = shop.customer

    with pytest.raises(TimeoutError):
        AmplifyFollower(shop.state.urls.graphql, customer.access_token, customer.sub).__enter__()

    assert not _followers_in_node(shop)


def test_amplifys_client_ends_with_tests_that_are_killed(shop: Shop) -> None:
    customer = shop.customer
    follow = (
        "import sys, time\n"
        "from tests.support.follower import AmplifyFollower\n"
        "with AmplifyFollower(*sys.argv[1:]):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(600)\n"
    )
    arguments = (shop.state.urls.graphql, customer.access_token, customer.sub)
    with subprocess.Popen(
        [sys.executable, "-c", follow, *arguments], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        assert tests.stdout.readline() == "ready\n"
        assert _followers_in_node(shop)
        tests.kill()

    wait_for(lambda: _followers_in_node(shop), lambda processes: not processes)


def _followers_in_node(shop: Shop) -> list[int]:
    """The process ids of Amplify's clients of this stack."""
    arguments = {"follow.mjs", shop.state.urls.graphql}
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if arguments <= set(process.info["cmdline"] or ())
    ]


@pytest.mark.long
def test_concurrent_orders_deliver_all_updates_in_order(shop: Shop) -> None:
    app, order_ids, latencies = follow_orders(shop, 20)
    for order_id in order_ids:
        assert app.statuses(order_id) == TO_THE_LINK
        assert [each["version"] for each in app.of(order_id)] == [1, 2, 3]
    print(f"\n20 orders at once: {latencies}")  # only printed: `make bench-realtime` checks bounds
