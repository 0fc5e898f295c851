"""API4 and API6: floods, oversized requests, and flows that can be abused."""

from __future__ import annotations

import gzip
import json
from typing import Any, Final

from tests.support.attempts.attempt import INVALID, Attempt, Risk
from tests.support.attempts.requests import (
    CANCEL,
    MINE,
    SUBMIT,
    ask,
    charge,
    raw,
    rows,
    signed,
    subscribe,
    webhook,
)

MALFORMED: Final = "400"
TOO_LARGE: Final = "too-large"
FORGED: Final = "bad-signature"


def _submit(**fields: Any) -> Any:
    return ask(SUBMIT, {"input": {"groceryList": "3 eggs", **fields}})


_ONE_MEGABYTE = 1_000_001
_ALIASED = " ".join(
    f'a{n}: submitGroceryList(input: {{groceryList: "{n + 1} eggs"}}) {{ orderId }}'
    for n in range(10)
)

RESOURCES: Final[list[Attempt]] = [
    *rows(Risk.RESOURCES, "InvalidOrder", {
        "a list of 5,001 characters": _submit(groceryList="x" * 5_001),
        "a list of 101 lines": _submit(groceryList="2 kg rice\n" * 101),
        "a list of blanks": _submit(groceryList=" \n" * 2_000),
        "a list of control characters": _submit(groceryList="\x01\x02" * 500),
        "a name of 101 characters": _submit(customerName="A" * 101),
        "an idempotency key of 65 characters": _submit(idempotencyKey="k" * 65),
    }),
    *rows(Risk.RESOURCES, "InvalidRequest", {
        "a page of no orders": ask(MINE, {"limit": 0}),
        "a page of 101 orders": ask(MINE, {"limit": 101}),
        "a page of -1 orders": ask(MINE, {"limit": -1}),
        "a page of 2,147,483,647 orders": ask(MINE, {"limit": 2_147_483_647}),
        "a page's token of 100,000 characters": ask(MINE, {"nextToken": "A" * 100_000}),
    }),
    *rows(Risk.RESOURCES, INVALID, {
        "a page of 2^31 orders": ask(MINE, {"limit": 2**31}),
        "a page of 1e400 orders": raw(
            '{"query": "query M($l: Int) { myOrders(limit: $l) { nextToken } }", '
            '"variables": {"l": "1e400"}}'
        ),
        "an order that contains itself": ask(
            "query { myOrders { items { items { items "
            "{ orderId } } } } }"),
        "a fragment that contains itself": ask(
            "query { myOrders { items { ...F } } } fragment F on Order { orderId ...F }"
        ),
        "two fragments that contain each other": ask(
            "query { myOrders { items { ...F } } } "
            "fragment F on Order { ...G } fragment G on Order { ...F }"
        ),
    }),
    *rows(Risk.RESOURCES, "413", {
        "a body of a megabyte": raw("#" * _ONE_MEGABYTE),
        "a list of a megabyte": _submit(groceryList="x" * _ONE_MEGABYTE),
        "a variable of a megabyte that nothing uses": ask(MINE, {"unused": "x" * _ONE_MEGABYTE}),
    }),
    *rows(Risk.RESOURCES, MALFORMED, {
        "ten requests in an array": raw(json.dumps([{"query": "{ myOrders { nextToken } }"}] * 10)),
        "a query nested a thousand times": ask("query { myOrders " + "{ items " * 1_000),
        "a compressed body": raw(
            gzip.compress(b" " * 100_000), headers={"content-encoding": "gzip"}
        ),
        "a number of 5,000 digits": raw('{"query": ' + "9" * 5_000 + "}"),
    }),
    *rows(Risk.RESOURCES, TOO_LARGE, {
        "a webhook of 64 KB and a byte": webhook(
            " " * (64 * 1024 + 1), lambda _body, _key: "00" * 64
        ),
        "a signed webhook that is too large": webhook(" " * (64 * 1024 + 2), signed),
    }),
    *rows(Risk.RESOURCES, FORGED, {
        "a webhook nested a thousand times": webhook("[" * 1_000, lambda _body, _key: "00" * 64),
    }),
    *rows(Risk.RESOURCES, "LimitExceededError", {
        "a subscription of a megabyte": subscribe({"customerId": "x" * _ONE_MEGABYTE}),
    }),
]  # fmt: skip

