"""send_status_emails, from the stream's batch to the records that have to come again."""

from __future__ import annotations

import copy
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from send_status_emails.handler import lambda_handler
from tests.support.events import load_event
from tests.support.factories import (
    CUSTOMER_EMAIL,
    CUSTOMER_NAME,
    a_matched_order,
    client_error,
    stored,
)
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

(RECORD,) = load_event("stream_order_delayed")["Records"]
S = OrderStatus
NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture(autouse=True)
def _needs(
    environment: pytest.MonkeyPatch,
    store: OrderStore,
    sender: str,
    addresses_table: Table,
    breakers_table: Table,
    topic_arn: str,
) -> None:
    """Its environment."""
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)


@pytest.fixture
def sent(record_calls: RecordCalls) -> list[dict[str, Any]]:
    """What was handed to SES."""
    return record_calls(aws.ses(), "SendEmail")


def batch(*changes: tuple[str, S]) -> dict[str, Any]:
    """Changes of orders to statuses, with the sequence numbers 0, 1 ..."""
    records = []
    for number, (order_id, status) in enumerate(changes):
        record = copy.deepcopy(RECORD)
        image = record["dynamodb"]
        image["SequenceNumber"] = str(number)
        image["NewImage"] |= {"orderId": {"S": order_id}, "status": {"S": status}}
        records.append(record)
    return {"Records": records}


def an_order_in(store: OrderStore, status: S, order_id: str) -> None:
    stored(store, a_matched_order(order_id=order_id, status=status, status_reason="A reason."))


def test_the_canary_is_notified_and_is_no_customer(
    context: LambdaContext,
    store: OrderStore,
    sent: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    an_order_in(store, S.CANCELLED, "o-1")
    changes = batch(("o-1", S.CANCELLED))
    changes["Records"][0]["dynamodb"]["NewImage"]["synthetic"] = {"BOOL": True}

    assert lambda_handler(changes, context) == NOTHING_FAILED

    assert len(sent) == 1
    assert "CustomersTold" not in capsys.readouterr().out


def test_customers_are_notified_of_delays_and_failures(
    context: LambdaContext, store: OrderStore, sent: list[dict[str, Any]]
) -> None:
    changes = [("o-1", S.PAYMENT_DELAYED), ("o-2", S.NEEDS_ATTENTION), ("o-3", S.FAILED)]
    for order_id, status in changes:
        an_order_in(store, status, order_id)

    assert lambda_handler(batch(*changes), context) == NOTHING_FAILED

    assert [message["Content"]["Simple"]["Subject"]["Data"] for message in sent] == [
        "Your grocery order: the payment link takes longer",
        "Your grocery order: the payment link takes longer",
        "Your grocery order: we are looking into a problem",
    ]
    assert store.get("o-3").notified_statuses == {S.FAILED}


def test_a_repeated_record_sends_nothing(
    context: LambdaContext, store: OrderStore, sent: list[dict[str, Any]]
) -> None:
    an_order_in(store, S.FAILED, "o-1")

    for _ in range(2):
        assert lambda_handler(batch(("o-1", S.FAILED)), context) == NOTHING_FAILED

    assert len(sent) == 1


def test_during_an_outage_the_record_is_to_come_again(
    context: LambdaContext, store: OrderStore, fail_calls: FailCalls, log_output: io.StringIO
) -> None:
    an_order_in(store, S.MATCHED, "o-1")
    an_order_in(store, S.FAILED, "o-2")
    fail_calls(aws.ses(), "SendEmail", client_error("ServiceUnavailable", 503))

    answer = lambda_handler(batch(("o-1", S.PAYMENT_DELAYED), ("o-2", S.FAILED)), context)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert "NotificationUnavailable" in log_output.getvalue()


def test_where_ses_refuses_us_operations_are_alerted_once(
    context: LambdaContext, store: OrderStore, fail_calls: FailCalls, record_calls: RecordCalls
) -> None:
    fail_calls(aws.ses(), "SendEmail", client_error("SendingPausedException", 400))
    alerts = record_calls(aws.sns(), "Publish")
    changes = [("o-1", S.FAILED), ("o-2", S.FAILED)]
    for order_id, status in changes:
        an_order_in(store, status, order_id)

    lambda_handler(batch(*changes), context)

    assert ["Amazon SES" in alert["Subject"] for alert in alerts] == [True]


def test_a_batch_that_failed_as_a_whole_comes_again(
    context: LambdaContext, store: OrderStore, fail_calls: FailCalls
) -> None:
    an_order_in(store, S.FAILED, "o-1")
    fail_calls(aws.ses(), "SendEmail", client_error("ServiceUnavailable", 503))

    answer = lambda_handler(batch(("o-1", S.FAILED)), context)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_what_no_repetition_mends_does_not_hold_up_the_others(
    context: LambdaContext,
    store: OrderStore,
    fail_calls: FailCalls,
    capsys: pytest.CaptureFixture[str],
) -> None:
    an_order_in(store, S.FAILED, "o-1")
    fail_calls(aws.ses(), "SendEmail", client_error("MessageRejected"))

    changes = batch(("o-1", S.FAILED), ("o-that-is-gone", S.FAILED))
    assert lambda_handler(changes, context) == NOTHING_FAILED

    measured = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert measured["CustomersNotTold"] == [1.0, 1.0]
    assert store.get("o-1").notified_statuses is None


def test_logs_tell_of_no_customer(
    context: LambdaContext,
    store: OrderStore,
    fail_calls: FailCalls,
    log_output: io.StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    an_order_in(store, S.FAILED, "o-1")
    fail_calls(aws.ses(), "SendEmail", client_error("MessageRejected"))

    lambda_handler(batch(("o-1", S.FAILED)), context)

    output = log_output.getvalue() + "".join(capsys.readouterr())
    assert "customer not notified" in output
    for private in (CUSTOMER_EMAIL, CUSTOMER_NAME):
        assert private not in output
