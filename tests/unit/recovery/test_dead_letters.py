"""Which dead letters are tried again, when, and why the others are kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.recovery.dead_letters import DeadLetters, Letter, reason_to_keep

TIMER = json.dumps({"kind": "order", "orderId": "an-order", "provider": "paystack", "parkings": 0})
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:grocery-dev-record-failures:live"
FAILED_EVENT = json.dumps(
    {
        "requestContext": {"functionArn": FUNCTION, "condition": "RetriesExhausted"},
        "requestPayload": {"email": "ada@example.com"},
        "responsePayload": {"errorType": "StoreUnavailable", "errorMessage": "ada@example.com"},
    }
)
STREAM_RECORDS = json.dumps(
    {
        "requestContext": {"functionArn": FUNCTION, "condition": "RetryAttemptsExhausted"},
        "DDBStreamBatchInfo": {"shardId": "shard", "batchSize": 1},
    }
)


class Sqs:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, **message: Any) -> None:
        self.sent.append(message)


def handled(letter: Letter, delay: float = 60) -> dict[str, Any]:
    """The message that a letter leads to."""
    sqs: Any = Sqs()
    DeadLetters(sqs, retry_url="retry", kept_url="kept", delay_seconds=delay).handle(letter)
    (message,) = sqs.sent
    assert message["MessageBody"] == letter.body
    return dict(message)


@pytest.mark.parametrize(("retries", "delay"), [(0, 60), (1, 120), (2, 240)])
def test_a_message_of_ours_is_tried_again_three_times_with_growing_delays(
    retries: int, delay: int
) -> None:
    message = handled(Letter(TIMER, "dead", retries))
    assert (message["QueueUrl"], message["DelaySeconds"]) == ("retry", delay)
    assert message["MessageAttributes"]["retries"]["StringValue"] == str(retries + 1)


def test_no_delay_is_longer_than_sqs_takes() -> None:
    assert handled(Letter(TIMER, "dead", 2), delay=600)["DelaySeconds"] == 900


@pytest.mark.parametrize(
    ("letter", "reason"),
    [
        (Letter(TIMER, "dead", 3), "after 3 more attempts"),
        (Letter('{"kind": "poison"}', "dead"), "Not a message of ours"),
        (Letter("[]", "dead"), "Not a message of ours"),
        (Letter("no JSON at all", "dead"), "Not a message of ours"),
        (Letter(FAILED_EVENT, "dead"), "grocery-dev-record-failures failed: StoreUnavailable."),
        (Letter(STREAM_RECORDS, "dead"), "Records of a stream that grocery-dev-record-failures"),
        (Letter('{"source": "aws.states"}', "dead", error="NO_PERMISSIONS"), "NO_PERMISSIONS"),
        (Letter('{"requestPayload": {}, "requestContext": null}', "dead"), "an unknown error"),
    ],
)
def test_other_letters_are_kept_with_their_reason_and_source(letter: Letter, reason: str) -> None:
    message = handled(letter)
    assert message["QueueUrl"] == "kept"
    attributes = {name: each["StringValue"] for name, each in message["MessageAttributes"].items()}
    assert reason in attributes["reason"]
    assert (attributes["source"], attributes["retries"]) == ("dead", str(letter.retries))


def test_reasons_say_nothing_of_customers() -> None:
    reason = reason_to_keep(Letter(FAILED_EVENT, "dead"))
    assert reason is not None
    assert "ada@example.com" not in reason
