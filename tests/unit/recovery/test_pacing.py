"""The resumption of a provider's parked orders: of all of them, at a bounded rate."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from orderflow.breakers.state import Mode, State
from orderflow.errors import ProviderUnavailableError, StoreUnavailable
from orderflow.orders.model import Order
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.recovery.messages import ResumptionStep
from orderflow.recovery.pacing import STEP_SECONDS
from orderflow.recovery.settings import RecoverySettings
from tests.support.factories import client_error
from tests.support.recovery_scene import NOW, PROVIDER, Scene, TaskTokens, ms
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

EPOCH = 3
LOOK_UNTIL = ms(NOW) + 15_000


@pytest.fixture
def scene(
    store: OrderStore, breakers_table: Table, topic_arn: str, record_calls: RecordCalls
) -> Iterator[Scene]:
    """A breaker that has just closed."""
    with TaskTokens().behind(aws.step_functions()) as tokens:
        scene = Scene(store, breakers_table, topic_arn, tokens, record_calls)
        scene.breaker(epoch=EPOCH)
        yield scene


def a_step(**changes: Any) -> ResumptionStep:
    fields = {"epoch": EPOCH, "look_until": LOOK_UNTIL}
    return ResumptionStep(provider=PROVIDER, **fields | changes)


def next_step(scene: Scene) -> ResumptionStep:
    ((step, _),) = scene.messages()
    assert isinstance(step, ResumptionStep)
    return step


def run(scene: Scene, steps: int = 100) -> list[int]:
    """Run the steps until they end; the number of orders that each resumed."""
    resumed: list[int] = []
    step: ResumptionStep | None = a_step()
    while step is not None and len(resumed) < steps:
        before = len(scene.tokens.outputs)
        scene.orders.handle(step)
        resumed.append(len(scene.tokens.outputs) - before)
        step = None
        for message, delay in scene.messages():
            assert isinstance(message, ResumptionStep)
            assert step is None
            step = message
            scene.now += delay * 1000
    return resumed


def rate(per_second: float) -> RecoverySettings:
    return RecoverySettings(resume_rate_per_second=per_second)


def spend(scene: Scene, orders: list[Order]) -> None:
    scene.tokens.waiting -= {order.parked.task_token for order in orders if order.parked}


class TestPace:
    @pytest.mark.parametrize(
        ("per_second", "orders", "expected"),
        [
            (2, 10, [4, 4, 2]),
            (20, 10, [10]),
            (0.5, 3, [1, 1, 1]),
            (0.75, 6, [1, 2, 1, 2]),
            (0.125, 2, [0, 0, 0, 1, 0, 0, 0, 1]),
        ],
    )
    def test_each_step_resumes_as_many_orders_as_the_rate_allows(
        self, scene: Scene, per_second: float, orders: int, expected: list[int]
    ) -> None:
        scene.settings = rate(per_second)
        scene.park_many(orders)

        resumed = run(scene)

        assert resumed[: len(expected)] == expected
        assert scene.still_parked() == []

    def test_orders_that_need_attention_come_first_then_the_oldest(self, scene: Scene) -> None:
        oldest, newer = scene.park_many(2)
        urgent = scene.park(park_count=3)

        run(scene)

        assert scene.tokens.resumed == [urgent.order_id, oldest.order_id, newer.order_id]

    def test_steps_start_at_a_fixed_interval(self, scene: Scene) -> None:
        scene.park_many(3)
        scene.settings = rate(0.5)
        taking(scene, 1200)

        scene.orders.handle(a_step())

        ((_, delay),) = scene.messages()
        assert delay == 1  # of 2, after 1.2 s of work

    def test_orders_beyond_the_steps_time_wait_for_the_next_step(self, scene: Scene) -> None:
        scene.park_many(5)
        taking(scene, 6000)

        scene.orders.handle(a_step())

        ((_, delay),) = scene.messages()
        assert len(scene.tokens.outputs) == 2
        assert delay == 0

    def test_a_message_that_arrives_twice_does_not_double_the_rate(self, scene: Scene) -> None:
        scene.settings = rate(1)
        scene.park_many(6)
        scene.orders.handle(a_step())
        step = next_step(scene)

        scene.orders.handle(a_step())

        assert len(scene.tokens.outputs) == 2
        assert scene.messages() == []
        scene.now += STEP_SECONDS * 1000
        scene.orders.handle(step)
        assert len(scene.tokens.outputs) == 4

    def test_a_breaker_that_closes_again_within_a_step_starts_a_new_resumption(
        self, scene: Scene
    ) -> None:
        scene.orders.handle(a_step())
        parked = scene.park()  # the breaker has opened again in between
        scene.breakers_table.update_item(
            Key={"provider": PROVIDER},
            UpdateExpression="SET epoch = :epoch",
            ExpressionAttributeValues={":epoch": EPOCH + 2},
        )
        scene.now += 500

        scene.orders.handle(a_step(epoch=EPOCH + 2))

        assert scene.tokens.resumed == [parked.order_id]

    def test_each_step_measures_how_many_orders_are_left(
        self, scene: Scene, capsys: pytest.CaptureFixture[str]
    ) -> None:
        scene.settings = rate(2)
        scene.park_many(6)

        run(scene, steps=2)

        lines = map(json.loads, capsys.readouterr().out.splitlines())
        gauges = [line for line in lines if "ParkedOrdersLeft" in line]
        assert [(gauge["ParkedOrdersLeft"], gauge["provider"]) for gauge in gauges] == [
            ([2.0], PROVIDER),
            ([0.0], PROVIDER),
        ]


def taking(scene: Scene, milliseconds: int) -> None:
    """Make each answer to a token take so long."""

    def pass_time() -> None:
        scene.now += milliseconds

    scene.tokens.working = pass_time


class TestEnd:
    def test_steps_go_on_shortly_after_the_start_although_no_order_is_found(
        self, scene: Scene
    ) -> None:
        scene.orders.handle(a_step())
        step = next_step(scene)
        late = scene.park()

        scene.now += STEP_SECONDS * 1000
        scene.orders.handle(step)

        assert scene.tokens.resumed == [late.order_id]

    def test_it_ends_if_no_order_is_found_after_the_search_time(self, scene: Scene) -> None:
        steps = run(scene)

        assert len(steps) == 15 // STEP_SECONDS + 2
        assert scene.now == LOOK_UNTIL + 1000

    def test_it_goes_on_as_long_as_there_are_orders(self, scene: Scene) -> None:
        scene.settings = rate(0.5)
        scene.park_many(12)

        assert run(scene)[:12] == [1] * 12

    @pytest.mark.parametrize(
        ("state", "epoch", "changes"),
        [
            (State.OPEN, EPOCH + 1, {"retry_at": ms(NOW)}),
            (State.CLOSED, EPOCH + 3, {}),
            (State.CLOSED, EPOCH, {"mode": Mode.FORCED_OPEN}),
        ],
    )
    def test_it_ends_when_the_breaker_changes(
        self, scene: Scene, state: State, epoch: int, changes: dict[str, Any]
    ) -> None:
        order = scene.park()
        scene.breaker(state, epoch, **changes)

        scene.orders.handle(a_step())

        assert (scene.tokens.outputs, scene.messages()) == ([], [])
        assert scene.still_parked() == [order.order_id]

    def test_a_breaker_that_is_forced_closed_resumes_all_orders(self, scene: Scene) -> None:
        scene.breaker(State.OPEN, EPOCH, mode=Mode.FORCED_CLOSED)
        scene.park_many(3)

        assert run(scene)[0] == 3

    def test_orders_of_another_provider_stay_parked(self, scene: Scene) -> None:
        other = scene.park(provider="another")

        run(scene)

        assert scene.store.get(other.order_id) == other


class TestFailures:
    def test_spent_tokens_do_not_count_and_are_removed(self, scene: Scene) -> None:
        scene.settings = rate(1)
        orders = scene.park_many(8)
        spend(scene, orders[:5])

        assert run(scene)[:2] == [2, 1]
        assert scene.still_parked() == []

    @pytest.mark.parametrize(
        "error",
        [client_error("ThrottlingException"), client_error("ValidationException")],
    )
    def test_one_order_that_fails_does_not_stop_the_others(
        self, scene: Scene, error: Exception, log_output: io.StringIO
    ) -> None:
        first, *others = scene.park_many(4)
        assert first.parked is not None
        scene.tokens.errors[first.parked.task_token] = error

        scene.orders.handle(a_step())

        assert scene.tokens.resumed == [order.order_id for order in others]
        assert scene.still_parked() == [first.order_id]
        assert "order not resumed" in log_output.getvalue()

    def test_an_order_that_failed_is_tried_again_in_the_next_step(self, scene: Scene) -> None:
        first, _ = scene.park_many(2)
        assert first.parked is not None
        scene.tokens.errors[first.parked.task_token] = client_error("ThrottlingException")

        scene.orders.handle(a_step(look_until=scene.now))

        step = next_step(scene)
        scene.tokens.errors.clear()
        scene.now += STEP_SECONDS * 1000
        scene.orders.handle(step)
        assert scene.still_parked() == []

    @pytest.mark.parametrize(
        ("error", "raised"),
        [
            (client_error("ThrottlingException"), ProviderUnavailableError),
            (client_error("AccessDeniedException"), ClientError),
        ],
    )
    def test_the_step_fails_if_no_order_could_be_resumed(
        self, scene: Scene, error: Exception, raised: type[Exception]
    ) -> None:
        orders = scene.park_many(12)
        scene.tokens.errors |= {order.parked.task_token: error for order in orders if order.parked}

        with pytest.raises(raised):
            scene.orders.handle(a_step())

        assert scene.tokens.asked == 10  # and not all 12: this is not the orders' failure
        assert scene.messages() == []
        scene.tokens.errors.clear()
        scene.now += 360_000
        assert sum(run(scene)) == 12

    def test_the_step_fails_if_orders_cant_be_listed(
        self, scene: Scene, fail_calls: FailCalls
    ) -> None:
        fail_calls(
            scene.store._table.meta.client, "Query", client_error("InternalServerError", 500)
        )

        with pytest.raises(StoreUnavailable):
            scene.orders.handle(a_step())

    def test_orders_that_were_listed_before_the_failure_are_resumed(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = scene.park()
        whole = scene.store.parked

        def broken(provider: str) -> Iterator[Order]:
            yield from whole(provider)
            raise StoreUnavailable("DynamoDB failed")

        monkeypatch.setattr(scene.store, "parked", broken)

        scene.orders.handle(a_step())

        assert scene.tokens.resumed == [order.order_id]
        assert next_step(scene) == a_step(hops=1)

    def test_the_step_fails_if_the_breaker_cant_be_read(
        self, scene: Scene, fail_calls: FailCalls
    ) -> None:
        scene.park()
        fail_calls(
            scene.breakers_table.meta.client, "GetItem", client_error("InternalServerError", 500)
        )

        with pytest.raises(StoreUnavailable):
            scene.orders.handle(a_step())

        assert scene.tokens.outputs == []
