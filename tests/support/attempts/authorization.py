"""API1, API3 and API5: other customers' orders, fields of orders, and staff's functions."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from tests.support.attempts.attempt import EMPTY, INVALID, Attempt, Risk
from tests.support.attempts.requests import (
    CANCEL,
    GET,
    LINK,
    MINE,
    ORDERS,
    PUBLISH,
    RATE,
    REPLAY,
    SUBMIT,
    ask,
    raw,
    rows,
    subscribe,
)

NOT_FOUND: Final = "OrderNotFound"
UNAUTHORIZED: Final = "Unauthorized"


def _get(order_id: Any) -> Any:
    return ask(GET, {"orderId": order_id})


def _page(**position: str) -> Any:
    """``myOrders`` with a token of the attacker's own making."""
    token = base64.urlsafe_b64encode(json.dumps(position).encode()).decode()
    return ask(MINE, {"nextToken": token})


def _submit(**fields: Any) -> Any:
    return ask(SUBMIT, {"input": {"groceryList": "3 eggs", **fields}})


_ALIASES = " ".join(f'a{n}: getOrder(orderId: "<order>") {{ status }}' for n in range(10))
#: What publishing needs, with the victim's order.
_UPDATE: Final = {
    "orderId": "<order>",
    "customerId": "<victim>",
    "status": "PAYMENT_COMPLETED",
    "message": "Paid.",
    "lines": [],
    "totalKobo": 0,
    "currency": "NGN",
    "paymentLink": "https://attacker.example/pay",
    "updatedAt": "2026-01-31T12:00:00Z",
    "version": 99,
    "correlationId": "x",
}

OBJECTS: Final[list[Attempt]] = [
    *rows(Risk.OBJECTS, NOT_FOUND, {
        "getOrder of another customer's order": _get("<order>"),
        "getPaymentLink of another customer's order": ask(LINK, {"orderId": "<order>"}),
        "cancelOrder of another customer's order": ask(CANCEL, {"orderId": "<order>"}),
        "rateOrder of another customer's order": ask(
            RATE, {"orderId": "<order>", "input": {"understood": "BADLY"}}
        ),
        "ten aliases of one request": ask(f"{{ {_ALIASES} }}"),
        "an inline fragment": ask(
            'query { ... on Query { getOrder(orderId: "<order>") { orderId paymentLink } } }'
        ),
        "a named fragment on the order": ask(
            'query { getOrder(orderId: "<order>") { ...F } } fragment F on Order { paymentLink }'
        ),
        "the second of two operations": ask(
            'query A { myOrders { nextToken } } '
            'query B { getOrder(orderId: "<order>") { status } }',
            operationName="B",
        ),
        "the id as the variable's default": ask(
            'query Q($a: ID! = "<order>") { getOrder(orderId: $a) { status } }'
        ),
        "the id with a blank behind it": _get("<order> "),
        "the id with a NUL behind it": _get("<order>\x00"),
        "the id with a line break": _get("<order>\n"),
        "the id in another Unicode form": _get("\uff1corder\uff1e"),
        "the first characters of ids": _get("0"),
        "a wildcard": _get("*"),
        "a path that leads to the order": _get("./<order>"),
        "a path that leads up": _get("../orders/<order>"),
        "the execution's name of a restart": _get("<order>.1"),
        "the reference of the payment": _get("<reference>"),
        "an execution's ARN": _get(
            "arn:aws:states:eu-west-1:123456789012:execution:grocery-orders:<order>"
        ),
        "a condition of DynamoDB": _get("<order> OR attribute_exists(orderId)"),
        "a statement of PartiQL": _get("' OR '1'='1"),
        "an empty id": _get(""),
        "an id of a thousand characters": _get("a" * 1_000),
        "the victim's customer id": _get("<victim>"),
        "the victim's e-mail address": _get("<victim-email>"),
    }),
    *rows(Risk.OBJECTS, INVALID, {
        "a list of ids": _get(["<order>", "<order>"]),
        "an attribute value of DynamoDB": _get({"S": "<order>"}),
        "an operator of MongoDB": _get({"$ne": None}),
        "no id": _get(None),
        "the customer as a second argument": ask(
            'query { getOrder(orderId: "<order>", customerId: "<victim>") { status } }'
        ),
        "the customer as an argument of a list": ask(
            'query { myOrders(customerId: "<victim>") { items { orderId } } }'
        ),
        "a filter as an argument of a list": ask(
            'query { myOrders(filter: {customerId: {ne: ""}}) { items { orderId } } }'
        ),
    }),
    *rows(Risk.OBJECTS, EMPTY, {
        "a page that starts after the victim's order": _page(
            createdAt="2100-01-01T00:00:00.000Z", orderId="<order>"
        ),
    }),
    *rows(Risk.OBJECTS, "InvalidRequest", {
        "a page of the victim's customer id": _page(
            createdAt="2100-01-01T00:00:00.000Z", orderId="z", customerId="<victim>"
        ),
        "a key of DynamoDB as a page's token": _page(customerId="<victim>", orderId="<order>"),
        "an order id as a page's token": ask(MINE, {"nextToken": "<order>"}),
    }),
    *rows(Risk.OBJECTS, UNAUTHORIZED, {
        "updates of another customer": subscribe({"customerId": "<victim>"}),
        "updates of another customer's order": subscribe(
            {"customerId": "<victim>", "orderId": "<order>"}
        ),
        "updates of no customer": subscribe({"customerId": ""}),
        "updates of all customers": subscribe({"customerId": "*"}),
        "updates of the own id with a blank": subscribe({"customerId": "<attacker> "}),
        "updates by the own e-mail address": subscribe({"customerId": "<attacker-email>"}),
    }),
    *rows(Risk.OBJECTS, INVALID, {
        "updates of two customers": subscribe({"customerId": ["<attacker>", "<victim>"]}),
    }),
]  # fmt: skip

