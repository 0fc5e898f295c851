"""In any sequence of events no parked order is lost and none is resumed twice.

The workflow is a model here: it parks orders, as often as their links fail, and takes answers to
its tokens. What looks after the orders is the real thing, over stores in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.state import BreakerItem, State
from orderflow.clock import iso
from orderflow.errors import OrderflowError, StoreUnavailable
from orderflow.orders.model import Order, StatusChange
from orderflow.orders.status import PARKED, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform.alerts import SnsAlerts
from orderflow.recovery.chains import Chain
from orderflow.recovery.escalation import Escalation
from orderflow.recovery.messages import Message, ParkedOrdersQueue, ParkTimer
from orderflow.recovery.pacing import PacedResumption
from orderflow.recovery.parked_orders import RESTART_DELAYS_SECONDS, ParkedOrders
from orderflow.recovery.resumer import Resumer, resume
from orderflow.recovery.settings import RecoverySettings
from tests.support.factories import a_matched_order, client_error
from tests.support.recovery_scene import NOW, PROVIDER, ms, parked_order

S = OrderStatus

#: Delays are tiny, so that timers end too early.
PARKING_SECONDS = 1
#: ParkOrder's own retries take less time than the restarts of its timer.
SLOWEST_PARKING = timedelta(seconds=PARKING_SECONDS + sum(RESTART_DELAYS_SECONDS) - 1)
#: More messages than any sequence needs to end.
PLENTY = 500


class Failure(Enum):
    """A failure while a message is handled."""

    NONE = "none"
    #: The first answer to a token is refused.
    REFUSED = "refused"
    #: Answers are given, but the tokens are not removed.
    CRASH = "crash"


@dataclass
class Execution:
    """The state of an order's execution: about to park the order (since when), or not."""

    park_count: int = 0
    parking_since: datetime | None = None


#: An order's present park count and the one before (an operator may have reset it).
parking_counts = st.tuples(st.integers(0, 3), st.none() | st.integers(0, 4))


