"""VerifyPayment, from the state machine's payload to its result."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.errors import BreakerOpen, PaymentNotConfirmed, PaymentUnsettled, PaystackUnavailable
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from tests.support.events import load_event
from tests.support.factories import CUSTOMER_EMAIL, a_payment, an_order, stored
from tests.support.paystack_api import PaystackApi, Reply, refused, verified
from tests.unit.conftest import RecordCalls
from verify_payment.handler import lambda_handler

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

EVENT = load_event("verify_payment")
ORDER_ID = EVENT["orderId"]
REFERENCE = f"{ORDER_ID}-1"


@pytest.fixture(autouse=True)
def _needs(
    environment: pytest.MonkeyPatch,
    store: OrderStore,
    breakers_table: Table,
    paystack_secret: str,
    paystack_api: PaystackApi,
    topic_arn: str,
) -> None:
    """Its environment and an order whose payment was reported."""
    environment.setenv("PAYSTACK_BASE_URL", paystack_api.url)
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    environment.setenv("UNDECIDED_ALERT_SECONDS", "21600")
    paystack_api.always(verified(REFERENCE))
    payment = a_payment(REFERENCE)
    stored(store, an_order(order_id=ORDER_ID, payment=payment, payment_reports=1))


@pytest.fixture
def alerts(record_calls: RecordCalls) -> list[dict[str, Any]]:
    """What was published to operations."""
    return record_calls(aws.sns(), "Publish")


def test_a_payment_that_paystack_confirms_is_marked(
    context: LambdaContext, store: OrderStore, paystack_api: PaystackApi, paystack_secret: str
) -> None:
    assert lambda_handler(EVENT, context) == {"orderId": ORDER_ID, "reference": REFERENCE}

    (request,) = paystack_api.requests
    assert request.path == f"/transaction/verify/{REFERENCE}"
    assert request.headers["Authorization"] == f"Bearer {paystack_secret}"
    payment = store.get(ORDER_ID).payment
    assert payment is not None
    assert payment.verified_at is not None


def test_one_that_paystack_denies_twice_is_dropped_and_operations_are_alerted(
    context: LambdaContext,
    store: OrderStore,
    paystack_api: PaystackApi,
    alerts: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    paystack_api.always(refused(400, "Transaction reference not found.", "transaction_not_found"))

    with pytest.raises(PaymentUnsettled):
        lambda_handler(EVENT, context)
    capsys.readouterr()
    with pytest.raises(PaymentNotConfirmed):
        lambda_handler(EVENT | {"waits": 1}, context)

    assert store.get(ORDER_ID).payment is None
    assert len(alerts) == 1
    output = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any("PaymentsDenied" in line for line in output)


def test_paystacks_trouble_leaves_under_the_name_that_the_workflow_catches(
    context: LambdaContext, paystack_api: PaystackApi
) -> None:
    paystack_api.always(Reply(503, b""))

    with pytest.raises(PaystackUnavailable):
        lambda_handler(EVENT, context)


def test_an_open_breaker_spares_paystack_the_call(
    context: LambdaContext, breakers_table: Table, paystack_api: PaystackApi
) -> None:
    breakers_table.put_item(
        Item={"provider": "paystack", "state": "OPEN", "epoch": 1, "retryAt": 99999999999999}
    )

    with pytest.raises(BreakerOpen):
        lambda_handler(EVENT, context)

    assert paystack_api.requests == []


def test_logs_and_alerts_tell_of_no_customer_and_no_key(
    context: LambdaContext,
    paystack_api: PaystackApi,
    paystack_secret: str,
    alerts: list[dict[str, Any]],
    log_output: io.StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paystack_api.always(verified(REFERENCE, status="failed"))
    with pytest.raises(PaymentNotConfirmed):
        lambda_handler(EVENT | {"waits": 1}, context)

    output = log_output.getvalue() + "".join(capsys.readouterr()) + str(alerts)
    assert "dropped a payment" in output
    assert CUSTOMER_EMAIL not in output
    assert paystack_secret not in output