_SECRET_FIELDS: Final = (
    "taskToken", "customerId", "reviewToken", "paymentReference", "payment { channel }",
    "refundsDue { reason }", "declined { reason }", "executionInput",
)  # fmt: skip
#: What a submission may not set: the field and the value that the attacker wants.
_ASSIGNED: Final[dict[str, Any]] = {
    "customerId": "<victim>",
    "orderId": "<order>",
    "status": "PAYMENT_COMPLETED",
    "totalKobo": 1,
    "lines": [{"productId": "rice-5kg", "unitPriceKobo": 1}],
    "paymentLink": "https://attacker.example/pay",
    "executionArn": "arn:aws:states:eu-west-1:123456789012:execution:a:b",
    "currency": "USD",
    "createdAt": "2000-01-01T00:00:00Z",
    "isAdmin": True,
    "groups": ["ops"],
    "__proto__": {"isAdmin": True},
}

PROPERTIES: Final[list[Attempt]] = [
    *rows(Risk.PROPERTIES, {INVALID, "InvalidOrder"}, {
        f"a submission that sets {name}": _submit(**{name: value})
        for name, value in _ASSIGNED.items()
    }),
    *rows(Risk.PROPERTIES, INVALID, {
        f"the order's field {field.split()[0]}": ask(
            f'query {{ getOrder(orderId: "<order>") {{ {field} }} }}'
        )
        for field in _SECRET_FIELDS
    }),
    *rows(Risk.PROPERTIES, INVALID, {
        "a status with the cancellation": ask(
            'mutation { cancelOrder(orderId: "<order>", status: PAYMENT_COMPLETED) { status } }'
        ),
        "a price with the link": ask(
            'query { getPaymentLink(orderId: "<order>", amountKobo: 1) { url } }'
        ),
        "a field of updates in the order": ask(
            'query { getOrder(orderId: "<order>") { correlationId } }'
        ),
    }),
]  # fmt: skip

FUNCTIONS: Final[list[Attempt]] = [
    *rows(Risk.FUNCTIONS, UNAUTHORIZED, {
        "all customers' orders": ask(ORDERS, {}),
        "all customers' orders of a status": ask(ORDERS, {"status": "PAYMENT_INITIATED"}),
        "all customers' orders under an alias": ask("{ myOrders: orders { items { orderId } } }"),
        "all customers' orders in a fragment": ask(
            "query { ...F } fragment F on Query { orders { items { orderId } } }"
        ),
        "all customers' orders behind @include": ask(
            "query Q($a: Boolean!) { orders @include(if: $a) { items { orderId } } }", {"a": True}
        ),
        "only the next page of all customers' orders": ask("{ orders(limit: 1) { nextToken } }"),
        "a replay of another customer's order": ask(REPLAY, {"orderId": "<order>"}),
        "a restart of another customer's order": ask(
            'mutation { replayOrder(orderId: "<order>", restart: true) { outcome } }'
        ),
        "two replays in one request": ask(
            'mutation { a: replayOrder(orderId: "<order>") { note } '
            'b: replayOrder(orderId: "<order>", restart: true) { note } }'
        ),
        "a publication of an update": ask(PUBLISH, {"input": _UPDATE}),
        "a publication to oneself": ask(
            PUBLISH, {"input": {**_UPDATE, "customerId": "<attacker>"}}
        ),
        "a publication that selects nothing of the update": ask(
            PUBLISH.replace("orderId status paymentLink", "__typename"), {"input": _UPDATE}
        ),
    }),
    *rows(Risk.FUNCTIONS, UNAUTHORIZED, {
        "the staff's group in a header": raw(
            json.dumps({"query": "{ orders { items { orderId } } }"}),
            headers={"x-amzn-cognito-groups": "ops"},
        ),
        "the staff's group in a cookie": raw(
            json.dumps({"query": "{ orders(limit: 2) { items { orderId } } }"}),
            headers={"cookie": "cognito:groups=ops"},
        ),
        "the staff's group in the body": ask(
            "{ orders(limit: 3) { items { orderId } } }", {}, groups=["ops"], isAdmin=True
        ),
    }),
    *rows(Risk.FUNCTIONS, INVALID, {
        "a mutation as a query": ask('query { replayOrder(orderId: "<order>") { outcome } }'),
        "a query as a mutation": ask("mutation { orders { items { orderId } } }"),
        "staff's orders as a subscription's field": subscribe(
            {}, "subscription { orders { items { orderId } } }"
        ),
        "a subscription to the publication": subscribe(
            {}, "subscription { publishOrderUpdate { orderId } }"
        ),
    }),
    *rows(Risk.FUNCTIONS, "UnsupportedOperation", {
        "staff's query over the WebSocket": subscribe({}, "query { orders { nextToken } }"),
        "a publication over the WebSocket": subscribe(
            {"input": _UPDATE}, PUBLISH
        ),
        "a replay over the WebSocket": subscribe({"orderId": "<order>"}, REPLAY),
    }),
]  # fmt: skip
