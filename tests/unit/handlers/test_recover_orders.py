"""recover_orders, from the queue's and the stream's batches to what is reported as failed."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.errors import ConfigurationError
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.recovery.messages import Message, Probe, ResumptionStep, read_message
from recover_orders.handler import lambda_handler
from tests.support.events import load_event
from tests.support.factories import client_error, stored
from tests.support.recovery_scene import TaskTokens, parked_order
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

PARAMETER = "/grocery/test/recovery"
CLOCK = json.loads(load_event("sqs_parked_order")["Records"][0]["body"])


@pytest.fixture(autouse=True)
def _needs(
    environment: pytest.MonkeyPatch, store: OrderStore, breakers_table: Table, topic_arn: str
) -> None:
    """Its environment, the tables, the queue, the topic and the settings."""
    queue = aws.sqs().create_queue(QueueName="parked")
    boto3.client("ssm").put_parameter(Name=PARAMETER, Value="{}", Type="String")
    environment.setenv("PARKED_ORDERS_QUEUE_URL", queue["QueueUrl"])
    environment.setenv("RECOVERY_PARAMETER", PARAMETER)
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)


@pytest.fixture
def tokens(account: None) -> Iterator[TaskTokens]:
    with TaskTokens().behind(aws.step_functions()) as tokens:
        yield tokens


@pytest.fixture
def sent(record_calls: RecordCalls) -> list[dict[str, Any]]:
    return record_calls(aws.sqs(), "SendMessage")


def batch(*bodies: str) -> dict[str, Any]:
    """The queue's messages, named message-0 and so on."""
    (record,) = load_event("sqs_parked_order")["Records"]
    return {
        "Records": [
            record | {"messageId": f"message-{number}", "body": body}
            for number, body in enumerate(bodies)
        ]
    }


def clock(order_id: str, park_count: int = 0) -> str:
    return json.dumps(CLOCK | {"orderId": order_id, "parkings": park_count})


def park(store: OrderStore, tokens: TaskTokens, **changes: Any) -> str:
    order = stored(store, parked_order(**changes))
    assert order.parked is not None
    tokens.waiting.add(order.parked.task_token)
    return order.order_id