class World:
    """The workflow, the stores and the queue; stands in for several clients."""

    def __init__(self) -> None:
        self.now = NOW
        self.records: dict[str, Order] = {}
        self.executions: dict[str, Execution] = {}
        self.tokens: dict[str, str] = {}
        self.answered: Counter[str] = Counter()
        self.queue: list[tuple[datetime, Message]] = []
        self.breaker = BreakerItem(provider=PROVIDER)
        self.alerts = 0
        self.acts: dict[tuple[str, str], tuple[int, int]] = {}
        self.failure = Failure.NONE

    def clock(self) -> int:
        return ms(self.now)

    def advance(self, until: datetime) -> None:
        """Advance the time; executions that are about to park do so."""
        self.now = max(self.now, until)
        for order_id in self.about_to_park():
            since = self.executions[order_id].parking_since
            if since is not None and self.now - since > SLOWEST_PARKING:
                self.park(order_id)

    # The orders table.

    def get(self, order_id: str) -> Order:
        return self.records[order_id]

    def parked(self, provider: str) -> Iterator[Order]:
        waiting = [
            order
            for order in self.records.values()
            if order.status in PARKED and order.parked and order.parked.provider == provider
        ]
        yield from sorted(waiting, key=lambda order: order.status is not S.NEEDS_ATTENTION)

    def clear_parked(self, order_id: str, task_token: str) -> None:
        if self.failure is Failure.CRASH:
            raise StoreUnavailable("DynamoDB failed")
        parked = self.records[order_id].parked
        if parked and parked.task_token == task_token:
            self.change(order_id, parked=None)

    def change(self, order_id: str, **fields: Any) -> None:
        self.records[order_id] = self.records[order_id].model_copy(update=fields)

    # The breakers table.

    def read(self, provider: str) -> BreakerItem:
        assert provider == PROVIDER
        return self.breaker

    def try_acquire(
        self, provider: str, act: str, now: int, interval_ms: int, epoch: int = 0
    ) -> bool:
        acted_at, acted_in = self.acts.get((provider, act), (-interval_ms, epoch))
        if acted_at > now - interval_ms and acted_in >= epoch:
            return False
        self.acts[provider, act] = now, epoch
        return True

    # SQS, SNS and Step Functions.

    def send(self, message: Message, delay_seconds: float = 0) -> None:
        self.queue.append((self.now + timedelta(seconds=delay_seconds), message))

    def publish(self, **_: Any) -> None:
        self.alerts += 1

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803
        if self.failure is Failure.REFUSED:
            self.failure = Failure.NONE
            raise client_error("ThrottlingException")
        if taskToken not in self.tokens:
            raise client_error("TaskTimedOut")
        execution = self.executions[self.tokens.pop(taskToken)]
        self.answered[taskToken] += 1
        execution.park_count = 0 if '"operator"' in output else execution.park_count + 1

    # The workflow.

    def schedule_recovery(self, order_id: str) -> None:
        execution = self.executions[order_id]
        execution.parking_since = self.now
        delay = PARKING_SECONDS * 2**execution.park_count if execution.park_count < 3 else 1
        clock = ParkTimer(
            order_id=order_id,
            provider=PROVIDER,
            park_count=execution.park_count,
            sent_at=ms(self.now),
        )
        self.send(clock, delay)

    def park(self, order_id: str) -> None:
        execution, order = self.executions[order_id], self.records[order_id]
        since, execution.parking_since = execution.parking_since, None
        if since is None or order.status not in (S.MATCHED, *PARKED):
            return
        token = f"{order_id}-{len(order.history)}"
        parked = parked_order(token=token, park_count=execution.park_count, at=since)
        change = StatusChange(status=parked.status, at=iso(since), by="ParkOrder")
        self.change(
            order_id, status=parked.status, parked=parked.parked, history=[*order.history, change]
        )
        self.tokens[token] = order_id

    def close(self, order_id: str, status: OrderStatus) -> None:
        self.change(order_id, status=status, parked=None)
        self.tokens = {token: of for token, of in self.tokens.items() if of != order_id}

    def with_live_token(self, *statuses: OrderStatus) -> list[str]:
        """The orders in these statuses whose executions wait."""
        return [order_id for order_id in self.tokens.values()
                if self.records[order_id].status in statuses]  # fmt: skip

    def under_way(self) -> list[str]:
        """The orders whose executions neither wait nor are about to park."""
        waiting = set(self.tokens.values())
        return [
            order_id
            for order_id, execution in self.executions.items()
            if order_id not in waiting
            and execution.parking_since is None
            and self.records[order_id].status in (S.MATCHED, *PARKED)
        ]

    def about_to_park(self) -> list[str]:
        return [
            order_id
            for order_id, execution in self.executions.items()
            if execution.parking_since is not None
        ]


def parked_orders(world: World) -> ParkedOrders:
    """The real object over this world."""
    around: Any = {"settings": RecoverySettings, "clock": world.clock}
    orders, rate_limiter = cast(OrderStore, world), cast(RateLimiter, world)
    queue, client = cast(ParkedOrdersQueue, world), cast(Any, world)
    resumer = Resumer(client, orders)
    alerts = SnsAlerts(client, "a-topic")
    escalation = Escalation(alerts, orders, client, rate_limiter, **around)
    chain = Chain(queue, escalation)
    return ParkedOrders(
        orders, client, resumer, chain,
        PacedResumption(orders, client, rate_limiter, resumer, chain, **around),
        escalation,
        clock=world.clock,
    )  # fmt: skip


