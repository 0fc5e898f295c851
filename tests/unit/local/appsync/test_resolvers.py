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


BUSY = "We are very busy right now. Please try again in {} seconds."


def refusal_of(resolvers: ResolverRunner, **answered: Any) -> ResolverError:
    """The GraphQL error of a field whose function answered so, or was not called."""
    with pytest.raises(ResolverError) as refusal:
        resolvers.run(LAMBDA_RESOLVER, "response", {"result": None, **answered})
    return refusal.value


def test_a_function_s_answer_is_the_field_s(resolvers: ResolverRunner) -> None:
    answer = {"orderId": "o-1"}
    assert resolvers.run(LAMBDA_RESOLVER, "response", {"result": answer}) == answer


@pytest.mark.parametrize("wait", [{}, {"retryAfterSeconds": 7}])
def test_a_refusal_is_a_graphql_error_that_says_when_to_try_again(
    resolvers: ResolverRunner, wait: dict[str, Any]
) -> None:
    refusal = {"errorType": "Busy", "errorMessage": "Later.", **wait}

    error = refusal_of(resolvers, result={"refusal": refusal})

    assert (str(error), error.error_type, error.error_info or {}) == ("Later.", "Busy", wait)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("TooManyRequestsException", 5),
        ("EC2ThrottledException", 5),
        ("SnapStartNotReadyException", 30),
        ("CodeArtifactUserPendingException", 30),
        ("ResourceConflictException", 30),
        ("ResourceNotReadyException", 30),
    ],
)
@pytest.mark.parametrize("place", ["type", "message"])
def test_a_function_that_lambda_did_not_call_is_busy(
    resolvers: ResolverRunner, name: str, seconds: int, place: str
) -> None:
    error = {"type": "Lambda:Unhandled", "message": "of Lambda"}
    error[place] = f"Lambda:{name}" if place == "type" else f"... Error Code: {name}; ..."

    refused = refusal_of(resolvers, error=error)

    assert (str(refused), refused.error_type) == (BUSY.format(seconds), "Busy")
    assert refused.error_info == {"retryAfterSeconds": seconds}


@pytest.mark.parametrize("kind", ["Lambda:Unhandled", "Lambda:ExecutionTimeoutException", None])
def test_a_fault_of_ours_leaves_no_details(resolvers: ResolverRunner, kind: str | None) -> None:
    refused = refusal_of(resolvers, error={"type": kind, "message": "KeyError: 'x'"})

    assert refused.error_type == "InternalError"
    assert "KeyError" not in str(refused)
    assert refused.error_info is None
