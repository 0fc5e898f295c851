"""The contract with PayStack's documents: the stand-in and our client, against the same table.

The other half, our client, is in ``tests/unit/payments/test_paystack_documents.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from scripts.local.stand_ins.paystack.answers import ANSWERS, Failure
from scripts.local.stand_ins.paystack.transactions import Status
from tests.support.paystack_shapes import Shape
from tests.unit.local.stand_ins.conftest import Merchant, Shop


def conforms(name: str, value: Any) -> bool:
    problems = Shape(name).problems(value)
    assert problems == [], name
    return True


def dispute_of(shop: Shop) -> int:
    shop.act("dispute")
    (dispute,) = shop.get("/dispute")["data"]
    return int(dispute["id"])


@pytest.mark.parametrize("metadata", [None, "cart-7", {"orderId": "1"}])
def test_initialize_answers_as_documented(shop: Shop, metadata: Any) -> None:
    assert conforms("initialize", shop.initialize(metadata=metadata).json())


@pytest.mark.parametrize("acts", [(), ("decline",), ("pay",), ("decline", "pay")], ids="-".join)
@pytest.mark.parametrize("metadata", [None, "cart-7", {"orderId": "1"}])
def test_a_transaction_is_shown_as_documented(
    shop: Shop, acts: tuple[str, ...], metadata: Any
) -> None:
    shop.initialize(metadata=metadata)
    for act in acts:
        shop.act(act)

    verified = shop.get("/transaction/verify/order-1")
    number = verified["data"]["id"]
    listed = shop.get("/transaction")

    assert conforms("verify", verified)
    assert conforms("transaction", shop.get(f"/transaction/{number}"))
    assert conforms("transactions", listed)
    assert [each["id"] for each in listed["data"]] == [number]


@pytest.mark.parametrize("status", Status)
def test_a_transaction_of_every_status_is_shown_as_documented(shop: Shop, status: Status) -> None:
    shop.initialize()
    shop.act("become", status=status)

    assert conforms("verify", shop.get("/transaction/verify/order-1"))
    assert shop.verified()["status"] == status


@pytest.mark.parametrize(
    "means",
    [
        {"authorization_code": "AUTH_1"},
        {"card": {"number": "4084084084084081", "cvv": "408"}},
        {"mobile_money": {"phone": "0551234987", "provider": "mtn"}},
    ],
    ids=lambda means: next(iter(means)),
)
def test_a_charge_is_answered_as_documented(shop: Shop, means: dict[str, Any]) -> None:
    charged = shop.http.post("/charge", json={"email": "ada@example.com", "amount": 5000, **means})

    assert conforms("charge created", charged.json())
    assert charged.json()["data"]["status"] == "success"


@pytest.mark.parametrize(
    "means", [{"bank": {"code": "057", "account_number": "0000000000"}}, {"ussd": {"type": "737"}}]
)
def test_a_step_of_a_charge_is_answered_as_documented(shop: Shop, means: dict[str, Any]) -> None:
    body = {"email": "ada@example.com", "amount": 5000, "reference": "step", **means}
    assert conforms("charge step", shop.http.post("/charge", json=body).json())
    assert conforms("charge step", shop.get("/charge/step"))


def test_refunds_are_answered_as_documented(shop: Shop) -> None:
    shop.paid()

    created = shop.http.post("/refund", json={"transaction": "order-1", "amount": 100}).json()
    number = created["data"]["id"]

    assert conforms("refund created", created)
    assert conforms("refund", shop.get(f"/refund/{number}"))
    assert conforms("refunds", shop.get("/refund"))
    shop.admin("POST", f"refunds/{number}/processed")
    assert conforms("refund", shop.get(f"/refund/{number}"))
    assert conforms("refunds", shop.get("/refund"))


@pytest.mark.parametrize("resolution", ["merchant-accepted", "declined"])
def test_disputes_are_answered_as_documented(shop: Shop, resolution: str) -> None:
    shop.paid()
    number = dispute_of(shop)

    assert conforms("dispute", shop.get(f"/dispute/{number}"))
    assert conforms("disputes", shop.get("/dispute"))
    answer = {
        "resolution": resolution,
        "message": "See the receipt",
        "refund_amount": 450000,
        "uploaded_filename": "receipt",
        "evidence": 7,
    }
    assert Shape("dispute resolution request").problems(answer) == []
    resolved = shop.http.put(f"/dispute/{number}/resolve", json=answer)
    assert conforms("dispute resolved", resolved.json())
    assert conforms("dispute", shop.get(f"/dispute/{number}"))


def test_the_session_timeout_is_answered_as_documented(shop: Shop) -> None:
    path = "/integration/payment_session_timeout"
    assert conforms("session timeout", shop.http.put(path, json={"timeout": 30}).json())
    assert conforms("session timeout", shop.get(path))


#: Answers that are no error of the API as documented: a ``code`` that is null has been seen, and an
#: HTML page comes from a gateway before it.
UNDOCUMENTED = {
    name
    for name, each in ANSWERS.items()
    if not isinstance(each, Failure) or (each.type is not None and each.code is None)
}


@pytest.mark.parametrize("name", sorted(ANSWERS.keys() - UNDOCUMENTED))
def test_an_error_is_answered_as_documented(shop: Shop, name: str) -> None:
    shop.admin("PUT", "faults", mode="answer", answer=name, times=1)
    assert conforms("error", shop.initialize().json())


@pytest.mark.parametrize("path", ["/transaction/1", "/refund/1", "/dispute/1", "/nothing"])
def test_what_does_not_exist_is_answered_as_documented(shop: Shop, path: str) -> None:
    answer = shop.http.get(path)
    assert answer.status_code == 404
    assert conforms("error", answer.json())


def test_every_event_is_sent_as_documented(shop: Shop, merchant: Merchant) -> None:
    shop.paid()
    shop.act("announce")
    shop.act("reject-transfer", amount=30000)
    refund = shop.http.post("/refund", json={"transaction": "order-1"}).json()["data"]["id"]
    for status in ("processing", "needs-attention", "failed", "processed"):
        shop.admin("POST", f"refunds/{refund}/{status}")
    number = dispute_of(shop)
    shop.admin("POST", f"disputes/{number}/remind")
    answer = {"resolution": "declined", "message": "Delivered", "refund_amount": 0}
    shop.http.put(f"/dispute/{number}/resolve", json=answer)
    shop.delivered()

    assert {each["event"] for each in merchant.events} == {
        "charge.success", "bank.transfer.rejected",
        "refund.pending", "refund.processing", "refund.needs-attention", "refund.failed",
        "refund.processed",
        "charge.dispute.create", "charge.dispute.remind", "charge.dispute.resolve",
    }  # fmt: skip
    for event in merchant.events:
        assert conforms(event["event"], event)
