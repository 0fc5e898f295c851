"""refund_payment, from an operator's request to PayStack's Refund API."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.orders.model import Order
from orderflow.orders.money_records import RefundDue, RefundReason
from orderflow.orders.store import OrderStore
from refund_payment.handler import lambda_handler
from tests.support.events import load_event
from tests.support.factories import CUSTOMER_EMAIL, an_order, stored
from tests.support.paystack_api import PaystackApi, Reply
from tests.support.paystack_shapes import Shape

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

EVENT = load_event("refund_payment")
ORDER_ID = EVENT["orderId"]
REFERENCE = EVENT["reference"]
NUMBER = 4_099_260_516
AMOUNT = 240_100

CHARGE = {
    "id": NUMBER,
    "reference": REFERENCE,
    "amount": AMOUNT,
    "currency": "NGN",
    "status": "success",
    "paid_at": "2026-01-31T12:00:00.000Z",
}
MADE = {
    "id": 3_018_284,
    "transaction": {"id": NUMBER, "reference": REFERENCE},
    "amount": AMOUNT,
    "currency": "NGN",
    "status": "pending",
    "merchant_note": f"Refund request {EVENT['requestId']}",
}


def reply(data: Any, status: int = 200) -> Reply:
    return Reply(status, {"status": status < 400, "message": "made up by a test", "data": data})


def page(*entries: Any) -> Reply:
    """A list's only page."""
    return Reply(200, {"status": True, "data": [*entries], "meta": {"pageCount": 1}})


@pytest.fixture(autouse=True)
def _order(
    environment: pytest.MonkeyPatch,
    store: OrderStore,
    breakers_table: Table,
    paystack_secret: str,
    paystack_api: PaystackApi,
    topic_arn: str,
) -> Order:
    """Its environment, and a cancelled order that was paid late."""
    environment.setenv("PAYSTACK_BASE_URL", paystack_api.url)
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    order = stored(store, an_order(order_id=ORDER_ID, status="CANCELLED"))
    due = RefundDue(
        reference=REFERENCE,
        amount=AMOUNT,
        currency="NGN",
        reason=RefundReason.ORDER_ENDED,
        at="2026-01-31T12:00:00.000Z",
        paid_at="2026-01-31T12:00:00.000Z",
    )
    return store.record_refunds(order, [due])


def test_a_refund_is_made_by_paystacks_api(
    context: LambdaContext, store: OrderStore, paystack_api: PaystackApi
) -> None:
    paystack_api.then(reply(CHARGE), reply([]), reply([]), reply(MADE))

    answer = lambda_handler(EVENT, context)

    assert answer["outcome"] == "made"
    assert answer["refund"]["refundId"] == MADE["id"]
    verify, refunds, disputes, refund = paystack_api.requests
    assert verify.path == f"/transaction/verify/{REFERENCE}"
    for listing, path in ((refunds, "/refund"), (disputes, "/dispute")):
        asked = urlsplit(listing.path)
        assert asked.path == path
        assert parse_qs(asked.query)["transaction"] == [str(NUMBER)]
    assert (refund.method, refund.path) == ("POST", "/refund")
    assert Shape("refund request").problems(refund.body) == []
    assert refund.body["amount"] == AMOUNT
    (kept,) = store.get(ORDER_ID).refunds
    assert (kept.status, kept.by, kept.reason) == ("pending", EVENT["by"], EVENT["reason"])


def test_a_dry_run_asks_and_makes_nothing(
    context: LambdaContext, store: OrderStore, paystack_api: PaystackApi
) -> None:
    paystack_api.then(reply(CHARGE), reply([]), reply([]))

    answer = lambda_handler(EVENT | {"dryRun": True}, context)

    assert (answer["outcome"], answer["plan"]["amount"]) == ("planned", AMOUNT)
    assert [each.method for each in paystack_api.requests] == ["GET"] * 3
    assert store.get(ORDER_ID).refunds == []


def test_a_look_shows_the_payment_as_paystack_has_it_and_records_nothing(
    context: LambdaContext, store: OrderStore, paystack_api: PaystackApi
) -> None:
    before = store.get(ORDER_ID)
    charge = CHARGE | {"channel": "card", "fees": 3_601, "gateway_response": "Successful"}
    dispute = {
        "id": 17, "status": "awaiting-merchant-feedback", "refund_amount": AMOUNT,
        "category": "chargeback", "dueAt": "2026-02-03T12:00:00.000Z",
        "transaction": {"id": NUMBER, "reference": REFERENCE},
    }  # fmt: skip
    paystack_api.then(reply(charge), page(MADE), page(dispute))

    answer = lambda_handler(EVENT | {"look": True}, context)

    assert answer == {
        "outcome": "shown",
        "payment": {
            "reference": REFERENCE,
            "status": "success",
            "amount": AMOUNT,
            "requestedAmount": None,
            "currency": "NGN",
            "fees": 3_601,
            "channel": "card",
            "gatewayResponse": "Successful",
            "paidAt": "2026-01-31T12:00:00.000Z",
            "refunds": [
                {
                    "refundId": MADE["id"],
                    "amount": AMOUNT,
                    "currency": "NGN",
                    "status": "pending",
                    "byUs": True,
                }
            ],
            "disputes": [
                {
                    "disputeId": 17,
                    "status": "awaiting-merchant-feedback",
                    "category": "chargeback",
                    "resolution": None,
                    "refundAmount": AMOUNT,
                    "dueAt": "2026-02-03T12:00:00.000Z",
                }
            ],
        },
    }
    assert [each.method for each in paystack_api.requests] == ["GET"] * 3
    assert store.get(ORDER_ID) == before