def failed(*items: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": item} for item in items]}


def messages(sent: list[dict[str, Any]]) -> list[Message]:
    return [read_message(call["MessageBody"], sent_at=0) for call in sent]


class TestQueue:
    def test_the_clocks_of_a_batch_let_their_orders_go_on(
        self, context: LambdaContext, store: OrderStore, tokens: TaskTokens
    ) -> None:
        orders = [park(store, tokens) for _ in range(3)]

        assert lambda_handler(batch(*map(clock, orders)), context) == failed()

        assert tokens.resumed == orders

    def test_the_clock_of_an_order_that_needs_attention_alerts_operations(
        self,
        context: LambdaContext,
        store: OrderStore,
        tokens: TaskTokens,
        record_calls: RecordCalls,
    ) -> None:
        published = record_calls(aws.sns(), "Publish")
        order = park(store, tokens, park_count=3)

        assert lambda_handler(batch(clock(order, 3)), context) == failed()

        assert len(published) == 1

    def test_a_clock_that_rings_too_early_is_set_again_as_of_when_it_was_sent(
        self,
        context: LambdaContext,
        store: OrderStore,
        sent: list[dict[str, Any]],
    ) -> None:
        order = stored(store, parked_order(parked=None, history=[]))

        assert lambda_handler(batch(clock(order.order_id)), context) == failed()

        (call,) = sent
        assert json.loads(call["MessageBody"]) == CLOCK | {
            "orderId": order.order_id,
            "sentAt": 1769860800000,
            "rings": 1,
            "hops": 1,
        }

    def test_steps_of_a_resumption_run(
        self, context: LambdaContext, store: OrderStore, tokens: TaskTokens
    ) -> None:
        order = park(store, tokens)
        step = ResumptionStep(provider="paystack", epoch=0, look_until=0)

        assert lambda_handler(batch(step.model_dump_json(by_alias=True)), context) == failed()

        assert tokens.resumed == [order]

    def test_a_message_that_fails_comes_again_alone(
        self, context: LambdaContext, store: OrderStore, tokens: TaskTokens
    ) -> None:
        first, broken, last = (park(store, tokens, token=name) for name in "abc")
        tokens.errors["b"] = client_error("ThrottlingException")

        answer = lambda_handler(batch(*map(clock, (first, broken, last))), context)

        assert answer == failed("message-1")
        assert tokens.resumed == [first, last]

    def test_what_is_no_message_fails_with_a_line_that_says_why_and_not_what(
        self, context: LambdaContext, log_output: io.StringIO
    ) -> None:
        event = batch("secret", '{"kind": "secret"}')

        assert lambda_handler(event, context) == failed("message-0", "message-1")

        lines = [json.loads(line) for line in log_output.getvalue().splitlines()]
        output = {line["item"]: line["exception"] for line in lines}
        assert "body: json_invalid" in output["message-0"]
        assert "body: union_tag_invalid" in output["message-1"]
        assert {line["level"] for line in lines} == {"ERROR"}
        assert "secret" not in log_output.getvalue()


class TestStream:
    def test_a_breaker_that_closes_starts_the_resumption(
        self, context: LambdaContext, sent: list[dict[str, Any]]
    ) -> None:
        assert lambda_handler(load_event("stream_breaker_closed"), context) == failed()

        (step,) = messages(sent)
        assert isinstance(step, ResumptionStep)
        assert (step.provider, step.epoch) == ("paystack", 3)

    @pytest.mark.usefixtures("sent")
    @pytest.mark.parametrize(
        ("event", "opens", "is_out"),
        [("closed", "2", 0), ("opened", "1", 0), ("opened", "2", 1)],
    )
    def test_a_breaker_that_changes_says_whether_its_provider_is_out(
        self,
        context: LambdaContext,
        capsys: pytest.CaptureFixture[str],
        event: str,
        opens: str,
        is_out: int,
    ) -> None:
        change = load_event(f"stream_breaker_{event}")
        change["Records"][0]["dynamodb"]["NewImage"]["opens"] = {"N": opens}

        lambda_handler(change, context)

        (measured,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert (measured["ProviderOut"], measured["provider"]) == ([is_out], "paystack")

    def test_a_breaker_that_opens_is_to_be_probed(
        self, context: LambdaContext, sent: list[dict[str, Any]]
    ) -> None:
        assert lambda_handler(load_event("stream_breaker_opened"), context) == failed()

        assert messages(sent) == [Probe(provider="paystack", epoch=1)]

    def test_a_breaker_that_is_removed_is_closed(
        self, context: LambdaContext, sent: list[dict[str, Any]]
    ) -> None:
        event = load_event("stream_breaker_opened")
        change = event["Records"][0]["dynamodb"]
        change["OldImage"] = change.pop("NewImage")

        assert lambda_handler(event, context) == failed()

        (step,) = messages(sent)
        assert isinstance(step, ResumptionStep)

    def test_a_change_that_can_not_be_read_fails_and_those_after_it_are_handled(
        self, context: LambdaContext, sent: list[dict[str, Any]], log_output: io.StringIO
    ) -> None:
        event = load_event("stream_breaker_closed")
        poison = copy.deepcopy(event["Records"][0])
        poison["dynamodb"] |= {"SequenceNumber": "7", "NewImage": {"state": {"S": "AJAR"}}}
        event["Records"].insert(0, poison)

        assert lambda_handler(event, context) == failed("7")

        assert len(sent) == 1
        assert poison["eventID"] in log_output.getvalue()

    def test_while_sqs_is_out_all_changes_come_again(
        self, context: LambdaContext, fail_calls: FailCalls
    ) -> None:
        fail_calls(aws.sqs(), "SendMessage", client_error("ServiceUnavailable", 503))

        answer = lambda_handler(load_event("stream_breaker_opened"), context)

        assert answer == failed("400000000000000000000")


def test_without_its_environment_it_does_not_start(
    context: LambdaContext, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("PARKED_ORDERS_QUEUE_URL")

    with pytest.raises(ConfigurationError, match="PARKED_ORDERS_QUEUE_URL"):
        lambda_handler(batch(clock("an-order")), context)
