"""Following orders live, with clients that are not ours; who may, and what they hear."""

from __future__ import annotations

import json
from datetime import datetime

import httpx
import jwt
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from gql.transport.appsync_auth import AppSyncIAMAuthentication
from gql.transport.exceptions import TransportError

from orderflow.publishing import PUBLISH
from orderflow.updates import order_update
from scripts.local.processes import EMULATOR_ROOT
from scripts.local.state import REGION
from tests.integration.follower import AmplifyFollower, GqlFollower, with_token
from tests.integration.latency import follow_orders
from tests.integration.shop import Customer, Shop
from tests.waiting import wait_for

LIST = "1 loaf bread, 3 eggs"
TO_THE_LINK = ["PENDING_MATCHING", "MATCHED", "PAYMENT_INITIATED"]


def followed(shop: Shop, customer: Customer, order_id: str = "") -> GqlFollower:
    return with_token(shop.state.urls.graphql, customer.token, customer.sub, order_id)


def api_host(shop: Shop) -> str:
    return f"{shop.state.outputs['GraphqlApiId']}.appsync-api.{REGION}.amazonaws.com"


def test_a_customer_sees_the_order_move_to_its_payment(shop: Shop) -> None:
    with followed(shop, shop.customer) as app:
        order = shop.awaiting_payment(LIST)
        app.until(order.order_id, "PAYMENT_INITIATED")
        shop.pay(order)
        app.until(order.order_id, "PAYMENT_COMPLETED")

    updates = app.of(order.order_id)
    assert [each["status"] for each in updates] == [*TO_THE_LINK, "PAYMENT_COMPLETED"]
    assert [each["version"] for each in updates] == [1, 2, 3, 4]
    assert [each["paymentLink"] for each in updates] == [None, None, order.payment_link, None]
    seen = shop.customer.order(order.order_id)
    for link in updates[2:]:
        assert link["totalKobo"] == seen["totalKobo"]
        assert [line["productId"] for line in link["lines"]] == [
            line["productId"] for line in seen["lines"]
        ]
        assert link["correlationId"] == order.order_id
        assert datetime.fromisoformat(link["updatedAt"]).tzinfo
    assert "Please pay" in updates[2]["message"]


def test_one_order_can_be_followed_alone(shop: Shop) -> None:
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
    assert {each.update["orderId"] for each in one.heard} == {second.order_id}


def test_who_comes_late_asks_for_the_order_and_drops_what_is_older(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    with followed(shop, shop.customer) as app:
        caught_up = shop.customer.ask(
            "query($id: ID!) { getOrder(orderId: $id) { status version } }", {"id": order.order_id}
        )
        shop.pay(order)
        app.until(order.order_id, "PAYMENT_COMPLETED")
    assert caught_up["status"] == "PAYMENT_INITIATED"
    news = [each for each in app.of(order.order_id) if each["version"] > caught_up["version"]]
    assert [each["status"] for each in news] == ["PAYMENT_COMPLETED"]


def test_a_parked_order_says_so_and_its_link_follows(shop: Shop) -> None:
    with followed(shop, shop.customer) as app:
        shop.set_fault("paystack", mode="error", status=503)
        order = shop.place(LIST, "PAYMENT_DELAYED")
        app.until(order.order_id, "PAYMENT_DELAYED")
    (parked,) = [each for each in app.of(order.order_id) if each["status"] == "PAYMENT_DELAYED"]
    assert "need not do anything" in parked["message"]
    assert parked["paymentLink"] is None


def test_nobody_hears_of_another_customers_orders(shop: Shop) -> None:
    other = shop.new_customer()
    with followed(shop, other) as theirs, followed(shop, shop.customer) as ours:
        order = shop.place(LIST, "PAYMENT_INITIATED")
        ours.until(order.order_id, "PAYMENT_INITIATED")
        mine = other.submit(LIST)["orderId"]
        theirs.until(mine, "PAYMENT_INITIATED")
    assert {each.update["orderId"] for each in theirs.heard} == {mine}
    assert mine not in {each.update["orderId"] for each in ours.heard}


@pytest.mark.parametrize("with_order", [False, True], ids=["all orders", "one order"])
def test_asking_for_another_customers_orders_is_refused(shop: Shop, with_order: bool) -> None:
    order_id = shop.customer.submit(LIST)["orderId"] if with_order else ""
    other = shop.new_customer()
    url = shop.state.urls.graphql
    with (
        pytest.raises(TransportError, match="Unauthorized"),
        with_token(url, other.token, shop.customer.sub, order_id),
    ):
        pass


def test_without_a_good_token_nobody_connects(shop: Shop) -> None:
    sub = shop.customer.sub
    claims = jwt.decode(shop.customer.token, options={"verify_signature": False})
    tokens = {
        "nonsense": "nonsense",
        "unsigned": jwt.encode(claims, "", "none"),
        "forged": jwt.encode(claims, "x" * 32, "HS256"),
    }
    for token in tokens.values():
        with (
            pytest.raises(TransportError, match="UnauthorizedException"),
            with_token(shop.state.urls.graphql, token, sub),
        ):
            pass


def iam_follower(shop: Shop, secret: str) -> GqlFollower:
    auth = AppSyncIAMAuthentication(
        host=api_host(shop), region_name=REGION, credentials=Credentials(EMULATOR_ROOT, secret)
    )
    return GqlFollower(shop.state.urls.graphql, auth, shop.customer.sub)


def test_a_signed_client_connects_but_customers_orders_are_for_customers(shop: Shop) -> None:
    with (
        pytest.raises(TransportError, match="Not Authorized to access onOrderUpdated"),
        iam_follower(shop, EMULATOR_ROOT),
    ):
        pass


def test_a_wrong_signature_is_turned_away(shop: Shop) -> None:
    with (
        pytest.raises(TransportError, match=r"[Ss]ignature"),
        iam_follower(shop, "another-secret"),
    ):
        pass


def test_customers_publish_nothing(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    with followed(shop, shop.customer) as app:
        refusal = shop.customer.refusal(PUBLISH, {"input": order_update(order)})
        shop.pay(order)
        app.until(order.order_id, "PAYMENT_COMPLETED")
    assert refusal["errorType"] == "Unauthorized"
    assert app.statuses(order.order_id) == ["PAYMENT_COMPLETED"]


def test_what_is_published_with_a_wrong_signature_reaches_nobody(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    body = json.dumps({"query": PUBLISH, "variables": {"input": order_update(order)}})
    request = AWSRequest("POST", f"https://{api_host(shop)}/graphql", data=body)
    SigV4Auth(Credentials(EMULATOR_ROOT, "another-secret"), "appsync", REGION).add_auth(request)
    with followed(shop, shop.customer) as app:
        answer = httpx.post(
            shop.state.urls.graphql, content=body, headers=dict(request.headers), trust_env=False
        )
        shop.pay(order)
        app.until(order.order_id, "PAYMENT_COMPLETED")
    assert answer.status_code in {400, 403}
    assert app.statuses(order.order_id) == ["PAYMENT_COMPLETED"]


def test_amplifys_client_sees_the_order_move(shop: Shop) -> None:
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


def test_with_many_orders_at_once_each_arrives_whole_and_in_its_sequence(shop: Shop) -> None:
    app, order_ids, latencies = follow_orders(shop, 20)
    for order_id in order_ids:
        assert app.statuses(order_id) == TO_THE_LINK
        assert [each["version"] for each in app.of(order_id)] == [1, 2, 3]
    print(f"\n20 orders at once: {latencies}")  # told, not decided upon: `make bench-realtime` does