def test_a_payment_that_was_abandoned_is_shown(
    context: LambdaContext, paystack_api: PaystackApi
) -> None:
    paystack_api.then(
        reply(CHARGE | {"status": "abandoned", "paid_at": None}), reply([]), reply([])
    )

    payment = lambda_handler(EVENT | {"look": True}, context)["payment"]

    assert (payment["status"], payment["paidAt"], payment["refunds"]) == ("abandoned", None, [])


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"reference": "another-order-1"}, "no payment of this order"),
        ({}, "PayStack knows no payment"),
    ],
)
def test_a_look_at_an_unknown_payment_is_refused(
    context: LambdaContext, paystack_api: PaystackApi, event: dict[str, Any], message: str
) -> None:
    unknown = {"message": "Transaction reference not found.", "code": "transaction_not_found"}
    paystack_api.then(Reply(400, {"status": False, **unknown}))

    answer = lambda_handler(EVENT | {"look": True} | event, context)

    assert answer["outcome"] == "refused"
    assert message in answer["message"]


def test_a_refusal_is_data(context: LambdaContext, paystack_api: PaystackApi) -> None:
    paystack_api.then(reply(CHARGE | {"status": "abandoned"}), reply([]), reply([]))

    answer = lambda_handler(EVENT, context)

    assert answer["outcome"] == "refused"
    assert "abandoned" in answer["message"]


def test_an_unknown_order_is_data(context: LambdaContext) -> None:
    assert lambda_handler(EVENT | {"orderId": "none"}, context)["outcome"] == "unknown-order"


def test_an_open_breaker_spares_paystack_the_call(
    context: LambdaContext, breakers_table: Table, paystack_api: PaystackApi
) -> None:
    breakers_table.put_item(
        Item={"provider": "paystack", "state": "OPEN", "epoch": 1, "retryAt": 99999999999999}
    )

    assert lambda_handler(EVENT, context)["outcome"] == "unavailable"

    assert paystack_api.requests == []


#: Answers to the creation of a refund: the outcome, and the state that is kept.
ANSWERS = [
    (reply(MADE), "made", "pending"),
    (reply(MADE, 201), "made", "pending"),
    (reply(MADE | {"status": "processed"}), "made", "processed"),
    (reply(MADE | {"status": "a-new-word"}), "made", "processing"),
    (Reply(400, {"status": False, "message": "x", "type": "validation_error", "code": None}),
     "refused", "refused"),
    (Reply(400, {"status": False, "message": "x", "type": "api_error"}), "unavailable",
     "requested"),
    (Reply(400, {"status": False, "message": "x", "code": None}), "unavailable", "requested"),
    (Reply(401, {"status": False, "message": "Invalid key"}), "unavailable", "requested"),
    (Reply(403, b"<html>"), "unavailable", "requested"),
    (Reply(404, b"<html>"), "unavailable", "requested"),
    (Reply(429, b""), "unavailable", "requested"),
    (Reply(500, b""), "unavailable", "requested"),
    (Reply(503, b""), "unavailable", "requested"),
    (Reply(200, b"<html>"), "unavailable", "requested"),
    (Reply(200, b"{"), "unavailable", "requested"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "outcome", "state"), ANSWERS)
def test_only_paystacks_own_words_decide_over_a_refund(
    context: LambdaContext,
    store: OrderStore,
    paystack_api: PaystackApi,
    answer: Reply,
    outcome: str,
    state: str,
) -> None:
    """Where the answer is unclear, the refund may have been made: the request stays open."""
    paystack_api.then(reply(CHARGE), reply([]), reply([]), answer)

    assert lambda_handler(EVENT, context)["outcome"] == outcome

    assert [str(each.status) for each in store.get(ORDER_ID).refunds] == [state]


def test_logs_tell_who_wanted_it_and_of_no_customer_and_no_key(
    context: LambdaContext,
    paystack_api: PaystackApi,
    paystack_secret: str,
    log_output: io.StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paystack_api.then(reply(CHARGE), reply([]), reply([]), reply(MADE))

    lambda_handler(EVENT, context)

    output = log_output.getvalue() + "".join(capsys.readouterr())
    (audited,) = [
        line["audit"]
        for line in map(json.loads, log_output.getvalue().splitlines())
        if line.get("audit", {}).get("reason")
    ]
    assert (audited["actor"], audited["subject"]) == (EVENT["by"], ORDER_ID)
    assert (audited["reason"], audited["details"]["amount"]) == (EVENT["reason"], AMOUNT)
    assert CUSTOMER_EMAIL not in output
    assert paystack_secret not in output
