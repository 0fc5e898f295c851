"""PayStack's protocol, against a real HTTP server on this machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from datetime import datetime
from typing import Any

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from orderflow.clock import utc_now
from orderflow.errors import (
    DuplicateReferenceError,
    PaymentRefused,
    PaystackRefusedUs,
    PaystackUnavailable,
    UnknownTransactionError,
)
from orderflow.payments import paystack
from orderflow.payments.paystack import (
    Charge,
    PaymentLink,
    PaystackClient,
    Transaction,
    WebhookEvent,
    is_signed,
)
from tests.support.events import load_event
from tests.support.paystack_api import PaystackApi, Received, Reply, initialized, refused, verified

KEY = SecretStr("sk_test_0123456789")
REFERENCE = "0b5c7c1e-52a4-5f39-8a3a-6f1d5c0a9e77-1"


def initialize(base_url: str, **changes: Any) -> PaymentLink:
    """Ask for one link, on connections of its own."""
    fields: dict[str, Any] = {
        "email": "ada.buyer@mail.example",
        "amount_kobo": 240_100,
        "currency": "NGN",
        "reference": REFERENCE,
        "metadata": {"orderId": "order-1"},
    }
    return PaystackClient(base_url, KEY, urllib3.PoolManager()).initialize(
        Transaction(**fields | changes)
    )


class TestInitialize:
    def test_the_link_that_paystack_made(self, paystack_api: PaystackApi) -> None:
        assert initialize(paystack_api.url) == PaymentLink(
            authorization_url=f"https://checkout.paystack.com/{REFERENCE}",
            access_code=f"access-{REFERENCE}",
            reference=REFERENCE,
        )

    def test_the_request_as_paystack_documents_it(self, paystack_api: PaystackApi) -> None:
        initialize(paystack_api.url, callback_url="https://shop.example/paid")

        (request,) = paystack_api.requests
        assert request.path == "/transaction/initialize"
        assert request.headers["Authorization"] == "Bearer sk_test_0123456789"
        assert request.headers["Content-Type"] == "application/json"
        assert request.body == {
            "email": "ada.buyer@mail.example",
            "amount": "240100",
            "currency": "NGN",
            "reference": REFERENCE,
            "metadata": '{"orderId": "order-1"}',
            "callback_url": "https://shop.example/paid",
        }

    @pytest.mark.parametrize("callback_url", [None, ""])
    def test_without_a_callback_url_the_accounts_own_is_used(
        self, paystack_api: PaystackApi, callback_url: str | None
    ) -> None:
        initialize(paystack_api.url, callback_url=callback_url)

        assert "callback_url" not in paystack_api.requests[0].body

    def test_a_base_url_may_end_with_a_slash(self, paystack_api: PaystackApi) -> None:
        initialize(f"{paystack_api.url}/")

        assert paystack_api.requests[0].path == "/transaction/initialize"


class TestRefusals:
    @pytest.mark.parametrize(
        "reply",
        [
            refused(400, "Duplicate Transaction Reference", "duplicate_reference"),
            refused(400, "Duplicate Transaction Reference"),
            refused(422, "Reference refused", "duplicate_reference"),
        ],
        ids=str,
    )
    def test_a_known_reference(self, paystack_api: PaystackApi, reply: Reply) -> None:
        paystack_api.always(reply)

        with pytest.raises(DuplicateReferenceError):
            initialize(paystack_api.url)

    @pytest.mark.parametrize("status", [400, 402, 409, 422])
    def test_a_transaction_that_paystack_refuses_is_explained(
        self, paystack_api: PaystackApi, status: int
    ) -> None:
        paystack_api.always(refused(status, "Invalid Amount Sent"))

        with pytest.raises(PaymentRefused, match="Invalid Amount Sent"):
            initialize(paystack_api.url)

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            *(
                ("Request refused", code)
                for code in (
                    "missing_params",
                    "invalid_params",
                    "invalid_amount",
                    "invalid_email_address",
                    "amount_too_large",
                    "amount_too_small",
                )
            ),
            ("Invalid Amount Sent", ""),
            ("Invalid Email Address Passed", ""),
            ("Email Address is required", ""),
            ("Amount is required", ""),
        ],
    )
    def test_codes_and_messages_about_the_order_reject_it(
        self, paystack_api: PaystackApi, message: str, code: str
    ) -> None:
        paystack_api.always(refused(400, message, code))

        with pytest.raises(PaymentRefused):
            initialize(paystack_api.url)

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            *(
                ("Request refused", code)
                for code in (
                    "invalid_key",
                    "unauthorized",
                    "inactive_merchant",
                    "merchant_disabled",
                    "feature_unavailable",
                    "unsupported_currency",
                    "unallowed_ip",
                )
            ),
            *(
                (f"Sorry: {words}.", "")
                for words in (
                    "Invalid key",
                    "your business is disabled",
                    "your business has been disabled",
                    "merchant is not active",
                    "merchant may be inactive",
                    "currency not supported by merchant",
                    "your IP address is not allowed",
                )
            ),
        ],
    )
    def test_codes_and_messages_about_our_account_reject_no_order(
        self, paystack_api: PaystackApi, message: str, code: str
    ) -> None:
        # A status that is no refusal of the request: the code or the message alone tells.
        paystack_api.always(refused(403, message, code))

        with pytest.raises(PaystackRefusedUs):
            initialize(paystack_api.url)

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"message": null}', b"\xff"])
    def test_a_body_that_is_not_paystacks_json_decides_nothing(
        self, paystack_api: PaystackApi, body: bytes
    ) -> None:
        paystack_api.always(Reply(400, body))

        with pytest.raises(PaystackUnavailable):
            initialize(paystack_api.url)

    def test_a_refused_key_is_no_refusal_of_the_order(self, paystack_api: PaystackApi) -> None:
        paystack_api.always(refused(401, "Invalid key"))

        with pytest.raises(PaystackRefusedUs, match="Invalid key") as refusal:
            initialize(paystack_api.url)

        assert KEY.get_secret_value() not in str(refusal.value)


UNREADABLE: list[bytes | dict[str, Any]] = [
    b"",
    b"<html>gateway</html>",
    b'{"status": true, "data": {"authorization_',
    b"\xff\xfe",
    {"status": True},
    {"status": True, "data": {}},
    {
        "status": True,
        "data": {"authorization_url": "", "access_code": "a", "reference": REFERENCE},
    },
    {
        "status": True,
        "data": {
            "authorization_url": "javascript:alert(1)",
            "access_code": "a",
            "reference": REFERENCE,
        },
    },
]


class TestOutages:
    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 204, 302])
    def test_a_failing_answer(self, paystack_api: PaystackApi, status: int) -> None:
        paystack_api.always(Reply(status, b"", {"Location": "/elsewhere"}))

        with pytest.raises(PaystackUnavailable, match=str(status)) as outage:
            initialize(paystack_api.url)

        assert outage.value.retry_after_seconds is None

    def test_one_failing_answer_is_one_request(self, paystack_api: PaystackApi) -> None:
        paystack_api.always(Reply(503, b""))

        with pytest.raises(PaystackUnavailable):
            initialize(paystack_api.url)

        assert len(paystack_api.requests) == 1

    @pytest.mark.parametrize("status", [429, 503])
    def test_the_wait_that_paystack_asks_for_is_reported(
        self, paystack_api: PaystackApi, status: int
    ) -> None:
        paystack_api.always(Reply(status, b"", {"Retry-After": "17"}))

        with pytest.raises(PaystackUnavailable) as outage:
            initialize(paystack_api.url)

        assert outage.value.retry_after_seconds == 17

    @pytest.mark.parametrize("value", ["Sat, 31 Jan 2026 12:00:00 GMT", "soon", "-1", "1.5", ""])
    def test_a_wait_that_is_no_number_of_seconds_is_ignored(
        self, paystack_api: PaystackApi, value: str
    ) -> None:
        paystack_api.always(Reply(429, b"", {"Retry-After": value}))

        with pytest.raises(PaystackUnavailable) as outage:
            initialize(paystack_api.url)

        assert outage.value.retry_after_seconds is None

    @pytest.mark.parametrize("body", UNREADABLE, ids=str)
    def test_an_answer_that_cannot_be_read(
        self, paystack_api: PaystackApi, body: bytes | dict[str, Any]
    ) -> None:
        paystack_api.always(Reply(200, body))

        with pytest.raises(PaystackUnavailable, match="can't be read"):
            initialize(paystack_api.url)

    def test_an_answer_about_another_transaction(self, paystack_api: PaystackApi) -> None:
        def about_another(request: Received) -> Reply:
            answer = initialized(request)
            answer.body["data"]["reference"] = "another-1"
            return answer

        paystack_api.answer = about_another

        with pytest.raises(PaystackUnavailable, match="another transaction"):
            initialize(paystack_api.url)

    def test_an_answer_that_is_no_success_after_all(self, paystack_api: PaystackApi) -> None:
        def unsuccessful(request: Received) -> Reply:
            answer = initialized(request)
            answer.body["status"] = False
            return answer

        paystack_api.answer = unsuccessful

        with pytest.raises(PaystackUnavailable):
            initialize(paystack_api.url)

    def test_an_answer_that_breaks_off(self, paystack_api: PaystackApi) -> None:
        paystack_api.always(Reply(200, b"{}", {"Content-Encoding": "gzip"}))

        with pytest.raises(PaystackUnavailable, match="No answer"):
            initialize(paystack_api.url)

    def test_a_refused_connection(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]

        with pytest.raises(PaystackUnavailable, match="No answer"):
            initialize(f"http://127.0.0.1:{port}")

    def test_silence(self, paystack_api: PaystackApi, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(paystack, "READ_TIMEOUT", 0.05)
        paystack_api.stay_silent()

        with pytest.raises(PaystackUnavailable, match="ReadTimeoutError"):
            initialize(paystack_api.url)

    def test_messages_hold_no_key_and_no_customer(self, paystack_api: PaystackApi) -> None:
        paystack_api.always(Reply(200, {"status": True, "data": {"email": "ada.buyer@x.example"}}))

        with pytest.raises(PaystackUnavailable) as outage:
            initialize(paystack_api.url)

        assert KEY.get_secret_value() not in str(outage.value)
        assert "ada.buyer" not in str(outage.value)


def sign(body: bytes, key: SecretStr = KEY) -> str:
    """As PayStack signs: https://paystack.com/docs/payments/webhooks/#signature-validation."""
    return hmac.new(key.get_secret_value().encode(), body, hashlib.sha512).hexdigest()


