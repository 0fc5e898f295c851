"""The PayStack stand-in: its documented protocol and its webhooks."""

import asyncio
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from orderflow.payments.paystack import Charge
from scripts.local.stand_ins.paystack import PaystackStandIn
from scripts.local.stand_ins.schedule import Schedule
from scripts.local.stand_ins.webhook import WebhookSender, WebhookTarget

KEY = "sk_test_0123456789"
AUTH = {"authorization": f"Bearer {KEY}"}
ORDER = {"email": "ada@example.com", "amount": "450000", "reference": "order-1"}


class Merchant:
    """Receives webhooks; answers with the given statuses in turn, then 200."""

    def __init__(self) -> None:
        self.received: list[httpx.Request] = []
        self.answers: list[int | Exception] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)


@pytest.fixture
def merchant() -> Merchant:
    return Merchant()


@pytest.fixture
def sender(merchant: Merchant) -> WebhookSender:
    return WebhookSender(Schedule(math.inf), httpx.MockTransport(merchant))


@pytest.fixture
def client(sender: WebhookSender) -> Iterator[TestClient]:
    app = PaystackStandIn(sender=sender).app()
    with TestClient(app, "http://paystack.test", follow_redirects=False) as client:
        client.put("/_admin/webhook", json={"url": "http://shop.test/hook", "secretKey": KEY})
        yield client


@pytest.fixture
def settle(client: TestClient, sender: WebhookSender) -> Callable[[], None]:
    """Waits for the pending webhooks."""

    def settle() -> None:
        assert client.portal is not None
        client.portal.call(sender.settle)

    return settle


def initialize(client: TestClient, **changes: Any) -> Any:
    return client.post("/transaction/initialize", headers=AUTH, json={**ORDER, **changes})


def test_initialize_answers_with_a_link_that_shows_the_amount(client: TestClient) -> None:
    answer = initialize(client)

    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["message"]) == (True, "Authorization URL created")
    assert body["data"]["reference"] == "order-1"
    url = body["data"]["authorization_url"]
    assert url == f"http://paystack.test/checkout/{body['data']['access_code']}"
    page = client.get(url)
    assert "NGN 4,500.00" in page.text
    assert '<button type="submit">' in page.text


def test_a_missing_reference_is_generated(client: TestClient) -> None:
    references = {initialize(client, reference=f"r{n}").json()["data"]["reference"] for n in (1, 2)}
    answer = client.post(
        "/transaction/initialize", headers=AUTH, json={"email": "a@b.co", "amount": 5}
    )
    assert answer.json()["data"]["reference"] not in references | {""}


def test_a_reference_can_be_used_once(client: TestClient) -> None:
    initialize(client)
    answer = initialize(client, amount=1)
    assert answer.status_code == 400
    assert answer.json()["status"] is False
    assert answer.json()["message"] == "Duplicate Transaction Reference"
    assert answer.json()["code"] == "duplicate_reference"


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer sk_test_other"}])
def test_a_wrong_key_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    for answer in (
        client.post("/transaction/initialize", headers=headers, json=ORDER),
        client.get("/transaction/verify/order-1", headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.json()["message"] == "Invalid key"


def test_every_key_is_refused_before_the_merchant_is_set() -> None:
    with TestClient(PaystackStandIn().app()) as client:
        assert initialize(client).status_code == 401


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"email": "nobody"}, "Invalid Email Address Passed"),
        ({"email": None}, "Invalid Email Address Passed"),
        ({"amount": "4.50"}, "Invalid Amount Sent"),
        ({"amount": 0}, "Invalid Amount Sent"),
        ({"amount": None}, "Invalid Amount Sent"),
        ({"reference": "no spaces"}, "Invalid parameters passed"),
    ],
)
def test_wrong_parameters_are_refused(
    client: TestClient, changes: dict[str, Any], message: str
) -> None:
    answer = initialize(client, **changes)
    assert (answer.status_code, answer.json()["message"]) == (400, message)


