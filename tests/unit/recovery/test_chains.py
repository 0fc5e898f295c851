"""recover_orders triggers itself through its queue, and not without an end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from orderflow.breakers.state import State
from orderflow.errors import NotificationUnavailable
from orderflow.operations.diagnosis import is_overdue
from orderflow.orders.model import Parked
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.recovery import chains
from orderflow.recovery.chains import MAX_HOPS
from orderflow.recovery.messages import Message, ParkTimer, Probe, ResumptionStep
from orderflow.recovery.pacing import STEP_SECONDS
from orderflow.recovery.settings import RecoverySettings
from tests.support.factories import a_matched_order, client_error, stored
from tests.support.recovery_scene import NOW, PROVIDER, Scene, TaskTokens, ms
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

EPOCH = 3

#: Lambda's own guard stops a chain after about so many calls.
LAMBDAS_LIMIT = 16


@pytest.fixture
def scene(
    store: OrderStore, breakers_table: Table, topic_arn: str, record_calls: RecordCalls
) -> Iterator[Scene]:
    with TaskTokens().behind(aws.step_functions()) as tokens:
        yield Scene(store, breakers_table, topic_arn, tokens, record_calls)


def a_step(hops: int) -> ResumptionStep:
    look_until = ms(NOW) + 15_000
    return ResumptionStep(provider=PROVIDER, epoch=EPOCH, look_until=look_until, hops=hops)


def a_probe(hops: int) -> Probe:
    return Probe(provider=PROVIDER, epoch=EPOCH, hops=hops)


def sent_because_of(scene: Scene, message: Message) -> list[Message]:
    scene.orders.handle(message)
    return [sent for sent, _ in scene.messages()]


def open_breaker(scene: Scene, retry_in_ms: int = -1) -> None:
    scene.breaker(State.OPEN, EPOCH, retry_at=scene.now + retry_in_ms)


class TestCount:
    def test_a_step_is_one_hop_after_the_step_before(self, scene: Scene) -> None:
        scene.breaker(epoch=EPOCH)

        (following,) = sent_because_of(scene, a_step(hops=7))

        assert following.hops == 8

    @pytest.mark.parametrize("retry_in_ms", [-1, 60_000])
    def test_so_is_a_probe(self, scene: Scene, retry_in_ms: int) -> None:
        scene.park()
        open_breaker(scene, retry_in_ms)

        (following,) = sent_because_of(scene, a_probe(hops=7))

        assert following.hops == 8

    def test_so_is_a_timer_that_came_too_early(self, scene: Scene) -> None:
        order = stored(scene.store, a_matched_order())
        timer = ParkTimer(
            provider=PROVIDER, order_id=order.order_id, park_count=0, sent_at=scene.now, hops=2
        )

        (following,) = sent_because_of(scene, timer)

        assert following.hops == 3

    def test_a_change_of_the_breaker_begins_a_chain(self, scene: Scene) -> None:
        closed = scene.breaker(epoch=EPOCH)
        opened = closed.model_copy(update={"state": State.OPEN, "retry_at": scene.now + 1})

        scene.orders.breaker_changed(opened, closed)
        scene.orders.breaker_changed(closed, opened)

        assert [message.hops for message, _ in scene.messages()] == [0, 0]

    def test_messages_from_before_chains_were_counted_begin_one(self) -> None:
        body = a_probe(hops=0).model_dump(by_alias=True, exclude={"hops"})

        assert Probe.model_validate_json(json.dumps(body)).hops == 0


class TestLimit:
    def test_it_leaves_a_resumption_the_steps_that_it_needs(self) -> None:
        # An hour of steps; Lambda's own limit would end it after half a minute.
        assert MAX_HOPS > 100 * LAMBDAS_LIMIT

    @pytest.mark.parametrize("hops", [MAX_HOPS, MAX_HOPS + 1])
    def test_a_chain_of_steps_ends_there_and_its_work_is_done(
        self, scene: Scene, hops: int
    ) -> None:
        scene.breaker(epoch=EPOCH)
        order = scene.park()

        assert sent_because_of(scene, a_step(hops)) == []

        assert scene.tokens.resumed == [order.order_id]

    def test_a_chain_that_would_never_end_by_itself_ends(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chains, "MAX_HOPS", 20)
        open_breaker(scene)
        order = scene.park()
        assert order.parked is not None
        handled = 0
        message: Message = a_probe(hops=0)

        while True:
            # Each time the order is parked again without having called the provider.
            scene.tokens.waiting.add(order.parked.task_token)
            stored(scene.store, order)
            following = sent_because_of(scene, message)
            handled += 1
            if not following:
                break
            (message,) = following

        assert handled == 21
        assert len(scene.published) == 1

    def test_orders_stay_parked_and_the_reconciler_resumes_them(self, scene: Scene) -> None:
        closed = scene.breaker(epoch=EPOCH, closed_at=scene.now + 1)
        orders = scene.park_many(100, park_count=3)

        assert sent_because_of(scene, a_step(MAX_HOPS)) == []

        resumed = int(RecoverySettings().resume_rate_per_second * STEP_SECONDS)
        assert len(scene.still_parked()) == 100 - resumed
        patience = timedelta(minutes=15)
        for order in orders[resumed:]:
            left = scene.store.get(order.order_id)
            assert isinstance(left.parked, Parked)
            assert left.parked.task_token in scene.tokens.waiting
            later = NOW + timedelta(minutes=16)
            assert is_overdue(left, left.parked, closed, later, patience)


class TestAlert:
    def test_it_says_what_ended_and_that_nothing_is_lost(self, scene: Scene) -> None:
        scene.breaker(epoch=EPOCH)

        sent_because_of(scene, a_step(MAX_HOPS))

        (alert,) = scene.published
        assert alert["Subject"] == "Grocery orders: recovery for paystack ended a chain of messages"
        for part in (
            f'a chain of {MAX_HOPS} messages of the kind "resume"',
            "Nothing is lost",
            "orders resume --all --provider paystack",
            "parked-orders.md",
        ):
            assert part in alert["Message"]

    def test_it_is_sent_once_an_interval(self, scene: Scene) -> None:
        open_breaker(scene)
        scene.park_many(3)

        for _ in range(3):
            sent_because_of(scene, a_probe(MAX_HOPS))

        assert len(scene.published) == 1

    def test_the_message_is_delivered_again_where_no_alert_was_sent(
        self, scene: Scene, fail_calls: FailCalls
    ) -> None:
        scene.breaker(epoch=EPOCH)
        fail_calls(aws.sns(), "Publish", client_error("InternalFailure", 500))

        with pytest.raises(NotificationUnavailable):
            scene.orders.handle(a_step(MAX_HOPS))

    def test_it_is_measured(self, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
        scene.breaker(epoch=EPOCH)

        sent_because_of(scene, a_step(MAX_HOPS))

        measured = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [each["provider"] for each in measured if "ChainsEnded" in each] == [PROVIDER]
