"""The messages of the parked-orders queue: read as the state machine writes them, or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orderflow.errors import ProviderUnavailableError
from orderflow.platform import aws
from orderflow.recovery.messages import (
    Message,
    ParkedOrdersQueue,
    ParkTimer,
    Probe,
    ResumptionStep,
    UnreadableMessageError,
    read_message,
)
from tests.support.factories import client_error
from tests.support.paths import DEFINITION
from tests.unit.conftest import FailCalls, RecordCalls

names = st.text(min_size=1)
epochs = st.integers(min_value=0, max_value=2**53)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        ParkTimer,
        order_id=names,
        provider=names,
        park_count=st.integers(0, 1000),
        sent_at=st.integers(1, 2**53),
        attempts=st.integers(0, 9),
    ),
    st.builds(Probe, provider=names, epoch=epochs),
    st.builds(
        ResumptionStep,
        provider=names,
        epoch=epochs,
        look_until=epochs,
        allowance=st.floats(0, 1, exclude_max=True),
    ),
)


def timer(**changes: Any) -> str:
    fields = {"kind": "order", "orderId": "an-order", "provider": "paystack", "parkings": 2}
    return json.dumps(fields | changes)


class TestReading:
    @given(messages)
    def test_a_message_is_read_as_it_was_written(self, message: Message) -> None:
        assert read_message(message.model_dump_json(by_alias=True), sent_at=7) == message

    def test_a_timer_of_the_state_machine_is_read(self) -> None:
        states = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))["States"]
        body = states["ScheduleRecovery"]["Arguments"]["MessageBody"]
        assert body.keys() == json.loads(timer()).keys()
        assert (body["kind"], body["provider"]) == ("order", "{% $waitsFor %}")

    @pytest.mark.parametrize("park_count", [2, 2.0])
    def test_a_timer_without_a_time_starts_when_its_message_is_sent(
        self, park_count: float
    ) -> None:
        assert read_message(timer(parkings=park_count), sent_at=1_000) == ParkTimer(
            order_id="an-order", provider="paystack", park_count=2, sent_at=1_000
        )

    def test_a_restarted_timer_keeps_its_first_time(self) -> None:
        read = read_message(timer(sentAt=500, attempts=1), sent_at=1_000)

        assert isinstance(read, ParkTimer)
        assert read.sent_at == 500

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ("", "body: json_invalid"),
            ("secret", "body: json_invalid"),
            ("[]", "body: "),
            ('"secret"', "body: "),
            ("{}", "body: union_tag_not_found"),
            ('{"kind": "secret"}', "body: union_tag_invalid"),
            (timer(parkings="secret"), "order.parkings: int_parsing"),
            (timer(parkings=-1), "order.parkings: greater_than_equal"),
            (timer(orderId=""), "order.orderId: string_too_short"),
            (timer(orderId=["secret"]), "order.orderId: string_type"),
            ('{"kind": "probe", "provider": "paystack"}', "probe.epoch: missing"),
            ('{"kind": "resume", "epoch": 1, "lookUntil": 2}', "resume.provider: missing"),
        ],
    )
    def test_another_body_is_refused_without_its_content(self, body: str, problem: str) -> None:
        with pytest.raises(UnreadableMessageError) as refusal:
            read_message(body, sent_at=1_000)

        assert problem in str(refusal.value)
        assert "secret" not in str(refusal.value)
        assert refusal.value.__cause__ is None


MESSAGE = Probe(provider="paystack", epoch=3)


@pytest.fixture
def queue(account: None) -> ParkedOrdersQueue:
    return ParkedOrdersQueue(aws.sqs(), aws.sqs().create_queue(QueueName="q")["QueueUrl"])


class TestSending:
    @pytest.mark.parametrize(
        ("delay", "seconds"),
        [(-5, 0), (0, 0), (0.001, 1), (1, 1), (60.5, 61), (900, 900), (5e9, 900)],
    )
    def test_a_message_is_delayed_up_to_the_limit_of_sqs(
        self, queue: ParkedOrdersQueue, record_calls: RecordCalls, delay: float, seconds: int
    ) -> None:
        sent = record_calls(aws.sqs(), "SendMessage")

        queue.send(MESSAGE, delay)

        assert [call["DelaySeconds"] for call in sent] == [seconds]

    def test_a_message_arrives_as_it_was_sent(self, queue: ParkedOrdersQueue) -> None:
        queue.send(MESSAGE)

        (received,) = aws.sqs().receive_message(QueueUrl=queue._url)["Messages"]
        assert read_message(received["Body"], sent_at=0) == MESSAGE

    def test_an_outage_differs_from_other_errors(
        self, queue: ParkedOrdersQueue, fail_calls: FailCalls
    ) -> None:
        fail_calls(aws.sqs(), "SendMessage", client_error("ServiceUnavailable", 503))

        with pytest.raises(ProviderUnavailableError, match="SQS failed"):
            queue.send(MESSAGE)
