"""The contract with PayStack's documents: our client, against the table of documented shapes.

The other half, the stand-in, is in ``tests/unit/local/stand_ins/test_paystack_documents.py``.
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from orderflow.errors import DuplicateReferenceError, OrderflowError
from orderflow.payments.paystack import Charge, PaystackClient, Transaction, WebhookEvent
from orderflow.payments.reversals.api import NewRefund, ReversalsClient
from orderflow.payments.reversals.events import (
    DISPUTE_EVENTS,
    REFUND_EVENTS,
    DisputeReport,
    RefundReport,
    RejectedTransfer,
)
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


#: Fields of refunds and disputes whose values have a form that their type does not tell.
REVERSALS: dict[str, st.SearchStrategy[Any]] = {
    "data.transaction_reference": st.just(REFERENCE),
    "data.transaction.reference": st.just(REFERENCE),
    "data.currency": st.sampled_from(["GHS", "KES", "NGN", "USD", "ZAR"]),
    "data.id": AMOUNTS | AMOUNTS.map(str),
    "data.bank_transfer.amount": AMOUNTS.map(str),
}
REFUND_STATES = st.sampled_from(["pending", "processing", "processed", "failed", "needs-attention"])
TIMES = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)


@pytest.mark.parametrize("name", sorted(REFUND_EVENTS))
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_documented_refund_event_is_read(name: str, data: st.DataObject) -> None:
    amounts = AMOUNTS.map(str) if "string" in Shape(name).fields["data.amount"].types else AMOUNTS
    event = data.draw(Shape(name).values(REVERSALS | {"data.amount": amounts}))["data"]

    read = RefundReport.model_validate(event)

    assert (read.transaction_reference, read.currency) == (REFERENCE, event["currency"])
    assert read.amount == int(event["amount"])
    assert read.id == (int(event["id"]) if "id" in event else None)


@pytest.mark.parametrize("name", sorted(DISPUTE_EVENTS))
@settings(max_examples=20, deadline=None)
@given(data=st.data(), due_at=TIMES)
def test_every_documented_dispute_event_is_read(
    name: str, data: st.DataObject, due_at: str
) -> None:
    known = REVERSALS | {
        "data.id": AMOUNTS,
        "data.status": st.sampled_from(["awaiting-merchant-feedback", "resolved"]),
        "data.dueAt": st.just(due_at),
    }
    event = data.draw(Shape(name).values(known))["data"]

    read = DisputeReport.model_validate(event)

    assert (read.id, read.transaction.reference) == (event["id"], REFERENCE)
    assert (read.status, read.currency) == (event["status"], event["currency"])
    assert read.refund_amount == event["refund_amount"]
    assert read.due_at is not None
    assert abs(read.due_at - datetime.fromisoformat(due_at)) < timedelta(milliseconds=1)


@given(event=Shape("bank.transfer.rejected").values(REVERSALS))
def test_every_documented_rejected_transfer_is_read(event: Any) -> None:
    transfer = event["data"]["bank_transfer"]

    read = RejectedTransfer.model_validate(event["data"]).bank_transfer

    assert (read.amount, read.transaction_id) == (
        int(transfer["amount"]), transfer["transaction_id"],
    )  # fmt: skip


def reversals(api: PaystackApi) -> ReversalsClient:
    return ReversalsClient(client(api), nullcontext)


NEW_REFUND = NewRefund(
    reference=REFERENCE,
    amount=100,
    currency="NGN",
    request_id="5d2c9a1e-8f0b-4c57-9a55-2f7f9f0f4b11",
    customer_note="Refund of your grocery order 1",
)


@settings(max_examples=30, deadline=None)
@given(answer=Shape("refund created").values(KNOWN | {"data.status": REFUND_STATES}))
def test_every_documented_creation_of_a_refund_is_read(
    paystack_server: PaystackApi, answer: Any
) -> None:
    paystack_server.reset()
    paystack_server.always(Reply(body=answer))

    made = reversals(paystack_server).refund(NEW_REFUND)

    data = answer["data"]
    assert (made.id, made.amount, made.currency) == (data["id"], data["amount"], data["currency"])
    assert (made.transaction, made.known_status) == (data["transaction"]["id"], data["status"])
    (request,) = paystack_server.requests
    assert Shape("refund request").problems(request.body) == []


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_documented_list_of_refunds_is_read(
    paystack_server: PaystackApi, data: st.DataObject
) -> None:
    known = {
        "status": st.just(True),
        "data[].currency": KNOWN["data.currency"],
        "data[].status": REFUND_STATES,
        "data[].transaction": st.integers(1, 2),
        "meta.pageCount": st.just(1),
    }
    answer = data.draw(Shape("refunds").values(known))
    paystack_server.then(Reply(body=answer), Reply(body={**answer, "data": []}))

    found = reversals(paystack_server).refunds(1, datetime(2026, 1, 31, tzinfo=UTC))

    wanted = [each for each in answer["data"] if each["transaction"] == 1]
    assert [(each.id, each.amount, each.known_status) for each in found] == [
        (each["id"], each["amount"], each["status"]) for each in wanted
    ]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_documented_list_of_disputes_is_read(
    paystack_server: PaystackApi, data: st.DataObject
) -> None:
    known = {
        "status": st.just(True),
        "data[].id": AMOUNTS,
        "data[].status": st.sampled_from(
            ["awaiting-merchant-feedback", "awaiting-bank-feedback", "pending", "resolved"]
        ),
        "data[].transaction.reference": st.sampled_from([REFERENCE, "order-2"]),
        "meta.pageCount": st.just(1),
    }
    answer = data.draw(Shape("disputes").values(known))
    paystack_server.then(Reply(body=answer))
    charge = Charge(id=1, reference=REFERENCE, amount=1, currency="NGN", status="success")

    found = reversals(paystack_server).disputes(charge)

    wanted = [each for each in answer["data"] if each["transaction"]["reference"] == REFERENCE]
    assert [(each.id, each.status) for each in found] == [
        (each["id"], each["status"]) for each in wanted
    ]


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
    with pytest.raises(OrderflowError):
        reversals(paystack_server).refund(NEW_REFUND)
    with pytest.raises(OrderflowError):
        reversals(paystack_server).refunds(1, datetime(2026, 1, 31, tzinfo=UTC))


@settings(max_examples=10, deadline=None)
@given(body=Shape("error").values({"status": st.just(False)}))
def test_a_documented_duplicate_is_known_by_its_code(
    paystack_server: PaystackApi, body: Any
) -> None:
    duplicate = {**body, "type": "validation_error", "code": "duplicate_reference"}
    paystack_server.always(Reply(400, duplicate))

    with pytest.raises(DuplicateReferenceError):
        client(paystack_server).initialize(TRANSACTION)
