"""What the parked-orders queue carries: read as the state machine writes it, or refused."""

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


def clock(**changes: Any) -> str:
    fields = {"kind": "order", "orderId": "an-order", "provider": "paystack", "parkings": 2}
    return json.dumps(fields | changes)


class TestReading:
    @given(messages)
    def test_what_was_written_is_read(self, message: Message) -> None:
        assert read_message(message.model_dump_json(by_alias=True), sent_at=7) == message

    def test_the_state_machine_sets_clocks(self) -> None:
        states = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))["States"]
        body = states["ScheduleRecovery"]["Arguments"]["MessageBody"]
        assert body.keys() == json.loads(clock()).keys()
        assert (body["kind"], body["provider"]) == ("order", "paystack")

    @pytest.mark.parametrize("park_count", [2, 2.0])
    def test_a_clock_was_set_when_its_message_was_sent(self, park_count: float) -> None:
        assert read_message(clock(parkings=park_count), sent_at=1_000) == ParkTimer(
            order_id="an-order", provider="paystack", park_count=2, sent_at=1_000
        )

    def test_a_clock_that_rings_again_keeps_the_time_it_was_set(self) -> None:
        read = read_message(clock(sentAt=500, attempts=1), sent_at=1_000)

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
            (clock(parkings="secret"), "order.parkings: int_parsing"),
            (clock(parkings=-1), "order.parkings: greater_than_equal"),
            (clock(orderId=""), "order.orderId: string_too_short"),
            (clock(orderId=["secret"]), "order.orderId: string_type"),
            ('{"kind": "probe", "provider": "paystack"}', "probe.epoch: missing"),
            ('{"kind": "resume", "epoch": 1, "lookUntil": 2}', "resume.provider: missing"),
        ],
    )
    def test_what_is_no_message_is_refused_without_its_content(
        self, body: str, problem: str
    ) -> None:
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
    def test_it_never_comes_early_unless_sqs_can_not_wait_so_long(
        self, queue: ParkedOrdersQueue, record_calls: RecordCalls, delay: float, seconds: int
    ) -> None:
        sent = record_calls(aws.sqs(), "SendMessage")

        queue.send(MESSAGE, delay)

        assert [call["DelaySeconds"] for call in sent] == [seconds]

    def test_it_arrives_as_it_was_sent(self, queue: ParkedOrdersQueue) -> None:
        queue.send(MESSAGE)

        (received,) = aws.sqs().receive_message(QueueUrl=queue._url)["Messages"]
        assert read_message(received["Body"], sent_at=0) == MESSAGE

    def test_an_outage_is_told_from_mistakes(
        self, queue: ParkedOrdersQueue, fail_calls: FailCalls
    ) -> None:
        fail_calls(aws.sqs(), "SendMessage", client_error("ServiceUnavailable", 503))

        with pytest.raises(ProviderUnavailableError, match="SQS failed"):
            queue.send(MESSAGE)