class Recovery(RuleBasedStateMachine):
    """All events of orders between a failed link and the end."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.orders = parked_orders(self.world)

    @initialize(orders=st.lists(parking_counts, min_size=1, max_size=2))
    def orders_come_in(self, orders: list[tuple[int, int | None]]) -> None:
        """Some have been parked before; some of these keep their earlier token."""
        for number, (park_count, earlier) in enumerate(orders):
            order = a_matched_order(order_id=f"order-{number}", history=[])
            if earlier is not None:
                before = parked_order(park_count=earlier, at=NOW - timedelta(minutes=2))
                order = before.model_copy(update={"order_id": order.order_id})
            self.world.records[order.order_id] = order
            self.world.executions[order.order_id] = Execution(park_count)
            self.world.schedule_recovery(order.order_id)

    @precondition(lambda self: self.world.under_way())
    @rule(data=st.data())
    def a_link_fails(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(self.world.under_way()))
        # A call that fails takes longer than the clocks of queue and workflow may differ by.
        self.world.advance(self.world.now + timedelta(seconds=2))
        self.world.schedule_recovery(order_id)

    @precondition(lambda self: self.world.under_way())
    @rule(data=st.data(), status=st.sampled_from([S.PAYMENT_INITIATED, S.REJECTED]))
    def an_order_moves_on(self, data: st.DataObject, status: OrderStatus) -> None:
        self.world.close(data.draw(st.sampled_from(self.world.under_way())), status)

    @precondition(lambda self: self.world.about_to_park())
    @rule(data=st.data())
    def an_order_is_parked(self, data: st.DataObject) -> None:
        self.world.park(data.draw(st.sampled_from(self.world.about_to_park())))

    @rule(data=st.data())
    def an_order_is_cancelled(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.world.records)))
        if self.world.records[order_id].status in (S.MATCHED, *PARKED):
            self.world.close(order_id, S.CANCELLED)
            self.world.executions[order_id].parking_since = None

    @precondition(lambda self: self.world.with_live_token(*PARKED))
    @rule(data=st.data())
    def an_operator_resumes_an_order(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(self.world.with_live_token(*PARKED)))
        client = cast(Any, self.world)
        resume(self.world.get(order_id), client, client, "operator")

    @rule(seconds=st.floats(0.01, 20))
    def time_passes(self, seconds: float) -> None:
        self.world.advance(self.world.now + timedelta(seconds=seconds))

    @precondition(lambda self: self.world.queue)
    @rule(data=st.data(), twice=st.booleans(), failure=st.sampled_from(Failure))
    def a_message_arrives(self, data: st.DataObject, twice: bool, failure: Failure) -> None:
        """One of the messages that are due, else the next one."""
        due = [entry for entry in self.world.queue if entry[0] <= self.world.now]
        entry = data.draw(st.sampled_from(due or [min(self.world.queue, key=_due)]))
        self.world.failure = failure
        self.deliver(entry, keep=twice)
        self.world.failure = Failure.NONE

    @rule(state=st.sampled_from([State.OPEN, State.CLOSED]))
    def the_breaker_changes(self, state: State) -> None:
        before = self.world.breaker
        retry_at = self.world.clock() + 5_000
        self.world.breaker = BreakerItem(
            provider=PROVIDER, state=state, epoch=before.epoch + 1, retry_at=retry_at
        )
        self.orders.breaker_changed(before, self.world.breaker)

    @invariant()
    def no_token_is_answered_twice(self) -> None:
        assert all(times == 1 for times in self.world.answered.values())

    @invariant()
    def an_execution_that_waits_can_be_found(self) -> None:
        for token, order_id in self.world.tokens.items():
            parked = self.world.records[order_id].parked
            assert parked is not None
            assert parked.task_token == token

    def teardown(self) -> None:
        """Without further events every order gets its attempts, or operations are alerted."""
        for order_id in self.world.about_to_park():
            self.world.park(order_id)
        self.drain()
        assert self.world.with_live_token(S.PAYMENT_DELAYED) == []
        if self.world.with_live_token(S.NEEDS_ATTENTION):
            assert self.world.alerts > 0
        self.world.failure = Failure.REFUSED
        self.the_breaker_changes(State.OPEN)
        self.the_breaker_changes(State.CLOSED)
        self.drain()
        assert self.world.tokens == {}

    def deliver(self, entry: tuple[datetime, Message], *, keep: bool = False) -> None:
        """SQS delivers a failed message again."""
        due, message = entry
        self.world.advance(due)
        self.world.queue.remove(entry)
        try:
            self.orders.handle(message)
        except OrderflowError:
            keep = True
        if keep:
            self.world.queue.append((self.world.now + timedelta(minutes=6), message))

    def drain(self) -> None:
        for _ in range(PLENTY):
            if not self.world.queue:
                return
            self.deliver(min(self.world.queue, key=_due))
        raise AssertionError(f"messages without end: {self.world.queue}")


def _due(entry: tuple[datetime, Message]) -> datetime:
    return entry[0]


TestRecovery = Recovery.TestCase
TestRecovery.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
