"""handle_dead_letters, from SQS's event to the queues."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from handle_dead_letters.handler import lambda_handler
from orderflow.platform import aws
from tests.support.events import load_event
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


@pytest.fixture(autouse=True)
def queues(environment: pytest.MonkeyPatch) -> dict[str, str]:
    """Its environment: the URLs of the two queues."""
    urls = {name: aws.sqs().create_queue(QueueName=name)["QueueUrl"] for name in ("parked", "kept")}
    environment.setenv("PARKED_ORDERS_QUEUE_URL", urls["parked"])
    environment.setenv("KEPT_LETTERS_QUEUE_URL", urls["kept"])
    environment.setenv("DEAD_LETTER_DELAY_SECONDS", "0.2")
    return urls


def _received(url: str) -> list[MessageTypeDef]:
    answer = aws.sqs().receive_message(QueueUrl=url, MessageAttributeNames=["All"])
    return answer.get("Messages", [])


def test_a_timer_is_tried_again(
    context: LambdaContext, queues: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    event = load_event("sqs_dead_letter")

    assert lambda_handler(event, context) == {"batchItemFailures": []}

    (message,) = _received(queues["parked"])
    assert message["Body"] == event["Records"][0]["body"]
    assert message["MessageAttributes"]["retries"]["StringValue"] == "1"
    assert json.loads(capsys.readouterr().out)["DeadLettersRetried"] == [1.0]


def test_what_was_tried_three_times_is_kept(
    context: LambdaContext, queues: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    event = load_event("sqs_dead_letter")
    tried = {"retries": {"stringValue": "3", "dataType": "Number"}}
    event["Records"][0]["messageAttributes"] = tried

    lambda_handler(event, context)

    (message,) = _received(queues["kept"])
    assert message["MessageAttributes"]["source"]["StringValue"] == "parked-orders-dead-letters"
    assert json.loads(capsys.readouterr().out)["DeadLettersKept"] == [1.0]


def test_a_letter_stays_where_it_is_while_sqs_is_out(
    context: LambdaContext, fail_calls: FailCalls
) -> None:
    event = load_event("sqs_dead_letter")
    fail_calls(aws.sqs(), "SendMessage", client_error("InternalError", 500))

    failed = lambda_handler(event, context)

    assert failed == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