BODY = json.dumps(load_event("paystack_charge_success")).encode()


class TestSignatures:
    def test_a_good_one(self) -> None:
        assert is_signed(BODY, sign(BODY), KEY)

    def test_a_known_one(self) -> None:
        # HMAC-SHA512 of RFC 4231, test case 2: independent of how this module signs.
        assert is_signed(
            b"what do ya want for nothing?",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            SecretStr("Jefe"),
        )

    def test_upper_case_and_blanks_around_it_do_not_matter(self) -> None:
        assert is_signed(BODY, f" {sign(BODY).upper()} ", KEY)

    @pytest.mark.parametrize(
        "signature",
        ["", "0" * 128, "ünïcode", "\u0660" * 128, sign(BODY)[:-1], sign(BODY) + "0", "\x00"],
    )
    def test_anything_else_is_refused_quietly(self, signature: str) -> None:
        assert not is_signed(BODY, signature, KEY)

    def test_one_under_another_key(self) -> None:
        assert not is_signed(BODY, sign(BODY, SecretStr("sk_test_another")), KEY)

    @given(body=st.binary(min_size=1, max_size=200), data=st.data())
    def test_one_flipped_bit_is_noticed(self, body: bytes, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(body) * 8 - 1))
        flipped = bytearray(body)
        flipped[position // 8] ^= 1 << position % 8

        assert is_signed(body, sign(body), KEY)
        assert not is_signed(bytes(flipped), sign(body), KEY)

    @given(st.text())
    def test_no_header_makes_it_raise(self, signature: str) -> None:
        assert not is_signed(BODY, signature, KEY)


def test_an_event_as_paystack_documents_it_is_read() -> None:
    event = WebhookEvent.model_validate_json(BODY)

    assert event.event == "charge.success"
    assert Charge.model_validate(event.data) == Charge(
        id=302961,
        reference=REFERENCE,
        amount=240_100,
        currency="NGN",
        status="success",
        channel="card",
        fees=3602,
        gateway_response="Approved by Financial Institution",
        paid_at="2026-01-31T12:04:09.000Z",
    )


class TestVerify:
    def verify(self, api: PaystackApi) -> Charge:
        return PaystackClient(api.url, KEY, urllib3.PoolManager()).verify(REFERENCE)

    def test_the_transaction_as_paystack_holds_it(self, paystack_api: PaystackApi) -> None:
        paystack_api.always(verified(REFERENCE, status="abandoned", paid_at=None))

        assert self.verify(paystack_api) == Charge(
            id=4099260516,
            reference=REFERENCE,
            amount=240_100,
            currency="NGN",
            status="abandoned",
            channel="card",
            gateway_response="Successful",
        )
        (request,) = paystack_api.requests
        assert request.path == f"/transaction/verify/{REFERENCE}"
        assert request.headers["Authorization"] == "Bearer sk_test_0123456789"

    @pytest.mark.parametrize(
        "reply",
        [
            refused(400, "Transaction reference not found.", "transaction_not_found"),
            refused(400, "Transaction reference not found"),
            refused(404, "Transaction reference not found"),
        ],
        ids=str,
    )
    def test_an_unknown_reference(self, paystack_api: PaystackApi, reply: Reply) -> None:
        paystack_api.always(reply)

        with pytest.raises(UnknownTransactionError):
            self.verify(paystack_api)

    @pytest.mark.parametrize(
        ("reply", "error"),
        [
            (refused(401, "Invalid key"), PaystackRefusedUs),
            (Reply(404, b"<html>"), PaystackUnavailable),
            (Reply(503, b""), PaystackUnavailable),
            (Reply(429, b""), PaystackUnavailable),
            (Reply(200, b"<html>"), PaystackUnavailable),
            (Reply(200, {"status": True, "data": {}}), PaystackUnavailable),
            (Reply(200, {"status": True, "data": "x"}), PaystackUnavailable),
            (verified("another-1"), PaystackUnavailable),
        ],
        ids=str,
    )
    def test_trouble(self, paystack_api: PaystackApi, reply: Reply, error: type[Exception]) -> None:
        paystack_api.always(reply)

        with pytest.raises(error):
            self.verify(paystack_api)


@pytest.mark.parametrize(
    ("paid_at", "moment"),
    [
        ("2026-01-31T12:04:09.000Z", "2026-01-31T12:04:09.000Z"),
        ("2026-01-31T13:04:09+01:00", "2026-01-31T12:04:09.000Z"),
    ],
)
def test_a_charge_tells_its_time_as_orders_do(paid_at: str, moment: str) -> None:
    charge = {"reference": "r", "amount": 1, "currency": "NGN", "status": "success"}

    assert Charge.model_validate(charge | {"paid_at": paid_at}).time_paid(
        utc_now()
    ) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("paid_at", [None, "", "yesterday", "0001-01-01T00:00:00+14:00"])
def test_an_unreadable_time_becomes_the_present_one(paid_at: str | None) -> None:
    charge = {"reference": "r", "amount": 1, "currency": "NGN", "status": "success"}
    now = utc_now()

    assert Charge.model_validate(charge | {"paid_at": paid_at}).time_paid(now) == now


class TestSessionTimeout:
    """The body is that of PaystackOSS/openapi, ControlPanelFetchPaymentSessionTimeoutResponse."""

    def ask(self, api: PaystackApi) -> int:
        return PaystackClient(api.url, KEY, urllib3.PoolManager()).session_timeout()

    @pytest.mark.parametrize("seconds", [0, 30, 86_400])
    def test_it_is_in_seconds(self, paystack_api: PaystackApi, seconds: int) -> None:
        data = {"payment_session_timeout": seconds}
        paystack_api.always(Reply(body={"status": True, "message": "Retrieved", "data": data}))

        assert self.ask(paystack_api) == seconds

        (request,) = paystack_api.requests
        assert request.path == "/integration/payment_session_timeout"
        assert request.headers["Authorization"] == f"Bearer {KEY.get_secret_value()}"

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(503, b""),
            Reply(404, b"<html>"),
            Reply(400, {"status": False, "message": "No", "code": None}),
            Reply(200, b"<html>"),
            Reply(200, {"status": True, "data": {}}),
            Reply(200, {"status": True, "data": {"payment_session_timeout": "soon"}}),
        ],
        ids=str,
    )
    def test_any_other_answer_is_an_outage(self, paystack_api: PaystackApi, reply: Reply) -> None:
        paystack_api.always(reply)

        with pytest.raises(PaystackUnavailable):
            self.ask(paystack_api)

    def test_a_refused_key_is_told_apart(self, paystack_api: PaystackApi) -> None:
        paystack_api.always(refused(401, "Invalid key", "invalid_key"))

        with pytest.raises(PaystackRefusedUs):
            self.ask(paystack_api)
