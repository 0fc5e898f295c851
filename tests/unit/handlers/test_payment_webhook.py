"""PayStack's webhook, from the function URL's event to the HTTP answer."""

from __future__ import annotations

import ast
import base64
import hashlib
import hmac
import inspect
import io
import json
from collections.abc import Callable
from functools import cache
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from hypothesis import HealthCheck, given, settings

from orderflow.errors import StoreUnavailable
from orderflow.orders.store import OrderStore
from orderflow.payments.reversals.recording import ReversalRecorder
from orderflow.payments.settings import WebhookSettings
from orderflow.payments.settlement import Settlement
from orderflow.payments.webhook import MAX_BODY_BYTES, WebhookReceiver, order_in
from orderflow.platform import aws
from orderflow.wiring import webhook
from payment_webhook import handler
from payment_webhook.handler import lambda_handler
from tests.integration.fuzz.webhook_requests import bodies, signatures
from tests.support.events import load_event
from tests.support.factories import CUSTOMER_EMAIL, an_order, client_error, stored
from tests.unit.conftest import REGION, FailCalls
from tests.unit.handlers.conftest import SECRET, SECRET_KEY, secrets_manager

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PARAMETER = "/grocery/test/webhook"
CHARGE = load_event("paystack_charge_success")
BODY = json.dumps(CHARGE, ensure_ascii=False)
ORDER_ID = CHARGE["data"]["metadata"]["orderId"]


@pytest.fixture(autouse=True)
def _needs(
    environment: pytest.MonkeyPatch, store: OrderStore, paystack_secret: str, topic_arn: str
) -> None:
    """Its environment and an order whose link was paid."""
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    environment.setenv("WEBHOOK_PARAMETER", PARAMETER)
    allow()
    webhook.signing_keys.cache_clear()
    stored(store, an_order(order_id=ORDER_ID))


@cache
def ssm() -> SSMClient:
    return boto3.client("ssm", region_name=REGION)


def allow(*sources: str) -> None:
    """Only these networks may call; all of them where there is none."""
    content = WebhookSettings(allowed_sources=sources).model_dump_json(by_alias=True)
    ssm().put_parameter(Name=PARAMETER, Value=content, Type="String", Overwrite=True)


def signature(body: bytes) -> str:
    return hmac.new(SECRET_KEY.encode(), body, hashlib.sha512).hexdigest()


def event(body: str | bytes, signed: str | None = None, *, base64_encoded: bool = False) -> Any:
    """A request to the function URL, signed as PayStack does by default."""
    raw = body.encode() if isinstance(body, str) else body
    request = load_event("function_url_webhook")
    request["headers"]["x-paystack-signature"] = signature(raw) if signed is None else signed
    request["body"] = base64.b64encode(raw).decode() if base64_encoded else body
    request["isBase64Encoded"] = base64_encoded
    return request


def answer(status: int, result: str) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"result": result}),
    }


def is_paid(store: OrderStore) -> bool:
    return store.get(ORDER_ID).payment is not None


@pytest.mark.parametrize("base64_encoded", [False, True])
def test_a_signed_payment_is_recorded(
    context: LambdaContext, store: OrderStore, base64_encoded: bool
) -> None:
    request = event(BODY, base64_encoded=base64_encoded)

    assert lambda_handler(request, context) == answer(200, "recorded")
    assert is_paid(store)


