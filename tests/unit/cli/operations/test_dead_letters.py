"""``orders dead-letters`` against queues in memory."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from orderflow.recovery.dead_letters import DeadLetters, Letter
from scripts.cli.deployment import Deployment
from scripts.cli.operations import dead_letters
from tests.unit.cli.conftest import Audited, Orders

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:grocery-dev-collect-audit:live"
FAILED = json.dumps(
    {
        "requestContext": {"functionArn": ARN, "condition": "RetriesExhausted"},
        "requestPayload": {"awslogs": {"data": "lines"}},
        "responsePayload": {"errorType": "StoreUnavailable"},
    }
)
RECORDS = json.dumps({"requestContext": {"functionArn": ARN}, "DDBStreamBatchInfo": {}})


class Kept:
    """The two queues, and the functions that were invoked."""

    def __init__(self, deployment: Deployment) -> None:
        self.sqs = boto3.client("sqs")
        self.parked, self.kept, self.seen = (
            self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("parked", "kept", "seen")
        )
        deployment.outputs["SeenLettersQueueUrl"] = self.seen
        deployment.outputs["KeptLettersQueueUrl"] = self.kept
        deployment.outputs["ParkedOrdersQueueUrl"] = self.parked
        self.invoked: list[dict[str, Any]] = []

    def invoke(self, **request: Any) -> None:
        self.invoked.append(request)

    def add(self, body: str) -> None:
        letters = DeadLetters(self.sqs, retry_url=self.parked, kept_url=self.kept, delay_seconds=60)
        letters.handle(Letter(body, "dead-letters", retries=3))

    def bodies(self, url: str) -> list[str]:
        return [each["Body"] for each in self.sqs.receive_message(QueueUrl=url).get("Messages", [])]


@pytest.fixture
def kept(operated: Deployment, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setattr(dead_letters, "connect", lambda _: operated)
    monkeypatch.setattr(dead_letters, "_WAIT_SECONDS", 0)
    found = Kept(operated)
    before = Deployment.client

    def client(deployment: Deployment, service: str) -> Any:
        return found if service == "lambda" else before(deployment, service)

    monkeypatch.setattr(Deployment, "client", client)
    return found


def _ids(orders: Orders) -> dict[str, str]:
    listed = json.loads(orders("dead-letters", "list", "--json").stdout)
    return {each["reason"]: each["id"] for each in listed}


def test_nothing_is_said_plainly(orders: Orders, kept: Kept) -> None:
    assert orders("dead-letters", "list").stderr == "There are no dead letters.\n"


def test_letters_are_listed_with_their_reasons_and_without_their_contents(
    orders: Orders, kept: Kept
) -> None:
    kept.add('{"customer": "ada@example.com"}')
    kept.add(FAILED)

    for _ in range(2):  # reading leaves them there
        result = orders("dead-letters", "list")
        assert result.exit_code == 0
        assert "StoreUnavailable" in result.stdout.replace("\n", " ")
        assert "ada@example.com" not in result.stdout
    assert len(_ids(orders)) == 2
    found = _ids(orders)["grocery-dev-collect-audit failed: StoreUnavailable."]
    shown = json.loads(orders("dead-letters", "show", found[:8], "--json").stdout)
    assert shown["body"] == FAILED


def test_an_event_goes_to_its_function_again(orders: Orders, kept: Kept, audited: Audited) -> None:
    kept.add(FAILED)
    (letter,) = _ids(orders).values()

    result = orders("dead-letters", "retry", letter, "--reason", "the bucket is back")

    assert result.exit_code == 0
    (request,) = kept.invoked
    assert (request["FunctionName"], request["InvocationType"]) == (ARN, "Event")
    assert json.loads(request["Payload"]) == {"awslogs": {"data": "lines"}}
    assert kept.bodies(kept.kept) == []
    assert audited() == [("retry dead letter", letter, "the bucket is back")]


def test_another_message_goes_to_the_queue_of_parked_orders(orders: Orders, kept: Kept) -> None:
    kept.add('{"kind": "poison"}')
    (letter,) = _ids(orders).values()

    orders("dead-letters", "retry", letter, "--reason", "mended")

    assert kept.bodies(kept.parked) == ['{"kind": "poison"}']


@pytest.mark.parametrize("body", [RECORDS, '{"detail-type": "an event"}'])
def test_what_is_not_in_the_letter_is_not_sent_again(
    orders: Orders, kept: Kept, audited: Audited, body: str
) -> None:
    kept.add(body)
    (letter,) = _ids(orders).values()

    result = orders("dead-letters", "retry", letter, "--reason", "mended")

    assert result.exit_code == 2
    assert "orders reconcile" in result.stderr
    assert kept.bodies(kept.kept) == [body]
    assert audited() == []


def test_a_letter_is_dropped_for_a_reason(orders: Orders, kept: Kept, audited: Audited) -> None:
    kept.add("malformed")
    (letter,) = _ids(orders).values()

    assert orders("dead-letters", "drop", letter, "--reason", "a test sent it").exit_code == 0

    assert kept.bodies(kept.kept) == []
    assert audited() == [("drop dead letter", letter, "a test sent it")]


def test_a_letter_that_was_looked_at_is_kept_where_nothing_alarms(
    orders: Orders, kept: Kept, audited: Audited
) -> None:
    kept.add(FAILED)
    (letter,) = _ids(orders).values()
    (before,) = json.loads(orders("dead-letters", "list", "--json").stdout)

    result = orders("dead-letters", "keep", letter, "--reason", "the bug is task 7")

    assert result.exit_code == 0
    assert kept.bodies(kept.kept) == []
    assert audited() == [("keep dead letter", letter, "the bug is task 7")]
    (after,) = json.loads(orders("dead-letters", "list", "--json").stdout)
    assert after["seen"] == "the bug is task 7"
    for name in ("since", "source", "reason", "retries"):
        assert after[name] == before[name]
    # It can still be sent again, or dropped.
    assert orders("dead-letters", "retry", after["id"], "--reason", "mended").exit_code == 0
    assert len(kept.invoked) == 1
    assert kept.bodies(kept.seen) == []


def test_an_unknown_letter_is_not_found(orders: Orders, kept: Kept) -> None:
    result = orders("dead-letters", "drop", "no-such", "--reason", "why")
    assert result.exit_code == 4
    assert "orders dead-letters list" in result.stderr