def test_verify_follows_the_payment(client: TestClient) -> None:
    url = initialize(client).json()["data"]["authorization_url"]

    def verified() -> dict[str, Any]:
        answer = client.get("/transaction/verify/order-1", headers=AUTH)
        data: dict[str, Any] = answer.json()["data"]
        return data

    assert (verified()["status"], verified()["paid_at"]) == ("abandoned", None)
    client.post(url)
    assert verified()["status"] == "success"
    assert verified()["amount"] == 450000
    assert verified()["currency"] == "NGN"
    assert verified()["customer"]["email"] == "ada@example.com"


def test_verify_refuses_an_unknown_reference(client: TestClient) -> None:
    answer = client.get("/transaction/verify/other", headers=AUTH)
    assert (answer.status_code, answer.json()["code"]) == (400, "transaction_not_found")


def test_paying_sends_one_signed_webhook(
    client: TestClient, merchant: Merchant, settle: Callable[[], None]
) -> None:
    url = initialize(client, metadata={"orderId": "1"}).json()["data"]["authorization_url"]

    for _ in range(2):
        assert client.post(url).status_code == 303
    settle()

    (request,) = merchant.received
    expected = hmac.new(KEY.encode(), request.content, hashlib.sha512).hexdigest()
    assert request.headers["x-paystack-signature"] == expected
    event = json.loads(request.content)
    assert event["event"] == "charge.success"
    assert event["data"]["reference"] == "order-1"
    assert event["data"]["metadata"] == {"orderId": "1"}
    assert "Paid." in client.get(url).text


@pytest.mark.parametrize(
    ("answers", "attempts"),
    [
        ([500, httpx.ConnectError("refused")], ["500", "ConnectError", "200"]),
        ([201, 404, 500, 500, 500], ["201", "404", "500", "500"]),
    ],
)
def test_a_webhook_is_retried_until_200_or_the_last_delay(
    client: TestClient,
    merchant: Merchant,
    settle: Callable[[], None],
    answers: list[int | Exception],
    attempts: list[str],
) -> None:
    merchant.answers = list(answers)
    client.post(initialize(client).json()["data"]["authorization_url"])
    settle()

    (transaction,) = client.get("/_admin/transactions").json()["transactions"]
    assert transaction["webhookAttempts"] == attempts


@pytest.mark.parametrize(
    ("callback", "address"),
    [
        ("https://shop.test/back", "https://shop.test/back?trxref=order-1&reference=order-1"),
        ("https://shop.test/?a=1", "https://shop.test/?a=1&trxref=order-1&reference=order-1"),
    ],
)
def test_after_paying_the_customer_returns_to_the_shop(
    client: TestClient, callback: str, address: str
) -> None:
    url = initialize(client, callback_url=callback).json()["data"]["authorization_url"]
    assert client.post(url).headers["location"] == address


def test_an_unknown_link_is_not_found(client: TestClient) -> None:
    assert client.get("/checkout/none").status_code == 404
    assert client.post("/checkout/none").status_code == 404
    assert client.post("/checkout/none/decline").status_code == 404


def status_of(client: TestClient, reference: str = "order-1") -> str:
    answer = client.get(f"/transaction/verify/{reference}", headers=AUTH)
    return str(answer.json()["data"]["status"])


def test_a_declined_attempt_is_reported_and_another_one_may_succeed(
    client: TestClient, merchant: Merchant, settle: Callable[[], None]
) -> None:
    url = initialize(client).json()["data"]["authorization_url"]

    declined = client.post(f"{url}/decline")
    assert (declined.status_code, declined.headers["location"]) == (303, url)
    assert status_of(client) == "failed"
    page = client.get(url).text
    assert "Declined." in page
    assert f'action="{url.rpartition("/")[2]}/decline"' in page
    client.post(url)
    settle()

    events = [json.loads(request.content) for request in merchant.received]
    assert sorted((each["event"], each["data"]["status"]) for each in events) == [
        ("charge.failed", "failed"),
        ("charge.success", "success"),
    ]
    assert status_of(client) == "success"
    client.post(f"{url}/decline")
    assert status_of(client) == "success", "what is paid can't be declined"


