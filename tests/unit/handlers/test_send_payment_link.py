"""NotifyCustomer, from the state machine's payload to its result."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.errors import NotificationRefused, NotificationUnavailable
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from send_payment_link.handler import lambda_handler
from tests.support.events import load_event
from tests.support.factories import CUSTOMER_EMAIL, CUSTOMER_NAME, an_order, client_error, stored
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

EVENT = load_event("send_payment_link")
ORDER_ID = EVENT["orderId"]
NOTIFIED = {"orderId": ORDER_ID, "reference": f"{ORDER_ID}-1"}


@pytest.fixture(autouse=True)
def _needs(
    environment: pytest.MonkeyPatch,
    store: OrderStore,
    sender: str,
    addresses_table: Table,
    breakers_table: Table,
    topic_arn: str,
) -> None:
    """Its environment and an order with a link."""
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    stored(store, an_order(order_id=ORDER_ID))


@pytest.fixture
def sent(record_calls: RecordCalls) -> list[dict[str, Any]]:
    """What was handed to SES."""
    return record_calls(aws.ses(), "SendEmail")


def test_the_link_is_sent_from_the_configured_address(
    context: LambdaContext, sent: list[dict[str, Any]], sender: str
) -> None:
    assert lambda_handler(EVENT, context) == NOTIFIED

    (message,) = sent
    assert message["FromEmailAddress"] == sender
    assert message["Destination"] == {"ToAddresses": [CUSTOMER_EMAIL]}


def test_a_retry_answers_the_same_and_sends_nothing(
    context: LambdaContext, sent: list[dict[str, Any]]
) -> None:
    lambda_handler(EVENT, context)

    assert lambda_handler(EVENT, context) == NOTIFIED
    assert len(sent) == 1


def test_an_outage_leaves_under_the_name_that_the_workflow_catches(
    context: LambdaContext, fail_calls: FailCalls
) -> None:
    fail_calls(aws.ses(), "SendEmail", client_error("ServiceUnavailable", 503))

    with pytest.raises(NotificationUnavailable):
        lambda_handler(EVENT, context)


def test_where_ses_refuses_us_operations_are_alerted_once(
    context: LambdaContext, fail_calls: FailCalls, record_calls: RecordCalls
) -> None:
    fail_calls(aws.ses(), "SendEmail", client_error("SendingPausedException", 400))
    alerts = record_calls(aws.sns(), "Publish")

    for _ in range(2):
        with pytest.raises(NotificationRefused):
            lambda_handler(EVENT, context)

    assert ["Amazon SES" in alert["Subject"] for alert in alerts] == [True]


def test_logs_tell_of_no_customer(
    context: LambdaContext, log_output: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    lambda_handler(EVENT, context)

    output = log_output.getvalue() + "".join(capsys.readouterr())
    for private in (CUSTOMER_EMAIL, CUSTOMER_NAME):
        assert private not in output
