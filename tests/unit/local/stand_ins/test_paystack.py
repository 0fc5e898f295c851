"""The PayStack stand-in: its documented protocol and its webhooks."""

import asyncio
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import accumulate
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from scripts.local.stand_ins.paystack.app import PaystackStandIn
from scripts.local.stand_ins.paystack.customers import fee_of, with_fee
from scripts.local.stand_ins.paystack.webhook import (
    RETRY_DELAYS_SECONDS,
    WebhookSender,
    WebhookTarget,
)
from scripts.local.stand_ins.schedule import Schedule
from tests.unit.local.stand_ins.conftest import AUTH, KEY, ORDER, Merchant, Shop


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
    assert "₦4,500.00" in page.text
    assert '<button type="submit">' in page.text


def test_the_checkout_leads_back_to_the_shop_paid_or_not(client: TestClient) -> None:
    to_shop = initialize(client, callback_url="http://shop.test/return?a=<b>").json()["data"]
    unknown = initialize(client, reference="order-2").json()["data"]
    way = "http://shop.test/return?a=&lt;b&gt;&amp;trxref=order-1&amp;reference=order-1"

    assert f'<a href="{way}">Back to the shop</a>' in client.get(to_shop["authorization_url"]).text
    client.post(to_shop["authorization_url"])
    assert f'<a href="{way}">Back to the shop</a>' in client.get(to_shop["authorization_url"]).text
    assert "Back to the shop" not in client.get(unknown["authorization_url"]).text


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
        ({"email": None}, "Email Address is required"),
        ({"amount": "4.50"}, "Invalid Amount Sent"),
        ({"amount": 0}, "Invalid Amount Sent"),
        ({"amount": None}, "Amount is required"),
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


def test_a_webhook_is_compact_utf_8(
    client: TestClient, merchant: Merchant, settle: Callable[[], None]
) -> None:
    """PayStack's documented check signs what JSON.stringify makes of the body."""
    client.post(initialize(client, metadata={"note": "ẹ̀wà"}).json()["data"]["authorization_url"])
    settle()

    (request,) = merchant.received
    assert '{"note":"ẹ̀wà"}' in request.content.decode()


def test_a_webhook_is_repeated_until_the_answer_is_200(
    client: TestClient, merchant: Merchant, settle: Callable[[], None]
) -> None:
    merchant.answers = [500, httpx.ConnectError("refused"), 201]
    client.post(initialize(client).json()["data"]["authorization_url"])
    settle()

    (transaction,) = client.get("/_admin/transactions").json()["transactions"]
    assert transaction["webhookAttempts"] == ["500", "ConnectError", "201", "200"]


def test_a_webhook_is_waited_for_as_long_as_paystack_does(
    client: TestClient, merchant: Merchant, settle: Callable[[], None]
) -> None:
    client.post(initialize(client).json()["data"]["authorization_url"])
    settle()

    (request,) = merchant.received
    assert request.extensions["timeout"]["read"] == 30


@pytest.mark.parametrize(("domain", "repetitions"), [("test", 10), ("live", 76)])
def test_a_webhook_is_repeated_as_often_as_paystack_does(
    client: TestClient,
    merchant: Merchant,
    settle: Callable[[], None],
    domain: str,
    repetitions: int,
) -> None:
    target = {"url": "http://shop.test/hook", "secretKey": KEY, "domain": domain}
    client.put("/_admin/webhook", json=target)
    merchant.answers = [500] * 100
    client.post(initialize(client).json()["data"]["authorization_url"])
    settle()

    assert len(merchant.received) == 1 + repetitions
    assert {json.loads(each.content)["data"]["domain"] for each in merchant.received} == {domain}


def test_webhooks_are_repeated_at_the_documented_times() -> None:
    live, test = RETRY_DELAYS_SECONDS["live"], RETRY_DELAYS_SECONDS["test"]

    assert [*accumulate(live)][:6] == [180, 360, 540, 720, 4320, 7920]
    assert sum(live) == 4 * 180 + 72 * 3600
    assert sum(test) == 10 * 3600
    assert Schedule(3600).scaled(sum(live)) == pytest.approx(72.2)


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


def test_a_declined_attempt_is_shown_by_verify_alone_and_another_one_may_succeed(
    client: TestClient, merchant: Merchant, settle: Callable[[], None]
) -> None:
    url = initialize(client).json()["data"]["authorization_url"]

    declined = client.post(f"{url}/decline")
    settle()
    assert (declined.status_code, declined.headers["location"]) == (303, url)
    assert status_of(client) == "failed"
    assert merchant.received == []
    page = client.get(url).text
    assert "Declined." in page
    assert f'action="{url.rpartition("/")[2]}/decline"' in page
    client.post(url)
    settle()

    assert [each["event"] for each in merchant.events] == ["charge.success"]
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


