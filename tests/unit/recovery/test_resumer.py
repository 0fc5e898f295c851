"""When parked orders go on: by their timers, by a probe, and what a breaker's change sets off."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError

from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.errors import ProviderUnavailableError, StoreUnavailable
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.recovery.messages import ParkTimer, Probe, ResumptionStep
from orderflow.recovery.parked_orders import PROBE_TIMEOUT_SECONDS, RESTART_DELAYS_SECONDS
from orderflow.recovery.resumer import ResumedBy, Resumption, resume
from tests.support.factories import CUSTOMER_EMAIL, a_matched_order, an_order, client_error, stored
from tests.support.recovery_scene import NOW, PROVIDER, Scene, TaskTokens, ms, parked_order
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

S = OrderStatus
SECOND = timedelta(seconds=1)


@pytest.fixture
def tokens(account: None) -> Iterator[TaskTokens]:
    with TaskTokens().behind(aws.step_functions()) as tokens:
        yield tokens


@pytest.fixture
def scene(
    store: OrderStore,
    breakers_table: Table,
    topic_arn: str,
    tokens: TaskTokens,
    record_calls: RecordCalls,
) -> Scene:
    return Scene(store, breakers_table, topic_arn, tokens, record_calls)


class TestResume:
    @pytest.mark.parametrize("by", ["delay", "breaker", "operator"])
    def test_the_execution_gets_the_cause_of_the_resumption(
        self, scene: Scene, tokens: TaskTokens, by: ResumedBy
    ) -> None:
        order = scene.park()

        assert resume(order, aws.step_functions(), scene.store, by) is Resumption.RESUMED

        assert tokens.outputs == [{"orderId": order.order_id, "resumedBy": by}]
        assert scene.store.get(order.order_id).parked is None

    def test_a_spent_token_is_removed(self, scene: Scene, tokens: TaskTokens) -> None:
        order = scene.park()
        tokens.waiting.clear()

        assert resume(order, aws.step_functions(), scene.store, "delay") is Resumption.SPENT

        assert scene.store.get(order.order_id).parked is None

    def test_an_order_that_is_not_parked_is_not_resumed(
        self, scene: Scene, tokens: TaskTokens
    ) -> None:
        order = stored(scene.store, an_order())

        resumption = resume(order, aws.step_functions(), scene.store, "operator")

        assert resumption is Resumption.NOT_PARKED
        assert tokens.outputs == []

    def test_an_outdated_record_does_not_touch_the_new_token(self, scene: Scene) -> None:
        old = scene.park()
        scene.tokens.waiting.clear()
        new = scene.park(order_id=old.order_id, park_count=1, token="new")

        assert resume(old, aws.step_functions(), scene.store, "breaker") is Resumption.SPENT

        assert scene.store.get(old.order_id).parked == new.parked

    def test_an_order_is_resumed_although_its_token_cant_be_removed(
        self, scene: Scene, fail_calls: FailCalls
    ) -> None:
        order = scene.park()
        fail_calls(
            scene.store._table.meta.client, "UpdateItem", client_error("InternalServerError", 500)
        )

        assert resume(order, aws.step_functions(), scene.store, "delay") is Resumption.RESUMED

        # Resuming it once more does no harm.
        assert scene.store.get(order.order_id).parked is not None
        assert resume(order, aws.step_functions(), scene.store, "delay") is Resumption.SPENT

    @pytest.mark.parametrize(
        "error", [client_error("ThrottlingException"), ReadTimeoutError(endpoint_url="http://sfn")]
    )
    def test_an_order_stays_parked_while_step_functions_is_unavailable(
        self, scene: Scene, tokens: TaskTokens, error: Exception
    ) -> None:
        order = scene.park(token="token")
        tokens.errors["token"] = error

        with pytest.raises(ProviderUnavailableError, match="Step Functions"):
            resume(order, aws.step_functions(), scene.store, "delay")

        assert scene.store.get(order.order_id) == order


def timer_of(order_id: str, park_count: int = 0, **changes: Any) -> ParkTimer:
    """The timer of an order that was parked right after."""
    return ParkTimer(
        order_id=order_id,
        park_count=park_count,
        **{"provider": PROVIDER, "sent_at": ms(NOW)} | changes,
    )


class TestTimer:
    @pytest.mark.parametrize("park_count", [0, 1, 2])
    def test_it_resumes_the_order(self, scene: Scene, park_count: int) -> None:
        order = scene.park(park_count=park_count)

        scene.orders.handle(timer_of(order.order_id, park_count))

        assert scene.tokens.outputs == [{"orderId": order.order_id, "resumedBy": "delay"}]
        assert scene.messages() == []

    def test_resumed_orders_are_counted(
        self, scene: Scene, capsys: pytest.CaptureFixture[str]
    ) -> None:
        order = scene.park()
        gone = scene.park()
        scene.tokens.waiting.remove(gone.parked.task_token if gone.parked else "")

        scene.orders.handle(timer_of(order.order_id))
        scene.orders.handle(timer_of(gone.order_id))

        lines = map(json.loads, capsys.readouterr().out.splitlines())
        resumed, spent = (line for line in lines if "_aws" in line)
        assert (resumed["OrdersResumed"], resumed["by"]) == ([1.0], "delay")
        assert spent["TokensSpent"] == [1.0]

    def test_after_three_attempts_operations_are_alerted_and_the_order_stays_parked(
        self, scene: Scene
    ) -> None:
        order = scene.park(park_count=3)

        scene.orders.handle(timer_of(order.order_id, 3))

        assert len(scene.published) == 1
        assert scene.tokens.outputs == []
        assert scene.store.get(order.order_id) == order

    def test_a_timer_that_arrives_twice_answers_once(self, scene: Scene) -> None:
        order = scene.park()
        timer = timer_of(order.order_id)

        scene.orders.handle(timer)
        scene.orders.handle(timer)

        assert scene.tokens.resumed == [order.order_id]
        assert scene.messages() == []

    @pytest.mark.parametrize("ours", [0, 1, 5])
    def test_the_timer_of_an_earlier_parking_does_nothing(self, scene: Scene, ours: int) -> None:
        order = scene.park(park_count=2)

        scene.orders.handle(timer_of(order.order_id, ours))

        assert (scene.tokens.outputs, scene.messages()) == ([], [])
        assert scene.store.get(order.order_id) == order

    def test_an_earlier_timer_with_the_same_count_resumes_the_order_early(
        self, scene: Scene
    ) -> None:
        # An operator has reset the count. The order is resumed early, which counts as an attempt.
        order = scene.park()

        scene.orders.handle(timer_of(order.order_id, sent_at=ms(NOW - timedelta(hours=1))))

        assert scene.tokens.resumed == [order.order_id]

    @pytest.mark.parametrize(
        "status", [S.CANCELLED, S.REJECTED, S.EXPIRED, S.PAYMENT_COMPLETED, S.PAYMENT_INITIATED]
    )
    def test_it_does_nothing_for_an_order_that_has_moved_on(
        self, scene: Scene, status: OrderStatus
    ) -> None:
        order = stored(scene.store, a_matched_order(status=status))

        scene.orders.handle(timer_of(order.order_id))

        assert (scene.tokens.outputs, scene.messages()) == ([], [])

    def test_it_does_nothing_for_a_deleted_order(
        self, scene: Scene, log_output: io.StringIO
    ) -> None:
        scene.orders.handle(timer_of("gone"))

        assert "timer of an unknown order" in log_output.getvalue()

    def test_it_is_delivered_again_while_dynamodb_is_unavailable(
        self, scene: Scene, fail_calls: FailCalls
    ) -> None:
        order = scene.park()
        fail_calls(
            scene.store._table.meta.client, "GetItem", client_error("InternalServerError", 500)
        )

        with pytest.raises(StoreUnavailable):
            scene.orders.handle(timer_of(order.order_id))

        assert scene.tokens.outputs == []


class TestBedrock:
    """Orders that wait for Bedrock, before anything on their list is matched."""

    @pytest.fixture
    def waiting(self, scene: Scene) -> Order:
        scene.park()  # another order, which waits for PayStack
        return scene.park(provider="bedrock", lines=[], total_kobo=0)

    def breaker(self, scene: Scene, **changes: Any) -> BreakerItem:
        item = BreakerItem(provider="bedrock", **changes)
        scene.breakers_table.put_item(Item=item.model_dump(by_alias=True, exclude_none=True))
        return item

    def test_their_timer_resumes_them(self, scene: Scene, waiting: Order) -> None:
        scene.orders.handle(timer_of(waiting.order_id, provider="bedrock"))

        assert scene.tokens.outputs == [{"orderId": waiting.order_id, "resumedBy": "delay"}]

    def test_the_closing_breaker_resumes_them_alone(self, scene: Scene, waiting: Order) -> None:
        before = self.breaker(scene, state=State.HALF_OPEN, epoch=2)
        scene.orders.breaker_changed(before, self.breaker(scene, epoch=3))
        ((step, _),) = scene.messages()
        assert isinstance(step, ResumptionStep)
        assert step.provider == "bedrock"

        scene.orders.handle(step)

        assert scene.tokens.outputs == [{"orderId": waiting.order_id, "resumedBy": "breaker"}]
        assert len(scene.still_parked()) == 1

    def test_one_of_them_probes_bedrock(self, scene: Scene, waiting: Order) -> None:
        self.breaker(scene, state=State.OPEN, epoch=1, retry_at=ms(NOW - SECOND))

        scene.orders.handle(Probe(provider="bedrock", epoch=1))

        assert scene.tokens.resumed == [waiting.order_id]

    def test_after_three_attempts_operations_are_alerted(self, scene: Scene) -> None:
        order = scene.park(provider="bedrock", lines=[], park_count=3)

        scene.orders.handle(timer_of(order.order_id, 3, provider="bedrock"))

        (alert,) = scene.published
        assert "bedrock" in alert["Message"].lower()
        assert scene.tokens.outputs == []


class TestTimerThatEndsTooEarly:
    @pytest.mark.parametrize("status", [S.MATCHED, S.PAYMENT_DELAYED, S.NEEDS_ATTENTION, S.FAILED])
    def test_it_is_started_again_with_a_short_delay(
        self, scene: Scene, status: OrderStatus
    ) -> None:
        order = stored(scene.store, a_matched_order(status=status, history=[]))
        timer = timer_of(order.order_id)

        scene.orders.handle(timer)

        assert scene.messages() == [
            (timer.model_copy(update={"attempts": 1, "hops": 1}), RESTART_DELAYS_SECONDS[0])
        ]

    def test_the_restarted_timer_finds_the_order_parked(self, scene: Scene) -> None:
        order = stored(scene.store, a_matched_order())
        scene.orders.handle(timer_of(order.order_id))
        ((timer, _),) = scene.messages()
        scene.park(order_id=order.order_id)

        scene.orders.handle(timer)

        assert scene.tokens.resumed == [order.order_id]

    def test_it_is_not_started_again_for_ever(self, scene: Scene) -> None:
        order = stored(scene.store, a_matched_order())
        timers = [timer_of(order.order_id)]
        delays = []
        while timers:
            scene.orders.handle(timers.pop())
            for timer, delay in scene.messages():
                assert isinstance(timer, ParkTimer)
                timers.append(timer)
                delays.append(delay)

        assert tuple(delays) == RESTART_DELAYS_SECONDS

    @pytest.mark.parametrize("earlier", [0, 1, 3])
    def test_an_earlier_token_that_was_not_removed_is_not_answered(
        self, scene: Scene, earlier: int
    ) -> None:
        order = scene.park(park_count=earlier, at=NOW - timedelta(minutes=5))
        scene.tokens.waiting.clear()

        scene.orders.handle(timer_of(order.order_id, park_count=1))

        ((timer, delay),) = scene.messages()
        assert (timer, delay) == (
            timer_of(order.order_id, 1, attempts=1).model_copy(update={"hops": 1}),
            RESTART_DELAYS_SECONDS[0],
        )
        assert scene.store.get(order.order_id) == order

    def test_small_differences_between_clocks_are_tolerated(self, scene: Scene) -> None:
        order = scene.park(at=NOW - timedelta(milliseconds=900))

        scene.orders.handle(timer_of(order.order_id))

        assert scene.tokens.resumed == [order.order_id]

    def test_it_is_not_started_again_for_an_order_that_has_moved_on(self, scene: Scene) -> None:
        order = stored(scene.store, parked_order(parked=None))

        scene.orders.handle(timer_of(order.order_id))

        assert scene.messages() == []


OPEN = BreakerItem(provider=PROVIDER, state=State.OPEN, epoch=1, retry_at=ms(NOW + 60 * SECOND))
HALF_OPEN = OPEN.model_copy(
    update={"state": State.HALF_OPEN, "epoch": 2, "probe_until": ms(NOW + 45 * SECOND)}
)
CLOSED = BreakerItem(provider=PROVIDER, epoch=3)


def forced(item: BreakerItem, mode: Mode) -> BreakerItem:
    return item.model_copy(update={"mode": mode})


class TestBreakersChange:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (HALF_OPEN, CLOSED),
            (OPEN, forced(OPEN, Mode.FORCED_CLOSED)),
            (forced(CLOSED, Mode.FORCED_OPEN), CLOSED),
            (forced(CLOSED, Mode.FORCED_OPEN), forced(CLOSED, Mode.FORCED_CLOSED)),
        ],
    )
    def test_a_closing_breaker_starts_the_resumption(
        self, scene: Scene, before: BreakerItem, after: BreakerItem, log_output: io.StringIO
    ) -> None:
        scene.orders.breaker_changed(before, after)

        step = ResumptionStep(
            provider=PROVIDER, epoch=after.epoch, look_until=ms(NOW + 15 * SECOND)
        )
        assert scene.messages() == [(step, 0)]
        assert '"action":"resumption started"' in log_output.getvalue()

    @pytest.mark.parametrize(
        ("before", "after", "delay"),
        [
            (CLOSED, OPEN, 60),
            (OPEN, HALF_OPEN, 45),
            (HALF_OPEN, OPEN.model_copy(update={"epoch": 3}), 60),
            (HALF_OPEN, HALF_OPEN.model_copy(update={"epoch": 3}), 45),
            (forced(OPEN, Mode.FORCED_OPEN), OPEN, 60),
            (forced(OPEN, Mode.FORCED_CLOSED), OPEN, 60),
            (CLOSED, OPEN.model_copy(update={"retry_at": ms(NOW + 3600 * SECOND)}), 900),
            (CLOSED, OPEN.model_copy(update={"retry_at": ms(NOW + 1.2 * SECOND)}), 2),
            (CLOSED, OPEN.model_copy(update={"retry_at": ms(NOW - SECOND)}), 0),
            (CLOSED, OPEN.model_copy(update={"retry_at": None}), 0),
        ],
    )
    def test_an_opening_breaker_sends_a_probe_for_the_end_of_its_cooldown(
        self, scene: Scene, before: BreakerItem, after: BreakerItem, delay: int
    ) -> None:
        scene.orders.breaker_changed(before, after)

        assert scene.messages() == [(Probe(provider=PROVIDER, epoch=after.epoch), delay)]

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (CLOSED, CLOSED.model_copy(update={"failures": 4})),
            (OPEN, OPEN),  # the time of an alert was stored on the item
            (OPEN, forced(OPEN, Mode.FORCED_OPEN)),
            (CLOSED, forced(CLOSED, Mode.FORCED_OPEN)),
            (CLOSED, forced(CLOSED, Mode.FORCED_CLOSED)),
            (forced(CLOSED, Mode.FORCED_CLOSED), CLOSED),
        ],
    )
    def test_other_changes_have_no_effect(
        self, scene: Scene, before: BreakerItem, after: BreakerItem
    ) -> None:
        scene.orders.breaker_changed(before, after)

        assert scene.messages() == []

    def test_the_change_is_delivered_again_while_sqs_is_unavailable(
        self, scene: Scene, fail_calls: FailCalls
    ) -> None:
        fail_calls(aws.sqs(), "SendMessage", client_error("InternalFailure", 500))

        with pytest.raises(ProviderUnavailableError, match="SQS"):
            scene.orders.breaker_changed(CLOSED, OPEN)


PROBE = Probe(provider=PROVIDER, epoch=1)
NEXT_PROBE = PROBE.model_copy(update={"hops": 1})
DUE: dict[str, Any] = {"state": State.OPEN, "epoch": 1, "retry_at": ms(NOW)}


class TestProbe:
    def test_a_due_probe_resumes_the_oldest_order_alone(self, scene: Scene) -> None:
        scene.breaker(**DUE)
        oldest, *_ = scene.park_many(3)

        scene.orders.handle(PROBE)

        assert scene.tokens.outputs == [{"orderId": oldest.order_id, "resumedBy": "breaker"}]

    def test_a_probe_without_a_result_is_replaced(self, scene: Scene) -> None:
        scene.breaker(State.HALF_OPEN, 1, probe_until=ms(NOW))
        order = scene.park()

        scene.orders.handle(PROBE)

        assert scene.tokens.resumed == [order.order_id]

    def test_another_order_follows_if_the_first_does_not_call_the_provider(
        self, scene: Scene
    ) -> None:
        scene.breaker(**DUE)
        first, second = scene.park_many(2)

        scene.orders.handle(PROBE)
        assert scene.messages() == [(NEXT_PROBE, PROBE_TIMEOUT_SECONDS)]
        scene.orders.handle(PROBE)

        assert scene.tokens.resumed == [first.order_id, second.order_id]

    def test_orders_with_spent_tokens_are_passed_over(self, scene: Scene) -> None:
        scene.breaker(**DUE)
        first, second = scene.park_many(2)
        assert first.parked is not None
        scene.tokens.waiting.remove(first.parked.task_token)

        scene.orders.handle(PROBE)

        assert scene.tokens.resumed == [second.order_id]

    def test_no_message_is_sent_if_no_order_is_parked(self, scene: Scene) -> None:
        scene.breaker(**DUE)

        scene.orders.handle(PROBE)

        assert scene.messages() == []

    def test_a_probe_that_is_not_due_is_sent_again(self, scene: Scene) -> None:
        scene.breaker(State.OPEN, 1, retry_at=ms(NOW + 1000 * SECOND))
        scene.park()

        scene.orders.handle(PROBE)
        assert scene.messages() == [(NEXT_PROBE, 900)]
        scene.now += 900_000
        scene.orders.handle(PROBE)
        assert scene.messages() == [(NEXT_PROBE, 100)]

        assert scene.tokens.outputs == []

    @pytest.mark.parametrize(
        ("state", "changes"),
        [
            (State.CLOSED, {"epoch": 1}),
            (State.OPEN, {"epoch": 2, "retry_at": ms(NOW)}),
            (State.HALF_OPEN, {"epoch": 2, "probe_until": ms(NOW)}),
            (State.OPEN, {"epoch": 1, "retry_at": ms(NOW), "mode": Mode.FORCED_OPEN}),
            (State.OPEN, {"epoch": 1, "retry_at": ms(NOW), "mode": Mode.FORCED_CLOSED}),
        ],
    )
    def test_a_probe_of_an_earlier_epoch_does_nothing(
        self, scene: Scene, state: State, changes: dict[str, Any]
    ) -> None:
        scene.breaker(state, **changes)
        scene.park()

        scene.orders.handle(PROBE)

        assert (scene.tokens.outputs, scene.messages()) == ([], [])


def test_logs_hold_no_customers_data_and_no_token(scene: Scene, log_output: io.StringIO) -> None:
    scene.breaker()
    delayed, urgent = scene.park(token="secret-1"), scene.park(token="secret-2", park_count=3)
    broken = scene.park(token="secret-3")
    scene.tokens.errors["secret-3"] = client_error("ThrottlingException")

    scene.orders.handle(timer_of(delayed.order_id))
    scene.orders.handle(timer_of(urgent.order_id, 3))
    scene.orders.handle(ResumptionStep(provider=PROVIDER, epoch=0, look_until=0))

    texts = log_output.getvalue() + str(scene.published) + str(scene.sent)
    assert delayed.order_id in texts
    assert broken.order_id in texts
    for private in (CUSTOMER_EMAIL, "secret-"):
        assert private not in texts