def test_what_became_of_payments_is_counted(
    context: LambdaContext, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        lambda_handler(event(BODY), context)

    recorded, repeated = map(json.loads, capsys.readouterr().out.splitlines())
    assert recorded["PaymentsRecorded"] == [1.0]
    assert repeated["PaymentsRepeated"] == [1.0]


def test_sent_again_it_is_answered_well(context: LambdaContext) -> None:
    lambda_handler(event(BODY), context)

    assert lambda_handler(event(BODY), context) == answer(200, "repeated")


def test_an_event_signed_with_the_key_before_the_rotation_is_accepted(
    context: LambdaContext, paystack_secret: str
) -> None:
    new = json.dumps({"secretKey": "sk_test_new_0123456789"})
    secrets_manager().put_secret_value(SecretId=SECRET, SecretString=new)

    assert lambda_handler(event(BODY), context)["statusCode"] == 200


@pytest.mark.parametrize("base64_encoded", [False, True])
def test_words_outside_ascii_are_signed_as_they_came(
    context: LambdaContext, base64_encoded: bool
) -> None:
    body = BODY.replace("Approved", "Approvéd ₦ 🍚")

    assert lambda_handler(event(body, base64_encoded=base64_encoded), context)["statusCode"] == 200


def test_the_headers_name_may_be_in_any_case(context: LambdaContext) -> None:
    request = event(BODY)
    request["headers"]["X-PayStack-Signature"] = request["headers"].pop("x-paystack-signature")

    assert lambda_handler(request, context)["statusCode"] == 200


@pytest.mark.parametrize("signed", ["", "0" * 128, "ünsigned", signature(b"another body")])
def test_a_forged_event_changes_nothing(
    context: LambdaContext, store: OrderStore, signed: str
) -> None:
    assert lambda_handler(event(BODY, signed), context) == answer(401, "bad-signature")
    assert not is_paid(store)


def test_an_event_without_a_signature_is_forged(context: LambdaContext) -> None:
    request = event(BODY)
    del request["headers"]["x-paystack-signature"]

    assert lambda_handler(request, context) == answer(401, "bad-signature")


def test_a_changed_amount_breaks_the_signature(context: LambdaContext, store: OrderStore) -> None:
    cheaper = BODY.replace("240100", "100")

    assert lambda_handler(event(cheaper, signature(BODY.encode())), context)["statusCode"] == 401
    assert not is_paid(store)


def test_a_request_without_a_body_is_forged(context: LambdaContext) -> None:
    request = event("")
    request["headers"]["x-paystack-signature"] = "0" * 128
    del request["body"]

    assert lambda_handler(request, context) == answer(401, "bad-signature")


def test_what_is_no_base64_is_forged(context: LambdaContext) -> None:
    request = event(BODY) | {"body": "%%%", "isBase64Encoded": True}

    assert lambda_handler(request, context) == answer(401, "bad-signature")


@pytest.mark.parametrize("signed", [None, "0" * 128])
def test_a_body_that_is_too_large_is_refused_unread(
    context: LambdaContext, signed: str | None
) -> None:
    request = event("x" * (MAX_BODY_BYTES + 1), signed)

    assert lambda_handler(request, context) == answer(413, "too-large")


def test_the_largest_body_is_read(context: LambdaContext) -> None:
    body = BODY.replace("Approved", "A" * (MAX_BODY_BYTES - len(BODY.encode()) + 8))

    assert len(body.encode()) == MAX_BODY_BYTES
    assert lambda_handler(event(body), context) == answer(200, "recorded")


def test_where_sources_are_named_others_are_refused(
    context: LambdaContext, store: OrderStore
) -> None:
    allow("52.31.139.75/32", "52.49.173.169/32")

    assert lambda_handler(event(BODY), context) == answer(403, "forbidden-source")
    assert not is_paid(store)


def test_a_named_source_is_heard(context: LambdaContext) -> None:
    allow("198.51.100.0/24")

    assert lambda_handler(event(BODY), context) == answer(200, "recorded")


def test_a_declined_attempt_is_counted(
    context: LambdaContext, store: OrderStore, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = CHARGE["data"] | {"status": "failed", "gateway_response": "Insufficient Funds"}
    body = json.dumps({"event": "charge.failed", "data": failed})

    assert lambda_handler(event(body), context) == answer(200, "declined")

    assert json.loads(capsys.readouterr().out)["PaymentsDeclined"] == [1.0]
    declined = store.get(ORDER_ID).declined
    assert declined is not None
    assert declined.reason == "Insufficient Funds"


@pytest.mark.parametrize("body", ["not json", "[]", '{"event": "charge.success", "data": {}}'])
def test_a_signed_body_that_is_no_event_is_refused(context: LambdaContext, body: str) -> None:
    assert lambda_handler(event(body), context) == answer(400, "unreadable")


def test_events_that_are_none_of_our_business_are_accepted(context: LambdaContext) -> None:
    body = json.dumps({"event": "transfer.success", "data": {}})

    assert lambda_handler(event(body), context) == answer(200, "ignored")


def test_an_outage_fails_so_that_paystack_repeats(
    context: LambdaContext, store: OrderStore, fail_calls: FailCalls
) -> None:
    fail_calls(store._table.meta.client, "UpdateItem", client_error("InternalServerError", 500))

    with pytest.raises(StoreUnavailable):
        lambda_handler(event(BODY), context)


def test_logs_tell_of_no_customer_and_no_key(
    context: LambdaContext, log_output: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    for request in (event(BODY), event(BODY, "forged"), event(f"x{CUSTOMER_EMAIL}")):
        lambda_handler(request, context)

    output = log_output.getvalue() + "".join(capsys.readouterr())
    assert "bad-signature" in output
    assert "WebhooksForged" in output
    for private in (CUSTOMER_EMAIL, SECRET_KEY, signature(BODY.encode())):
        assert private not in output


NONSENSE = bodies(CHARGE["data"]["reference"], CHARGE["data"]["amount"])
some = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def unchanged(store: OrderStore) -> dict[str, Any]:
    """What no nonsense may touch."""
    return store.get(ORDER_ID).model_dump(exclude={"declined", "refunds_due", "refunds_revision"})


@some
@given(body=NONSENSE, signed=signatures)
def test_a_request_without_the_key_is_refused_whatever_it_holds(
    context: LambdaContext, store: OrderStore, body: bytes, signed: str | None
) -> None:
    before = store.get(ORDER_ID)

    refusal = lambda_handler(event(body, signed or "", base64_encoded=True), context)

    assert refusal["statusCode"] in {401, 413}
    assert store.get(ORDER_ID) == before


@some
@given(body=NONSENSE)
def test_signed_nonsense_is_answered_and_pays_nothing(
    context: LambdaContext, store: OrderStore, body: bytes
) -> None:
    before = unchanged(store)

    assert lambda_handler(event(body, base64_encoded=True), context)["statusCode"] in {
        200,
        400,
        413,
    }
    assert unchanged(store) == before


def audit_lines(log: io.StringIO) -> list[dict[str, Any]]:
    written = [json.loads(line) for line in log.getvalue().splitlines()]
    return [each["audit"] for each in written if each.get("message") == "audit"]


def too_large() -> Any:
    return event("x" * (MAX_BODY_BYTES + 1))


def from_elsewhere() -> Any:
    allow("192.0.2.0/24")
    return event(BODY)


def changed(**data: Any) -> Any:
    return event(json.dumps({**CHARGE, "data": {**CHARGE["data"], **data}}))


def other(name: str, **data: Any) -> Any:
    return event(json.dumps({"event": name, "data": data}))


def refund() -> Any:
    reported = {"transaction_reference": REFERENCE, "amount": "100", "currency": "NGN"}
    return other("refund.processed", **reported)


def dispute() -> Any:
    transaction = {"reference": REFERENCE}
    return other("charge.dispute.create", id=1, status="pending", transaction=transaction)


def rejected_transfer() -> Any:
    return other("bank.transfer.rejected", bank_transfer={"amount": 100})


def late() -> Any:
    """A payment of an order that has ended."""
    store = OrderStore(aws.table("orders"), by="tests")
    store.cancel(ORDER_ID, "Changed my mind.", REFERENCE)
    return event(BODY)


REFERENCE = CHARGE["data"]["reference"]

OUTCOMES = {
    "too-large": (too_large, "unknown", "refused", "-"),
    "forbidden-source": (from_elsewhere, "unknown", "refused", "-"),
    "bad-signature": (lambda: event(BODY, "0" * 128), "unknown", "refused", "-"),
    "unreadable": (lambda: event("[]"), "paystack", "refused", "-"),
    "recorded": (lambda: event(BODY), "paystack", "succeeded", ORDER_ID),
    "repeated": (lambda: event(BODY), "paystack", "succeeded", ORDER_ID),
    "refund-due": (late, "paystack", "succeeded", ORDER_ID),
    "mismatch": (lambda: changed(amount=100), "paystack", "succeeded", ORDER_ID),
    "unknown-order": (
        lambda: changed(reference="no-such-1"), "paystack", "succeeded", "no-such",
    ),
    "declined": (
        lambda: event(json.dumps({**CHARGE, "event": "charge.failed"})),
        "paystack", "succeeded", ORDER_ID,
    ),
    "ignored": (lambda: other("transfer.success"), "paystack", "succeeded", "-"),
    "refund-recorded": (refund, "paystack", "succeeded", ORDER_ID),
    "refund-repeated": (refund, "paystack", "succeeded", ORDER_ID),
    "dispute-recorded": (dispute, "paystack", "succeeded", ORDER_ID),
    "dispute-repeated": (dispute, "paystack", "succeeded", ORDER_ID),
    "transfer-rejected": (rejected_transfer, "paystack", "succeeded", "-"),
}  # fmt: skip


def texts_returned(function: Callable[..., Any]) -> set[str]:
    tree = ast.parse(dedent(inspect.getsource(function)))
    returned = [each for node in ast.walk(tree) if isinstance(node, ast.Return)
                for each in ast.walk(node)]  # fmt: skip
    return {str(each.value) for each in returned if isinstance(each, ast.Constant)}


def texts_refused() -> set[str]:
    """The results of the handler's refusals."""
    tree = ast.parse(inspect.getsource(handler))
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    named = [each for each in calls if isinstance(each.func, ast.Name)]
    results = [each.args[1] for each in named if each.func.id == "_refuse"]
    return {str(each.value) for each in results if isinstance(each, ast.Constant)}


def test_every_outcome_is_listed() -> None:
    texts = texts_refused() | {*map(str, Settlement)}
    for receiving in (WebhookReceiver.receive, WebhookReceiver._decline):
        texts |= texts_returned(receiving)
    for recording in ("refund", "dispute", "rejected_transfer"):
        texts |= texts_returned(getattr(ReversalRecorder, recording))

    assert set(OUTCOMES) == texts


@pytest.mark.parametrize("result", OUTCOMES)
def test_every_outcome_has_its_audit_line(
    context: LambdaContext, log_output: io.StringIO, result: str
) -> None:
    make, actor, outcome, subject = OUTCOMES[result]
    request = make()
    if result.endswith("repeated"):
        lambda_handler(request, context)
    before = len(log_output.getvalue())

    answered = lambda_handler(request, context)

    assert json.loads(answered["body"]) == {"result": result}
    written = io.StringIO(log_output.getvalue()[before:])
    (line,) = [each for each in audit_lines(written) if each["action"] == "webhook"]
    assert (line["actor"], line["outcome"], line["subject"], line["reason"]) == (
        actor,
        outcome,
        subject,
        result,
    )
    assert line["source"] == request["requestContext"]["http"]["sourceIp"]
    assert line["correlationId"]


def test_what_it_writes_has_its_audit_line(context: LambdaContext, log_output: io.StringIO) -> None:
    lambda_handler(event(BODY), context)

    (line,) = [each for each in audit_lines(log_output) if each["action"].startswith("order.")]
    assert (line["action"], line["actor"]) == ("order.record_payment", "payment_webhook")


def test_an_outage_has_its_audit_line(
    context: LambdaContext, log_output: io.StringIO, fail_calls: FailCalls
) -> None:
    error = client_error("InternalServerError", 500)
    for operation in ("GetItem", "UpdateItem"):
        fail_calls(aws.table("orders").meta.client, operation, error)

    with pytest.raises(StoreUnavailable):
        lambda_handler(event(BODY), context)

    (line,) = [each for each in audit_lines(log_output) if each["action"] == "webhook"]
    assert (line["outcome"], line["reason"], line["subject"]) == (
        "failed",
        "StoreUnavailable",
        ORDER_ID,
    )


@pytest.mark.parametrize("transaction", [None, "x", [], {}, {"reference": None}])
def test_an_event_that_names_no_order_is_about_none(transaction: Any) -> None:
    body = {"event": "refund.failed", "data": {"reference": 5, "transaction": transaction}}

    assert order_in(json.dumps(body).encode()) == "-"