def test_a_webhook_can_come_late(merchant: Merchant, fast_shop: Shop, shop: Shop) -> None:
    for each in (fast_shop, shop):
        each.paid()
        each.act("announce", afterSeconds=72 * 3600)
    shop.delivered()
    fast_shop.settle()

    assert len(merchant.received) == 1, "one hour takes no time, the other one takes an hour"


def test_transactions_are_counted_by_status(client: TestClient) -> None:
    urls = [
        initialize(client, reference=f"order-{number}").json()["data"]["authorization_url"]
        for number in range(4)
    ]
    client.post(urls[0])
    client.post(f"{urls[1]}/decline")

    counts = client.get("/_admin/transactions").json()["counts"]

    assert counts == {"success": 1, "failed": 1, "abandoned": 2}


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


def test_the_fields_of_a_payment_are_as_in_paystacks_sample(shop: Shop) -> None:
    shop.initialize(metadata={"orderId": "1"})
    shop.act("decline")
    shop.act("pay")

    paid = shop.verified()

    assert paid["metadata"] == {"orderId": "1"}
    assert paid["fees"] == 16_750
    assert paid["requested_amount"] == paid["amount"] == 450_000
    log = paid["log"]
    assert (log["attempts"], log["errors"], log["success"]) == (2, 1, True)
    assert [each["type"] for each in log["history"]] == ["action", "error", "action", "success"]
    assert log["time_spent"] >= 0
    assert isinstance(log["start_time"], int)


@pytest.mark.parametrize(
    ("amount", "fee"),
    [(100, 2), (249_999, 3750), (250_000, 13_750), (450_000, 16_750), (100_000_000, 200_000)],
)
def test_paystacks_fee_depends_on_the_amount(amount: int, fee: int) -> None:
    assert fee_of(amount) == fee


@given(st.integers(1, 10**10))
def test_a_customer_who_bears_the_fee_leaves_the_price_to_the_merchant(amount: int) -> None:
    paid = with_fee(amount)
    assert paid > amount
    # PayStack's flat fee begins at a threshold: between the price and what is paid it may lie.
    assert paid - fee_of(paid) >= amount - 10_000


def test_fees_that_are_passed_on_are_part_of_the_amount(shop: Shop) -> None:
    shop.admin("PUT", "account", customerBearsFees=True)
    paid = shop.paid()

    assert paid["requested_amount"] == 450_000
    assert paid["amount"] == paid["requested_amount"] + paid["fees"]
    assert paid["fees"] == 17_006


def test_another_amount_may_be_paid(shop: Shop) -> None:
    shop.initialize()
    shop.act("pay", amount=100)
    assert (shop.verified()["amount"], shop.verified()["requested_amount"]) == (100, 450_000)


def test_an_e_mail_has_one_customer_code(shop: Shop) -> None:
    shop.initialize()
    shop.initialize(reference="order-2", email="Ada@example.com")
    shop.initialize(reference="order-3", email="grace@example.com")

    codes = [shop.verified(f"order-{n}")["customer"]["customer_code"] for n in (1, 2, 3)]

    assert codes[0] == codes[1] != codes[2]


def test_a_form_and_null_for_optional_fields_are_accepted(shop: Shop) -> None:
    form = shop.http.post("/transaction/initialize", data={**ORDER, "currency": "GHS"})
    nulls = dict.fromkeys(
        ("reference", "currency", "callback_url", "metadata", "channels", "plan", "split_code")
    )

    assert (form.status_code, shop.verified()["currency"]) == (200, "GHS")
    assert shop.initialize(**nulls).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"amount": NaN}'])
def test_a_body_that_is_no_object_is_refused(shop: Shop, body: bytes) -> None:
    answer = shop.http.post("/transaction/initialize", content=body)
    assert (answer.status_code, answer.json()["type"]) == (400, "validation_error")


def test_lists_have_pages_and_filters(shop: Shop) -> None:
    for number in range(5):
        shop.initialize(reference=f"order-{number}")
    shop.act("pay", "order-2")

    second = shop.get("/transaction?perPage=2&page=2")
    paid = shop.get("/transaction?status=success")

    assert [each["reference"] for each in second["data"]] == ["order-2", "order-1"]
    assert (second["meta"]["total"], second["meta"]["pageCount"]) == (5, 3)
    assert [each["reference"] for each in paid["data"]] == ["order-2"]
    assert shop.http.get("/transaction?page=0").status_code == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("amount=450000", 1),
        ("amount=1", 0),
        ("reference=order-1", 1),
        ("reference=order-2", 0),
        ("customer=1", 0),
        ("from=2020-01-01&to=2100-01-01T00:00:00.000Z", 1),
        ("from=2100-01-01", 0),
        ("to=2020-01-01T00:00:00.000Z", 0),
    ],
)
def test_a_list_can_be_narrowed(shop: Shop, query: str, found: int) -> None:
    shop.initialize()
    assert len(shop.get(f"/transaction?{query}")["data"]) == found


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_answered_in_json(shop: Shop, method: str) -> None:
    answer = shop.http.request(method, "/transaction/initialize/more")
    assert (answer.status_code, answer.json()["status"]) == (404, False)


