"""The contract with PayStack's documents: our client, against the table of documented shapes.

The other half, the stand-in, is in ``tests/unit/local/stand_ins/test_paystack_documents.py``.
"""

from __future__ import annotations

from typing import Any

import pytest
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from orderflow.errors import DuplicateReferenceError, OrderflowError
from orderflow.payments.paystack import Charge, PaystackClient, Transaction, WebhookEvent
from tests.support.paystack_api import PaystackApi, Reply
from tests.support.paystack_shapes import Shape, names

REFERENCE = "order-1"
TRANSACTION = Transaction(
    email="ada@example.com",
    amount_kobo=450_000,
    currency="NGN",
    reference=REFERENCE,
    metadata={"orderId": "1"},
    callback_url="https://shop.test/back",
)

#: Fields whose values have a form that their type does not tell.
KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "status": st.just(True),
    "data.reference": st.just(REFERENCE),
    "data.authorization_url": st.just("https://checkout.paystack.com/0peioxfhpn"),
    "data.access_code": st.just("0peioxfhpn"),
    "data.currency": st.sampled_from(["GHS", "KES", "NGN", "USD", "ZAR"]),
    "data.status": st.sampled_from(
        ["abandoned", "failed", "ongoing", "pending", "processing", "queued", "reversed", "success"]
    ),
}
AMOUNTS = st.integers(0, 2**40)


def client(api: PaystackApi) -> PaystackClient:
    return PaystackClient(api.url, SecretStr("sk_test_0123456789"), urllib3.PoolManager())


def test_what_we_send_is_documented(paystack_api: PaystackApi) -> None:
    client(paystack_api).initialize(TRANSACTION)

    assert Shape("initialize request").problems(paystack_api.requests[0].body) == []


@settings(max_examples=30, deadline=None)
@given(answer=Shape("initialize").values(KNOWN))
def test_every_documented_link_is_read(paystack_server: PaystackApi, answer: Any) -> None:
    paystack_server.always(Reply(body=answer))

    link = client(paystack_server).initialize(TRANSACTION)

    assert link.model_dump() == answer["data"]


@settings(max_examples=30, deadline=None)
@given(answer=Shape("verify").values(KNOWN))
def test_every_documented_verification_is_read(paystack_server: PaystackApi, answer: Any) -> None:
    paystack_server.always(Reply(body=answer))

    charge = client(paystack_server).verify(REFERENCE)

    read = (charge.reference, charge.amount, charge.currency, charge.status, charge.paid_at)
    names_read = ("reference", "amount", "currency", "status", "paid_at")
    assert read == tuple(answer["data"][name] for name in names_read)


@given(event=Shape("charge.success").values(KNOWN | {"data.amount": AMOUNTS | AMOUNTS.map(str)}))
def test_every_documented_payment_event_is_read(event: Any) -> None:
    # Only the events of terminals lack the currency.
    data = {"currency": "NGN", **event["data"]}

    charge = Charge.model_validate(WebhookEvent.model_validate(event).data | data)

    assert (charge.reference, charge.amount) == (REFERENCE, int(data["amount"]))


EVENTS = {name: Shape(name).values(KNOWN | {"event": st.just(name)}) for name in names("event")}


@pytest.mark.parametrize("name", EVENTS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_documented_event_has_its_name_and_data(name: str, data: st.DataObject) -> None:
    event = data.draw(EVENTS[name])

    read = WebhookEvent.model_validate(event)

    assert (read.event, read.data) == (name, event["data"])


@settings(max_examples=30, deadline=None)
@given(
    body=Shape("error").values({"status": st.just(False)}),
    status=st.sampled_from([400, 401, 403, 404, 409, 422, 429, 500, 502, 503]),
)
def test_no_documented_error_is_taken_for_an_answer(
    paystack_server: PaystackApi, body: Any, status: int
) -> None:
    paystack_server.always(Reply(status, body))

    with pytest.raises(OrderflowError):
        client(paystack_server).initialize(TRANSACTION)
    with pytest.raises(OrderflowError):
        client(paystack_server).verify(REFERENCE)


@settings(max_examples=10, deadline=None)
@given(body=Shape("error").values({"status": st.just(False)}))
def test_a_documented_duplicate_is_known_by_its_code(
    paystack_server: PaystackApi, body: Any
) -> None:
    duplicate = {**body, "type": "validation_error", "code": "duplicate_reference"}
    paystack_server.always(Reply(400, duplicate))

    with pytest.raises(DuplicateReferenceError):
        client(paystack_server).initialize(TRANSACTION)
