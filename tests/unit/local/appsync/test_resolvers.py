"""The API's own resolvers, run as AppSync runs them: in JavaScript."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.local.appsync.resolver_runner import ResolverError, ResolverRunner
from tests.support.paths import FUNCTIONS

FOLDER = FUNCTIONS / "api" / "resolvers"
ON_ORDER_UPDATED = (FOLDER / "on_order_updated.js").read_text()


LAMBDA_RESOLVER = (FOLDER / "lambda_resolver.js").read_text()


def context(customer_id: str, **more: Any) -> dict[str, Any]:
    return {
        "arguments": {"customerId": customer_id, **more},
        "identity": {"sub": "me"},
        "stash": {},
    }


def filter_of(*rules: tuple[str, str]) -> dict[str, Any]:
    return {
        "filterGroup": [
            {
                "filters": [
                    {"fieldName": name, "operator": "eq", "value": value} for name, value in rules
                ]
            }
        ]
    }


@pytest.mark.parametrize("more", [{}, {"orderId": None}], ids=["left out", "null"])
def test_customers_follow_all_of_their_own_orders(
    resolvers: ResolverRunner, more: dict[str, Any]
) -> None:
    asked = context("me", **more)
    assert resolvers.subscribe(ON_ORDER_UPDATED, asked) == filter_of(("customerId", "me"))


def test_customers_follow_one_of_their_orders(resolvers: ResolverRunner) -> None:
    assert resolvers.subscribe(ON_ORDER_UPDATED, context("me", orderId="o-1")) == filter_of(
        ("customerId", "me"), ("orderId", "o-1")
    )


@pytest.mark.parametrize("customer_id", ["you", "", "ME", "me "])
def test_customers_do_not_follow_orders_of_others(
    resolvers: ResolverRunner, customer_id: str
) -> None:
    with pytest.raises(ResolverError) as refusal:
        resolvers.subscribe(ON_ORDER_UPDATED, context(customer_id, orderId="o-1"))
    assert refusal.value.error_type == "Unauthorized"


def test_a_caller_without_a_sub_follows_no_orders(resolvers: ResolverRunner) -> None:
    with pytest.raises(ResolverError):
        resolvers.subscribe(ON_ORDER_UPDATED, {**context("me"), "identity": {}})


def test_subscribers_receive_the_published_object(resolvers: ResolverRunner) -> None:
    code = (FOLDER / "publish_order_update.js").read_text()
    update = {"orderId": "o-1", "lines": [{"packs": 2}]}

    asked = resolvers.run(code, "request", {"arguments": {"input": update}})
    answered = resolvers.run(code, "response", {"result": asked["payload"]})

    assert asked == {"payload": update}
    assert answered == update


def refusal(**more: Any) -> dict[str, Any]:
    refused = {"errorType": "TooManyOrders", "errorMessage": "Please wait.", **more}
    return {"result": {"refusal": refused}, "stash": {}}


@pytest.mark.parametrize(
    ("more", "info"),
    [({}, None), ({"retryAfterSeconds": 42}, {"retryAfterSeconds": 42})],
)
def test_a_refusal_is_an_error_with_its_type_and_how_long_to_wait(
    resolvers: ResolverRunner, more: dict[str, Any], info: dict[str, Any] | None
) -> None:
    with pytest.raises(ResolverError) as refused:
        resolvers.run(LAMBDA_RESOLVER, "response", refusal(**more))

    assert (str(refused.value), refused.value.error_type) == ("Please wait.", "TooManyOrders")
    assert refused.value.error_info == info