FLOWS: Final[list[Attempt]] = [
    *rows(Risk.FLOWS, "TooManyOrders", {
        "one list more than the limit": _submit(),
        "the same with a fresh idempotency key": _submit(idempotencyKey="a-fresh-key"),
        "the same with another name": _submit(customerName="Somebody Else"),
        "the same with the address in capitals": _submit(customerEmail="<attacker-email>"),
        "ten aliased lists in one request": ask(f"mutation {{ {_ALIASED} }}"),
        "the same behind a forwarded address": raw(
            json.dumps({"query": SUBMIT, "variables": {"input": {"groceryList": "4 eggs"}}}),
            headers={"x-forwarded-for": "203.0.113.9"},
        ),
    }, is_over_limit=True),
    *rows(Risk.FLOWS, "EmailNotVerified", {
        "a link to the victim's address": _submit(customerEmail="<victim-email>"),
        "a link to a stranger's address": _submit(customerEmail="stranger@mail.example"),
        "a link to the own address with a tag": _submit(customerEmail="x+<attacker-email>"),
    }),
    *rows(Risk.FLOWS, {"InvalidOrder", "EmailNotVerified", INVALID}, {
        "two addresses": _submit(customerEmail="<attacker-email>,victim@mail.example"),
        "a second recipient in a header": _submit(
            customerEmail="<attacker-email>\r\nBcc: victim@mail.example"
        ),
        "an address with a name": _submit(customerEmail="Shop <shop@mail.example>"),
        "an address with letters that look alike": _submit(customerEmail="\u0430da@mail.example"),
        "an address without a domain": _submit(customerEmail="root@localhost"),
        "an address of 255 characters": _submit(customerEmail="a" * 243 + "@mail.example"),
    }),
    *rows(Risk.FLOWS, "InvalidOrder", {
        "an idempotency key with a line break": _submit(idempotencyKey="a\nb"),
        "an empty idempotency key": _submit(idempotencyKey=""),
    }),
    *rows(Risk.FLOWS, "OrderNotFound", {
        "a cancellation of an order before it is there": ask(
            CANCEL, {"orderId": "00000000-0000-4000-8000-000000000000"}
        ),
    }),
    *rows(Risk.FLOWS, FORGED, {
        "a payment without a signature": webhook(charge(), lambda _body, _key: None),
        "a payment with an empty signature": webhook(charge(), lambda _body, _key: ""),
        "a payment with zeros as its signature": webhook(charge(), lambda _body, _key: "00" * 64),
        "a payment signed with an empty key": webhook(charge(), lambda body, _: signed(body, "")),
        "a payment signed with another key": webhook(
            charge(), lambda body, _: signed(body, "sk_test_of_the_attacker")
        ),
        "a payment with the signature of another body": webhook(
            charge(), lambda _, key: signed(b'{"event": "charge.success"}', key)
        ),
        "a payment with a part of its signature": webhook(
            charge(), lambda body, key: signed(body, key)[:64]
        ),
        "a payment with a longer signature": webhook(
            charge(), lambda body, key: signed(body, key) + "00"
        ),
        "a payment with two signatures": webhook(
            charge(), lambda body, key: f"{'00' * 64}, {signed(body, key)}"
        ),
        "a payment changed after it was signed": webhook(
            charge(amount=100), lambda body, key: signed(body.replace(b"100", b"240100"), key)
        ),
        "a payment with a blank behind what was signed": webhook(
            json.dumps(charge()) + " ", lambda body, key: signed(body[:-1], key)
        ),
        "the key itself as the signature": webhook(charge(), lambda _, key: key),
        "a signature in the query string": webhook(
            charge(), lambda _body, _key: None, path="/?x-paystack-signature=" + "00" * 64
        ),
        "a payment from PayStack's address by header": webhook(
            charge(), lambda _body, _key: None, x_forwarded_for="52.31.139.75"
        ),
        "a payment by another method": webhook(charge(), lambda _body, _key: None, method="PUT"),
    }),
]  # fmt: skip
