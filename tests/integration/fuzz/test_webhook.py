"""Malformed and forged requests to the deployed webhook change no order."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator

import httpx
import pytest
from hypothesis import given

from orderflow.orders.model import Order
from tests.integration.fuzz.inputs import examples
from tests.integration.fuzz.webhook_requests import bodies, signatures
from tests.support.shop import Shop

pytestmark = pytest.mark.long

REFERENCE = "0b5c7c1e-52a4-5f39-8a3a-6f1d5c0a9e77-1"
AMOUNT = 240_100
REFUSALS = {"too-large": 413, "bad-signature": 401}
ANSWERS = {
    "unreadable": 400,
    "ignored": 200,
    "declined": 200,
    "mismatch": 200,
    "unknown-order": 200,
    **REFUSALS,
}
TRACES = ("Traceback", "stackTrace", "errorType", 'File "', "orderflow")

Send = Callable[[bytes, str | None], httpx.Response]


@pytest.fixture(scope="module")
def order(shop: Shop) -> Order:
    """An order that waits for its payment."""
    return shop.awaiting_payment("1 loaf bread")


@pytest.fixture(scope="module")
def send(shop: Shop) -> Iterator[Send]:
    """Post a body with a signature to the function's URL."""
    url = shop.state.webhook_url
    with httpx.Client(timeout=30, trust_env=False) as client:

        def post(body: bytes, signature: str | None) -> httpx.Response:
            header = (
                {} if signature is None else {"x-paystack-signature": signature.encode("latin-1")}
            )
            return client.post(url, content=body, headers=header)

        yield post


def check(answer: httpx.Response, allowed: dict[str, int]) -> None:
    assert not any(trace in answer.text for trace in TRACES), answer.text
    result = answer.json()["result"]
    assert allowed.get(result) == answer.status_code, (answer.status_code, answer.text)


@examples(0.5)
@given(body=bodies(REFERENCE, AMOUNT), signature=signatures)
def test_a_request_without_the_key_is_refused(
    send: Send, body: bytes, signature: str | None
) -> None:
    check(send(body, signature), REFUSALS)


@examples(0.5)
@given(body=bodies(REFERENCE, AMOUNT))
def test_a_malformed_signed_request_gets_the_webhooks_own_answer(
    shop: Shop, order: Order, send: Send, body: bytes
) -> None:
    body = body.replace(REFERENCE.encode(), str(order.payment_reference).encode())
    signed = hmac.new(shop.state.paystack_secret_key.encode(), body, hashlib.sha512).hexdigest()

    check(send(body, signed), ANSWERS)


def test_no_order_was_changed(shop: Shop, order: Order) -> None:
    """Runs last, in the order of this file."""
    after = shop.orders.get(order.order_id)
    noted = {"declined", "refunds_due", "refunds_revision"}
    assert after.model_dump(exclude=noted) == order.model_dump(exclude=noted)
    assert all(refund.reason == "differs" for refund in after.refunds_due)
    assert [each.order_id for each in shop.orders.newest(None, 1)] == [order.order_id]
    assert shop.progress(order).status == "RUNNING"
