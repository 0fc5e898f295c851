"""What the resolvers do, run in Node: who is refused, what is passed on, what is answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.judges import ask
from tests.support.paths import FUNCTIONS

ME, OTHER = "11111111-aaaa", "22222222-bbbb"
CALL = {
    "info": {"fieldName": "getOrder", "parentTypeName": "Query", "selectionSetList": ["orderId"]},
    "arguments": {"orderId": "o1"},
    "identity": {"sub": ME, "groups": ["ops"]},
    "request": {"headers": {"x-amzn-trace-id": "Root=1", "authorization": "a token"}},
    "source": None,
}


def run(resolver: str, function: str, context: dict[str, Any]) -> dict[str, Any]:
    code = (FUNCTIONS / "api" / "resolvers" / f"{resolver}.js").read_text(encoding="utf-8")
    question = {"code": code, "function": function, "context": context}
    answer: dict[str, Any] = ask("run_resolver.mjs", question)
    return answer


def subscription(customer: str, order: str | None = None) -> dict[str, Any]:
    given = {"customerId": customer, **({"orderId": order} if order else {})}
    return {"arguments": given, "identity": {"sub": ME}, "request": {"headers": {}}}


def test_a_customer_subscribes_to_their_own_orders() -> None:
    assert run("on_order_updated", "request", subscription(ME)) == {"result": {"payload": None}}


def test_another_customers_orders_are_refused() -> None:
    assert run("on_order_updated", "request", subscription(OTHER)) == {
        "error": {"message": "Unauthorized", "type": "Unauthorized"}
    }


@pytest.mark.parametrize("order", [None, "o1"])
def test_subscribers_get_their_own_updates_alone(order: str | None) -> None:
    wanted = [{"fieldName": "customerId", "operator": "eq", "value": ME}]
    if order:
        wanted.append({"fieldName": "orderId", "operator": "eq", "value": order})
    answer = run("on_order_updated", "response", subscription(ME, order))
    assert answer["filter"] == {"filterGroup": [{"filters": wanted}]}


def test_a_function_gets_the_call_and_the_caller_and_no_token() -> None:
    assert run("lambda_resolver", "request", CALL)["result"] == {
        "operation": "Invoke",
        "payload": {
            "info": {"fieldName": "getOrder", "parentTypeName": "Query"},
            "arguments": {"orderId": "o1"},
            "identity": CALL["identity"],
            "request": {"headers": {"x-amzn-trace-id": "Root=1"}},
            "source": None,
        },
    }


@pytest.mark.parametrize(
    ("context", "answer"),
    [
        ({"result": {"orderId": "o1"}}, {"result": {"orderId": "o1"}}),
        (
            {"result": {"refusal": {"errorType": "OrderNotFound", "errorMessage": "No such."}}},
            {"error": {"message": "No such.", "type": "OrderNotFound"}},
        ),
        (
            {"error": {"message": "KeyError: 'secret'", "type": "Lambda:Unhandled"}},
            {
                "error": {
                    "message": "Something went wrong on our side. Please try again.",
                    "type": "InternalError",
                }
            },
        ),
    ],
)
def test_refusals_are_errors_of_their_type_and_faults_tell_nothing(
    context: dict[str, Any], answer: dict[str, Any]
) -> None:
    assert run("lambda_resolver", "response", context) == answer


def test_what_is_published_is_the_input() -> None:
    update = {"orderId": "o1", "customerId": ME}
    call = {"arguments": {"input": update}}
    assert run("publish_order_update", "request", call) == {"result": {"payload": update}}
    assert run("publish_order_update", "response", {"result": update}) == {"result": update}
