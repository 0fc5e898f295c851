"""The return from PayStack's checkout, from the function URL's event to the redirection."""

from __future__ import annotations

import copy
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.returns.address_limits import REQUESTS_A_WINDOW
from orderflow.returns.customer_returns import Outcome
from payment_return.handler import lambda_handler
from tests.support.events import load_event
from tests.support.factories import CUSTOMER_EMAIL, an_order, client_error, stored
from tests.support.paystack_api import PaystackApi, Reply, refused, verified
from tests.support.recovery_scene import TaskTokens
from tests.unit.conftest import LIMITS_TABLE, FailCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

EVENT = load_event("function_url_return")
REFERENCE = EVENT["queryStringParameters"]["reference"]
ORDER_ID = REFERENCE.removesuffix("-1")
ADDRESS = EVENT["requestContext"]["http"]["sourceIp"]
PAGE = "https://shop.example/orders"
BACK_TO_THE_SHOP = {
    "statusCode": 303,
    "headers": {
        "location": PAGE,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
    },
}


@pytest.fixture(autouse=True)
def _needs(
    environment: pytest.MonkeyPatch,
    store: OrderStore,
    breakers_table: Table,
    limits_table: Table,
    paystack_secret: str,
    paystack_api: PaystackApi,
    topic_arn: str,
) -> None:
    """Its environment and an order whose customer has paid, and whose webhook is lost."""
    environment.setenv("PAYSTACK_BASE_URL", paystack_api.url)
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    environment.setenv("RETURN_LIMITS_TABLE", LIMITS_TABLE)
    environment.setenv("SHOP_PAGE_URL", PAGE)
    paystack_api.always(verified(REFERENCE))
    stored(store, an_order(order_id=ORDER_ID, task_token="token-1"))


def event(reference: str = REFERENCE, **http: str) -> dict[str, Any]:
    request = copy.deepcopy(EVENT)
    request["queryStringParameters"] = {"trxref": reference, "reference": reference}
    request["requestContext"]["http"] |= http
    return request


def test_a_payment_is_recorded_at_once_and_the_customer_goes_on_to_the_shop(
    context: LambdaContext, store: OrderStore, capsys: pytest.CaptureFixture[str]
) -> None:
    with TaskTokens().behind(aws.step_functions()) as tokens:
        tokens.waiting.add("token-1")
        assert lambda_handler(event(), context) == BACK_TO_THE_SHOP
        assert tokens.resumed == [ORDER_ID]

    payment = store.get(ORDER_ID).payment
    assert payment is not None
    assert payment.verified_at is not None
    measured = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert measured["ReturnsPaid"] == [1.0]
    assert "PaymentsRecorded" in measured


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_paystack_is_not_asked_about_an_order_that_has_ended(
    context: LambdaContext, store: OrderStore, paystack_api: PaystackApi, status: OrderStatus
) -> None:
    stored(store, an_order(order_id=ORDER_ID, status=status))

    assert lambda_handler(event(), context) == BACK_TO_THE_SHOP
    assert paystack_api.requests == []


@pytest.mark.parametrize("reference", ["", "unknown-1", f"{ORDER_ID}-2", "https://x.example/-1"])
def test_nor_about_what_no_open_order_asks_for(
    context: LambdaContext, paystack_api: PaystackApi, reference: str
) -> None:
    assert lambda_handler(event(reference), context) == BACK_TO_THE_SHOP
    assert paystack_api.requests == []


@pytest.mark.parametrize(
    "query",
    [
        None,
        {},
        {"redirect": "https://elsewhere.example"},
        {"reference": "https://elsewhere.example", "trxref": "//elsewhere.example"},
        {"reference": "x\r\nlocation: https://elsewhere.example"},
    ],
    ids=str,
)
def test_nothing_of_the_request_gets_into_the_answer(
    context: LambdaContext, query: dict[str, str] | None
) -> None:
    request = event() | {"rawPath": "//elsewhere.example", "queryStringParameters": query}
    request["headers"] |= {"host": "elsewhere.example", "referer": "https://elsewhere.example"}

    assert lambda_handler(request, context) == BACK_TO_THE_SHOP


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.none() | st.dictionaries(st.sampled_from(["reference", "trxref", "x"]), st.text()),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
)
def test_every_request_is_answered_alike(
    context: LambdaContext, query: dict[str, str] | None, method: str
) -> None:
    request = event(method=method) | {"queryStringParameters": query}

    assert lambda_handler(request, context) == BACK_TO_THE_SHOP


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS"])
def test_other_methods_lead_to_the_shop_and_ask_nothing(
    context: LambdaContext, paystack_api: PaystackApi, method: str
) -> None:
    assert lambda_handler(event(method=method), context) == BACK_TO_THE_SHOP
    assert paystack_api.requests == []