def test_a_payment_can_be_made_without_its_webhook(
    client: TestClient, merchant: Merchant, settle: Callable[[], None]
) -> None:
    initialize(client)

    paid = client.post("/_admin/transactions/order-1/pay")
    settle()
    assert (paid.json()["status"], merchant.received) == ("success", [])
    for _ in range(2):
        client.post("/_admin/transactions/order-1/announce")
    settle()

    assert len(merchant.received) == 2
    assert client.post("/_admin/transactions/other/pay").status_code == 404
    assert client.post("/_admin/transactions/order-1/steal").status_code == 404


def test_transactions_are_counted_by_status(client: TestClient) -> None:
    urls = [
        initialize(client, reference=f"order-{number}").json()["data"]["authorization_url"]
        for number in range(4)
    ]
    client.post(urls[0])
    client.post(f"{urls[1]}/decline")

    counts = client.get("/_admin/transactions").json()["counts"]

    assert counts == {"success": 1, "failed": 1, "abandoned": 2}


def test_verify_has_all_documented_fields(client: TestClient) -> None:
    client.post(initialize(client).json()["data"]["authorization_url"])

    data = client.get("/transaction/verify/order-1", headers=AUTH).json()["data"]

    assert set(data) >= {
        "id", "domain", "status", "reference", "receipt_number", "amount", "message",
        "gateway_response", "paid_at", "created_at", "channel", "currency", "ip_address",
        "metadata", "log", "fees", "fees_split", "authorization", "customer", "plan", "split",
        "order_id", "paidAt", "createdAt", "requested_amount", "pos_transaction_data", "source",
        "fees_breakdown", "connect", "transaction_date", "plan_object", "subaccount",
    }  # fmt: skip
    Charge.model_validate(data)


def test_the_checkout_page_escapes_its_values(client: TestClient) -> None:
    url = initialize(client, email="<b>@x.co").json()["data"]["authorization_url"]
    assert "&lt;b&gt;@x.co" in client.get(url).text


def test_the_record_of_transactions_is_complete(client: TestClient) -> None:
    initialize(client)
    initialize(client, reference="order-2")
    records = client.get("/_admin/transactions").json()["transactions"]
    assert [(one["reference"], one["amount"], one["paidAt"]) for one in records] == [
        ("order-1", 450000, None),
        ("order-2", 450000, None),
    ]


def test_a_malformed_webhook_setting_is_refused(client: TestClient) -> None:
    answer = client.put("/_admin/webhook", json={"url": "nowhere"})
    assert answer.status_code == 400
    assert {problem["field"] for problem in answer.json()["problems"]} == {"url", "secretKey"}


@pytest.mark.parametrize(
    ("mode", "status"),
    [("outage", 503), ("error", 500), ("throttle", 429), ("bad_request", 400)],
)
def test_an_injected_fault_is_a_paystack_error(client: TestClient, mode: str, status: int) -> None:
    client.put("/_admin/faults", json={"mode": mode, "times": 1, "retryAfterSeconds": 7})

    answer = initialize(client)

    assert answer.status_code == status
    assert answer.json()["status"] is False
    assert answer.headers.get("retry-after") == ("7" if mode == "throttle" else None)
    assert client.get("/_admin/stats").json()["byOperation"] == {"initialize": 1}
    assert initialize(client).status_code == 200


def test_a_lost_answer_keeps_the_transaction(client: TestClient) -> None:
    client.put("/_admin/faults", json={"mode": "lost", "times": 1})
    initialize(client)
    assert initialize(client).json()["code"] == "duplicate_reference"


def test_closing_cancels_webhooks(merchant: Merchant) -> None:
    merchant.answers = [500]

    async def scenario() -> list[str]:
        sender = WebhookSender(Schedule(), httpx.MockTransport(merchant))
        log: list[str] = []
        target = WebhookTarget.model_validate({"url": "http://shop.test", "secretKey": KEY})
        sender.send(target, {"event": "charge.success"}, log)
        while not log:
            await asyncio.sleep(0)
        await sender.close()
        return log

    assert asyncio.run(asyncio.wait_for(scenario(), 5)) == ["500"]