def test_a_disabled_business_is_refused(shop: Shop) -> None:
    shop.admin("PUT", "account", isActive=False)
    assert (shop.initialize().status_code, shop.initialize().json()["type"]) == (403, "api_error")
    assert shop.http.put("/_admin/account", json={"isActive": "perhaps"}).status_code == 400


def test_a_link_ends_with_the_session_timeout(fast_shop: Shop) -> None:
    url = fast_shop.initialize().json()["data"]["authorization_url"]
    assert "<button" in fast_shop.http.get(url).text, "there is no timeout by default"

    fast_shop.http.put("/integration/payment_session_timeout", json={"timeout": 3600})

    assert "This link has ended." in fast_shop.http.get(url).text
    assert fast_shop.http.post(url).headers["location"] == url
    fast_shop.http.post(f"{url}/decline")
    assert fast_shop.verified()["status"] == "abandoned"
    fast_shop.act("pay")
    assert fast_shop.verified()["status"] == "success", "a transfer may still come late"


def test_a_session_can_be_ended(shop: Shop) -> None:
    url = shop.initialize().json()["data"]["authorization_url"]
    shop.act("expire")
    assert shop.http.post(url).headers["location"] == url
    assert shop.verified()["status"] == "abandoned"


def test_a_charge_by_bank_account_waits_for_its_password(shop: Shop, merchant: Merchant) -> None:
    body = {**ORDER, "bank": {"code": "057", "account_number": "0000000000"}}
    asked = shop.http.post("/charge", json=body).json()["data"]["status"]
    waiting = shop.get("/charge/order-1")["data"]["status"]
    for _ in range(2):
        shop.http.post("/charge/submit_otp", json={"otp": "123456", "reference": "order-1"})
    shop.delivered()

    assert (asked, waiting) == ("send_otp", "pending")
    assert shop.get("/charge/order-1")["data"]["status"] == "success"
    assert [each["event"] for each in merchant.events] == ["charge.success"]
    unknown = {"otp": "123456", "reference": "other"}
    assert shop.http.post("/charge/submit_otp", json=unknown).status_code == 400


def test_a_refund_is_processed_by_itself(fast_shop: Shop, merchant: Merchant) -> None:
    fast_shop.paid()
    fast_shop.http.post("/refund", json={"transaction": "order-1"})
    fast_shop.settle()

    assert sorted(each["event"] for each in merchant.events) == [
        "refund.pending",
        "refund.processed",
        "refund.processing",
    ]
    assert fast_shop.verified()["status"] == "reversed"
    (refund,) = fast_shop.get("/refund?transaction=order-1")["data"]
    assert (refund["status"], refund["amount"], refund["refund_type"]) == (
        "processed",
        450_000,
        "full",
    )
    assert fast_shop.get("/refund?transaction=other")["data"] == []


def test_a_part_may_be_refunded_and_no_more_than_the_rest(fast_shop: Shop) -> None:
    number = fast_shop.paid()["id"]

    def refund(**body: Any) -> int:
        return fast_shop.http.post("/refund", json={"transaction": number, **body}).status_code

    assert [refund(amount=400_000), refund(amount=50_001), refund(), refund()] == [
        200, 400, 200, 400,
    ]  # fmt: skip
    fast_shop.initialize(reference="unpaid")
    for transaction in ("unpaid", "unknown"):
        assert refund(transaction=transaction) == 400


def test_a_refund_can_be_brought_into_a_state(shop: Shop) -> None:
    shop.paid()
    number = shop.http.post("/refund", json={"transaction": "order-1"}).json()["data"]["id"]

    shop.admin("POST", f"refunds/{number}/needs-attention")

    assert shop.get(f"/refund/{number}")["data"]["collect_account_number"] is True
    assert shop.verified()["status"] == "success"
    assert shop.http.post("/_admin/refunds/1/processed").status_code == 404
    assert shop.http.post(f"/_admin/refunds/{number}/stolen").status_code == 404