@pytest.mark.parametrize(
    "reply", [Reply(503, b""), Reply(200, b"<html>"), refused(401, "Invalid key", "invalid_key")]
)
def test_while_paystack_is_out_the_customer_goes_on_and_the_breaker_counts(
    context: LambdaContext,
    store: OrderStore,
    breakers_table: Table,
    paystack_api: PaystackApi,
    reply: Reply,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paystack_api.always(reply)

    assert lambda_handler(event(), context) == BACK_TO_THE_SHOP

    assert store.get(ORDER_ID).payment is None
    assert breakers_table.get_item(Key={"provider": "paystack"})["Item"]["failures"] == 1
    assert '"ReturnsUnavailable":[1.0]' in capsys.readouterr().out


def test_paystack_is_not_asked_while_its_breaker_is_open(
    context: LambdaContext, breakers_table: Table, paystack_api: PaystackApi
) -> None:
    breakers_table.put_item(
        Item={"provider": "paystack", "state": "OPEN", "epoch": 1, "retryAt": 9_999_999_999_999}
    )

    assert lambda_handler(event(), context) == BACK_TO_THE_SHOP
    assert paystack_api.requests == []


def test_an_address_that_asks_too_often_is_only_led_to_the_shop(
    context: LambdaContext, paystack_api: PaystackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    paystack_api.always(verified(REFERENCE, status="abandoned"))

    # Twice as many as two windows admit, in which they may fall.
    for _ in range(4 * REQUESTS_A_WINDOW):
        assert lambda_handler(event(), context) == BACK_TO_THE_SHOP

    assert len(paystack_api.requests) <= 2 * REQUESTS_A_WINDOW
    assert '"ReturnsLimited":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_where_dynamodb_fails_the_customer_goes_on(
    context: LambdaContext, store: OrderStore, fail_calls: FailCalls, code: str
) -> None:
    fail_calls(store._table.meta.client, "GetItem", client_error(code))

    assert lambda_handler(event(), context) == BACK_TO_THE_SHOP


def test_logs_hold_no_personal_data_and_no_key(
    context: LambdaContext, log_output: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    for reference in (REFERENCE, f"{CUSTOMER_EMAIL}-1"):
        lambda_handler(event(reference), context)

    lines = log_output.getvalue().splitlines()
    audited = [each for each in lines if json.loads(each)["message"] == "audit"]
    output = "".join([each for each in lines if each not in audited] + [*capsys.readouterr()])
    assert "customer returned" in output
    for private in (CUSTOMER_EMAIL, "Mozilla", "sk_test"):
        assert private not in output + "".join(audited)
    assert ADDRESS not in output, "the audit alone says where a request came from"


def audit_line(log: io.StringIO) -> tuple[str, str, str, str]:
    """The outcome, reason, subject and source of the last return's line."""
    written = [json.loads(line) for line in log.getvalue().splitlines()]
    lines = [each["audit"] for each in written if each["message"] == "audit"]
    last = [each for each in lines if each["action"] == "payment return"][-1]
    return last["outcome"], last["reason"], last["subject"], last["source"]


def ended(store: OrderStore, _api: PaystackApi) -> None:
    stored(store, an_order(order_id=ORDER_ID, status=OrderStatus.EXPIRED))


def abandoned(_store: OrderStore, api: PaystackApi) -> None:
    api.always(verified(REFERENCE, status="abandoned"))


def pending(_store: OrderStore, api: PaystackApi) -> None:
    api.always(verified(REFERENCE, status="pending"))


def out(_store: OrderStore, api: PaystackApi) -> None:
    api.always(Reply(503, b""))


def paid(_store: OrderStore, _api: PaystackApi) -> None:
    """As it is."""


RETURNS = {
    Outcome.PAID: (paid, "succeeded"),
    Outcome.NOT_PAID: (abandoned, "succeeded"),
    Outcome.UNSETTLED: (pending, "succeeded"),
    Outcome.NOT_ASKED: (ended, "refused"),
    Outcome.UNAVAILABLE: (out, "failed"),
}


@pytest.mark.parametrize("outcome", RETURNS)
def test_every_return_has_its_audit_line(
    context: LambdaContext,
    store: OrderStore,
    paystack_api: PaystackApi,
    log_output: io.StringIO,
    outcome: Outcome,
) -> None:
    prepare, word = RETURNS[outcome]
    prepare(store, paystack_api)

    lambda_handler(event(), context)

    assert audit_line(log_output) == (word, outcome, ORDER_ID, ADDRESS)


def test_a_flood_has_its_audit_lines(context: LambdaContext, log_output: io.StringIO) -> None:
    for _ in range(REQUESTS_A_WINDOW + 1):
        lambda_handler(event(), context)

    assert audit_line(log_output) == ("refused", Outcome.LIMITED, ORDER_ID, ADDRESS)
    assert set(RETURNS) | {Outcome.LIMITED} == set(Outcome)


def test_what_names_no_order_has_an_audit_line_without_one(
    context: LambdaContext, log_output: io.StringIO
) -> None:
    lambda_handler(event(f"{CUSTOMER_EMAIL}-1"), context)

    assert audit_line(log_output) == ("refused", Outcome.NOT_ASKED, "-", ADDRESS)
