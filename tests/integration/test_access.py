"""Access of other customers, unauthenticated callers and operators."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from orderflow.clock import iso
from scripts.auth import UserPool, sign_in
from tests.support.attempts.requests import CANCEL, GET, LINK, MINE, ORDERS, REPLAY
from tests.support.shop import Customer, Shop

#: All requests about one order; none of them may return another customer's order.
ATTEMPTS = {
    "getOrder": GET,
    "getPaymentLink": LINK,
    "cancelOrder": CANCEL,
    "replayOrder": REPLAY,
    "orders": ORDERS,
}


@pytest.fixture(scope="module")
def order_id(shop: Shop) -> str:
    """An order of the demo customer that waits for its payment."""
    return shop.awaiting_payment("2 cups milk, 3 eggs").order_id


@pytest.fixture(scope="module")
def another(shop: Shop) -> Customer:
    return shop.new_customer()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Customer:
    return shop.new_customer("ops")


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_orders_of_another_customer_are_not_found(
    shop: Shop, order_id: str, another: Customer, attempt: str
) -> None:
    before = shop.orders.get(order_id)

    answer = another.post(ATTEMPTS[attempt], {"orderId": order_id})

    error = answer.json()["errors"][0]
    assert error["errorType"] in {"OrderNotFound", "Unauthorized"}
    assert_nothing_leaked(shop, answer.text)
    assert shop.orders.get(order_id) == before


def test_a_customers_list_has_only_their_own_orders(
    shop: Shop, order_id: str, another: Customer
) -> None:
    assert another.ask(MINE, {}) == {"items": [], "nextToken": None}
    theirs = shop.customer.ask(MINE, {"limit": 1})["nextToken"]
    assert another.ask(MINE, {"nextToken": theirs})["items"] == []


@pytest.mark.parametrize("kind", ["none", "garbage", "forged", "unsigned", "another pool's"])
def test_a_token_of_the_pool_is_required(
    shop: Shop, order_id: str, another: Customer, kind: str
) -> None:
    before = shop.orders.get(order_id)
    stranger = shop.stranger(bad_token(shop, shop.customer.token, kind))

    for request in (*ATTEMPTS.values(), MINE):
        answer = stranger.post(request, {"orderId": order_id})

        assert answer.status_code == 401
        assert answer.json()["errors"][0]["errorType"] == "UnauthorizedException"
        assert_nothing_leaked(shop, answer.text)
    assert shop.orders.get(order_id) == before


def assert_nothing_leaked(shop: Shop, answer: str) -> None:
    assert shop.customer.email not in answer
    assert shop.state.urls.paystack not in answer
    assert "Traceback" not in answer


def bad_token(shop: Shop, good: str, kind: str) -> str | None:
    """An invalid token that resembles a valid one."""
    header, payload, signature = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    match kind:
        case "none":
            return None
        case "garbage":
            return f"{header}.{payload}.{signature[::-1]}"
        case "forged":  # with the pool's key id, signed with another key
            key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
            key_id = jwt.get_unverified_header(good)["kid"]
            return jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id})
        case "unsigned":
            plain = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=")
            return f"{plain.decode()}.{payload}."
    return token_of_another_pool(shop)


def token_of_another_pool(shop: Shop) -> str:
    """A valid token of another user pool."""
    cognito = shop.deployment.client("cognito-idp")
    pool_id = cognito.create_user_pool(PoolName="elsewhere")["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )["UserPoolClient"]["ClientId"]
    password = secrets.token_urlsafe(18) + "-aA1"
    cognito.admin_create_user(UserPoolId=pool_id, Username="eve", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="eve", Password=password, Permanent=True
    )
    pool = UserPool(shop.state.region, pool_id, client_id, shop.state.urls.aws)
    return sign_in(pool, "eve", password, None).id_token


def test_the_customers_own_requests_are_answered(shop: Shop, order_id: str) -> None:
    variables = {"orderId": order_id}

    shown = shop.customer.ask(GET, variables)
    link = shop.customer.ask(LINK, variables)

    assert shown["orderId"] == order_id
    assert link["url"] == shown["paymentLink"]
    assert (link["amountKobo"], link["currency"]) == (shown["totalKobo"], "NGN")
    assert order_id in [each["orderId"] for each in shop.customer.ask(MINE, {})["items"]]


def test_orders_are_listed_page_by_page(shop: Shop, another: Customer) -> None:
    mine = [another.submit("1 loaf bread")["orderId"] for _ in range(3)]
    for each in mine:
        shop.reach(each, "PAYMENT_INITIATED")

    pages: list[list[str]] = []
    variables: dict[str, Any] = {"limit": 2, "nextToken": None}
    while True:
        page = another.ask(MINE, variables)
        pages.append([each["orderId"] for each in page["items"]])
        if page["nextToken"] is None:
            break
        variables["nextToken"] = page["nextToken"]

    assert [len(page) for page in pages] == [2, 1]
    assert sorted(pages[0] + pages[1]) == sorted(mine)


def test_a_customer_cancels_an_order_and_its_link_with_it(shop: Shop) -> None:
    order = shop.awaiting_payment("1 loaf bread")
    variables = {"orderId": order.order_id}

    shop.customer.ask(CANCEL, variables)
    assert shop.customer.refusal(LINK, variables)["errorType"] == "NoPaymentLink"
    assert shop.reach(order.order_id, "CANCELLED").payment_link is None

    assert shop.customer.ask(CANCEL, variables)["status"] == "CANCELLED"
    assert shop.finished(order).status == "SUCCEEDED"
    assert shop.customer.refusal(LINK, variables)["errorType"] == "NoPaymentLink"


def test_operators_list_and_cancel_all_orders(shop: Shop, operator: Customer) -> None:
    order = shop.awaiting_payment("3 eggs")

    listed = operator.ask(
        ORDERS, {"status": "PAYMENT_INITIATED", "createdAfter": iso(order.created_at)}
    )
    operator.ask(CANCEL, {"orderId": order.order_id})

    assert order.order_id in [each["orderId"] for each in listed["items"]]
    assert operator.ask(GET, {"orderId": order.order_id})["orderId"] == order.order_id
    assert shop.reach(order.order_id, "CANCELLED").status_reason == "We cancelled the order."
    assert operator.ask(ORDERS, {"createdAfter": "2100-01-01T00:00:00+01:00"})["items"] == []


def test_operators_replay_a_failed_order_once(shop: Shop, operator: Customer) -> None:
    order = shop.awaiting_payment("1 loaf bread")
    shop.sfn.stop_execution(executionArn=order.execution_arn, error="Oops", cause="A fault.")
    failed = shop.reach(order.order_id, "FAILED")
    variables = {"orderId": failed.order_id}

    replayed = operator.ask(REPLAY, variables)
    shop.reach(order.order_id, "PAYMENT_INITIATED")

    assert replayed["outcome"] == "RESTARTED"  # the emulator has no redrive
    assert operator.ask(REPLAY, variables)["outcome"] == "SKIPPED"
    assert shop.orders.get(order.order_id).payment_link == order.payment_link


@pytest.mark.parametrize(
    ("query", "variables", "error_type"),
    [
        (MINE, {"limit": 0}, "InvalidRequest"),
        (MINE, {"nextToken": "forged"}, "InvalidRequest"),
        (GET, {"orderId": ""}, "OrderNotFound"),
        (LINK, {"orderId": "no-such-order"}, "OrderNotFound"),
        (CANCEL, {"orderId": "no-such-order"}, "OrderNotFound"),
    ],
)
def test_invalid_queries_are_refused(
    shop: Shop, query: str, variables: dict[str, Any], error_type: str
) -> None:
    assert shop.customer.refusal(query, variables)["errorType"] == error_type