def test_an_unanswered_dispute_is_lost_at_its_deadline(fast_shop: Shop, merchant: Merchant) -> None:
    fast_shop.paid()
    fast_shop.act("dispute")
    fast_shop.settle()

    by_event = {each["event"]: each["data"] for each in merchant.events}
    assert by_event.keys() == {
        "charge.dispute.create", "charge.dispute.remind", "charge.dispute.resolve",
    }  # fmt: skip
    assert by_event["charge.dispute.create"]["status"] == "awaiting-merchant-feedback"
    assert by_event["charge.dispute.resolve"]["resolution"] == "auto-accepted"
    assert fast_shop.verified()["status"] == "reversed"


@pytest.mark.parametrize(
    ("resolution", "status"), [("merchant-accepted", "reversed"), ("declined", "success")]
)
def test_a_dispute_ends_as_the_merchant_answers(
    shop: Shop, merchant: Merchant, resolution: str, status: str
) -> None:
    shop.paid()
    shop.act("dispute")
    (dispute,) = shop.get("/dispute?status=awaiting-merchant-feedback")["data"]
    due = datetime.fromisoformat(dispute["dueAt"]) - datetime.fromisoformat(dispute["createdAt"])
    assert due.total_seconds() == pytest.approx(48 * 3600, abs=5)
    answer = {"resolution": resolution, "message": "See it", "refund_amount": 450_000}

    def resolve() -> int:
        path = f"/dispute/{dispute['id']}/resolve"
        return shop.http.put(path, json=answer).status_code

    assert [resolve(), resolve()] == [200, 400]
    assert shop.verified()["status"] == status
    assert shop.http.post("/_admin/disputes/1/remind").status_code == 404
    assert shop.http.put("/dispute/1/resolve", json=answer).status_code == 404


@pytest.mark.parametrize(
    ("name", "status", "media_type"),
    [
        ("duplicate_reference", 400, "application/json"),
        ("disabled_business", 403, "application/json"),
        ("not_found", 404, "application/json"),
        ("html_400", 400, "text/html; charset=utf-8"),
        ("html_502", 502, "text/html; charset=utf-8"),
    ],
)
def test_an_answer_can_be_asked_for_by_its_name(
    shop: Shop, name: str, status: int, media_type: str
) -> None:
    shop.admin("PUT", "faults", mode="answer", answer=name, times=1)

    answer = shop.initialize()

    assert (answer.status_code, answer.headers["content-type"]) == (status, media_type)
    assert shop.http.get("/transaction/verify/order-1").status_code == 400, "nothing was opened"


def test_the_right_answer_may_have_status_201(shop: Shop) -> None:
    shop.admin("PUT", "faults", mode="created")
    assert shop.initialize().status_code == 201
    assert shop.http.get("/transaction/verify/order-1").status_code == 201
    assert shop.http.get("/transaction/verify/other").status_code == 400


@pytest.mark.parametrize(
    "fault", [{"mode": "answer"}, {"mode": "answer", "answer": "x"}, {"answer": "html_400"}]
)
def test_an_unknown_answer_is_refused(shop: Shop, fault: dict[str, str]) -> None:
    answer = shop.http.put("/_admin/faults", json={"mode": "outage", **fault})
    assert answer.status_code == 400


def test_lists_are_filtered_by_their_transaction(shop: Shop) -> None:
    shop.paid()
    shop.act("dispute")
    shop.http.post("/refund", json={"transaction": "order-1", "amount": 100})
    number = shop.verified()["id"]

    for path in ("/refund", "/dispute"):
        assert len(shop.get(f"{path}?transaction={number}")["data"]) == 1
        assert shop.get(f"{path}?transaction=1")["data"] == []
    assert shop.get("/refund?from=2999-01-01T00:00:00.000Z")["data"] == []


@pytest.mark.parametrize("outcome", ["failed", "needs-attention"])
def test_refunds_end_as_the_banks_let_them(
    fast_shop: Shop, merchant: Merchant, outcome: str
) -> None:
    fast_shop.paid()
    fast_shop.admin("PUT", "account", refundOutcome=outcome)
    fast_shop.http.post("/refund", json={"transaction": "order-1"})
    fast_shop.settle()

    assert [each["status"] for each in fast_shop.get("/refund")["data"]] == [outcome]
    assert f"refund.{outcome}" in {each["event"] for each in merchant.events}
    assert fast_shop.verified()["status"] == "success"


def test_a_fault_of_the_creation_of_refunds_leaves_their_list(shop: Shop) -> None:
    shop.paid()
    shop.admin("PUT", "faults", mode="outage", operations=["refund-creation"])

    assert shop.http.post("/refund", json={"transaction": "order-1"}).status_code == 503
    assert shop.get("/refund")["data"] == []
