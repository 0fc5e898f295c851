"""One order that is paid, forged, cancelled and expires, all at once, in every order of steps.

The code under test is the real one: the webhook's receiver, the verification, the cancellation and
the definition's direct writes, over the real conditional expressions in memory. A step is one
call of DynamoDB, Step Functions, SNS or PayStack. To take one, a function is run again from its
beginning with the answers that it got before, does its next call, and is left at the one after.
So nothing has to be suspended, and a state of the world is plain data: states that were met are
not explored again, and what an actor does is worked out once for each version of the order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from botocore.exceptions import ClientError

from orderflow import errors
from orderflow.clock import iso
from orderflow.errors import IllegalTransitionError, StoreUnavailable
from orderflow.orders.cancellation import cancel
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.paystack import Charge
from orderflow.payments.recording import PaymentRecorder, by_task_token
from orderflow.payments.verification import PaymentVerification
from orderflow.payments.webhook import WebhookReceiver
from orderflow.platform.alerts import SnsAlerts
from orderflow.returns.customer_returns import CustomerReturns, Outcome
from tests.support.factories import an_order, client_error
from tests.support.memory_table import MemoryTable
from tests.unit.orders.test_order_sequences import direct

ORDER_ID = "0b5c7c1e-52a4-5f39-8a3a-6f1d5c0a9e77"
REFERENCE = f"{ORDER_ID}-1"
AMOUNT = 240_100
EVENT = json.dumps(
    {
        "event": "charge.success",
        "data": {
            "reference": REFERENCE,
            "amount": AMOUNT,
            "currency": "NGN",
            "status": "success",
            "paid_at": "2026-01-31T12:00:00.000Z",
        },
    }
).encode()


def refund_event(status: str) -> bytes:
    """The event of a refund of all of the order's payment."""
    data = {
        "transaction_reference": REFERENCE,
        "refund_reference": "TRF_1" if status == "processed" else None,
        "amount": str(AMOUNT),
        "currency": "NGN",
    }
    return json.dumps({"event": f"refund.{status}", "data": data}).encode()


def dispute_event(event: str) -> bytes:
    """The event of a dispute of all of the order's payment, which is lost."""
    data = {
        "id": 358950,
        "refund_amount": AMOUNT,
        "currency": "NGN",
        "status": "resolved" if event == "resolve" else "awaiting-merchant-feedback",
        "resolution": "auto-accepted" if event == "resolve" else None,
        "transaction": {"reference": REFERENCE},
        "dueAt": "2026-02-02T12:00:00.000Z",
    }
    return json.dumps({"event": f"charge.dispute.{event}", "data": data}).encode()


Item = dict[str, Any]


def fixed_clock() -> datetime:
    """Times would make every state of the world another one."""
    return datetime(2026, 1, 31, 12, tzinfo=UTC)


class _Pause(BaseException):
    """The function has come to a call that is for a later step."""


@dataclass(frozen=True)
class Reply:
    """What a call answered, and whether the time to pay was over by then."""

    value: Any
    failure: Exception | None
    late: bool


@dataclass(frozen=True)
class Actor:
    """Somebody who does something to the order.

    ``doing`` names it; ``replies`` are what their calls were answered so far, by number.
    """

    name: str
    doing: str
    replies: tuple[int, ...] = ()
    waits: int = 0

    def at(self, doing: str, **changes: Any) -> Actor:
        return replace(self, doing=doing, replies=(), **changes)


DONE = "done"


@dataclass(frozen=True)
class World:
    """All that there is at one moment; the order by its version's number."""

    item: int
    actors: tuple[Actor, ...]
    #: On PayStack's books.
    paid: bool = False
    #: All of it went back, by PayStack's books.
    reversed: bool = False
    #: The 24 hours are over.
    late: bool = False
    #: The execution was stopped.
    stopped: bool = False
    #: The tokens that AwaitPayment gave out, whether the last one still waits, and was answered.
    tokens: int = 0
    waiting: bool = False
    answered: bool = False
    #: Messages to operations.
    alerts: int = 0
    #: PayStack was asked since AwaitPayment last waited, and knew of no payment.
    asked_unpaid: bool = False

    def actor(self, name: str) -> Actor:
        return next(actor for actor in self.actors if actor.name == name)

    def with_actor(self, moved: Actor) -> World:
        actors = tuple(moved if each.name == moved.name else each for each in self.actors)
        return replace(self, actors=actors)


class Numbered:
    """Things by their numbers; things that read alike have the same one."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._things: list[Any] = []

    def number(self, thing: Any) -> int:
        number = self._numbers.setdefault(repr(thing), len(self._things))
        if number == len(self._things):
            self._things.append(thing)
        return number

    def __getitem__(self, number: int) -> Any:
        return self._things[number]


@dataclass
class Stage:
    """What a function sees of the world while it takes its next step: every client it has."""

    world: World
    replies: list[Reply]
    items: Numbered
    table_type: type[MemoryTable]
    used: int = 0
    fresh: bool = False

    def call(self, perform: Callable[[], Any]) -> Any:
        """A call: answered as before, done now, or left for later."""
        if self.used == len(self.replies):
            if self.fresh:
                raise _Pause
            self.fresh = True
            self.replies.append(self._answer(perform))
        reply = self.replies[self.used]
        self.used += 1
        if reply.failure is not None:
            raise reply.failure
        return reply.value

    def _answer(self, perform: Callable[[], Any]) -> Reply:
        try:
            return Reply(perform(), None, self.world.late)
        except ClientError as error:
            return Reply(None, error, self.world.late)
        except errors.OrderflowError as error:
            return Reply(None, error, self.world.late)

    @property
    def is_late(self) -> bool:
        return self.replies[self.used - 1].late

    # DynamoDB

    def get_item(self, **given: Any) -> Any:
        return self.call(lambda: self._table.get_item(**given))

    def update_item(self, **given: Any) -> Any:
        def write() -> Any:
            table = self._table
            answer = table.update_item(**given)
            written = self.items.number(table._items[ORDER_ID])
            self.world = replace(self.world, item=written)
            return answer

        return self.call(write)

    @property
    def _table(self) -> MemoryTable:
        table = self.table_type()
        table._items = {ORDER_ID: self.items[self.world.item]}
        return table

    @property
    def store(self) -> OrderStore:
        return OrderStore(cast(Any, self), by="tests", clock=fixed_clock)

    @property
    def alerts(self) -> SnsAlerts:
        return SnsAlerts(cast(Any, self), "topic")

    # Step Functions, SNS

    def send_task_success(self, *, taskToken: str, **_: Any) -> None:  # noqa: N803
        def answer() -> None:
            if not self.world.waiting or taskToken != f"token-{self.world.tokens}":
                raise client_error("TaskTimedOut")
            self.world = replace(self.world, waiting=False, answered=True)

        self.call(answer)

    def stop_execution(self, **_: Any) -> None:
        def stop() -> None:
            self.world = replace(self.world, stopped=True, waiting=False)

        self.call(stop)

    def publish(self, **_: Any) -> None:
        def tell() -> None:
            self.world = replace(self.world, alerts=self.world.alerts + 1)

        self.call(tell)

    # The table of return limits

    def admit(self, _address: str) -> bool:
        return True

    # PayStack

    def verify(self, reference: str) -> Charge:
        def look_up() -> Charge:
            status = "success" if self.world.paid else "abandoned"
            if self.world.reversed:
                status = "reversed"
            if status != "success":
                self.world = replace(self.world, asked_unpaid=True)
            return Charge(reference=reference, amount=AMOUNT, currency="NGN", status=status)

        return cast(Charge, self.call(look_up))


def _at_the_start(status: OrderStatus) -> Item:
    order = an_order(order_id=ORDER_ID, total_kobo=AMOUNT, status=status)
    now = fixed_clock()
    fixed = {"created_at": now, "updated_at": now, "payment_link_expires_at": now}
    item: Item = json.loads(
        order.model_copy(update=fixed).model_dump_json(by_alias=True, exclude_none=True)
    )
    item["history"] = [{"status": order.status.value, "at": iso(now), "by": "x"}]
    del item["lines"], item["requested"]
    return item


class Explorer:
    """All that can happen to an order with its link, whose execution comes to AwaitPayment.

    Or, if it is ``rejected``: whose execution has failed, is restarted and comes to RejectOrder.
    """

    def __init__(
        self, table_type: type[MemoryTable] = MemoryTable, *, rejected: bool = False
    ) -> None:
        self._table_type = table_type
        self._rejected = rejected
        self._items = Numbered()
        self._replies = Numbered()
        self._known: dict[World, list[World]] = {}
        self._stage: Stage | None = None

    def order(self, world: World) -> Order:
        return Order.model_validate(self._items[world.item])

    def is_late(self) -> bool:
        """Whether time is over, in the place of the verification's own look at the clock."""
        assert self._stage is not None
        return self._stage.is_late

    def explore(self, *names: str) -> Iterator[tuple[World, World | None]]:
        """Every step from every state that can be reached, with these others: before, and after;
        None where nothing can happen any more."""
        start, item = self._beginning()
        actors = [Actor("execution", start), *(Actor(name, "start") for name in names)]
        first = World(self._items.number(item), tuple(actors))
        seen = {first}
        left = [first]
        while left:
            before = left.pop()
            is_end = True
            for after in self._steps(before):
                is_end = False
                yield before, after
                if after not in seen:
                    seen.add(after)
                    left.append(after)
            if is_end:
                yield before, None

    def _beginning(self) -> tuple[str, Item]:
        """The state that the execution comes to, and the order as it is then."""
        if self._rejected:
            return "RejectOrder", _at_the_start(OrderStatus.FAILED)
        return "AwaitPayment", _at_the_start(OrderStatus.PAYMENT_INITIATED)

    def _steps(self, world: World) -> Iterator[World]:
        for actor in world.actors:
            alone = replace(world, actors=(actor,))
            if alone not in self._known:
                self._known[alone] = [*getattr(self, f"_{actor.name}")(alone, actor)]
            for after in self._known[alone]:
                yield replace(after, actors=world.with_actor(after.actors[0]).actors)

    # Those who act once

    def _customer(self, world: World, actor: Actor) -> Iterator[World]:
        if actor.doing == "start":
            yield replace(world, paid=True).with_actor(actor.at(DONE))

    def _clock(self, world: World, actor: Actor) -> Iterator[World]:
        if actor.doing == "start":
            yield replace(world, late=True).with_actor(actor.at(DONE))

    def _paystack(self, world: World, actor: Actor) -> Iterator[World]:
        if world.paid:
            yield from self._webhook(world, actor)

    _paystack_again = _paystack

    def _refunder(self, world: World, actor: Actor) -> Iterator[World]:
        """Staff give the payment back in PayStack's dashboard."""
        if actor.doing == "start" and world.paid and not world.reversed:
            yield replace(world, reversed=True).with_actor(actor.at(DONE))

    _disputer = _refunder

    def _refund_pending(self, world: World, actor: Actor) -> Iterator[World]:
        if world.reversed:
            yield from self._webhook(world, actor, refund_event("pending"))

    def _refund_processed(self, world: World, actor: Actor) -> Iterator[World]:
        if world.reversed:
            yield from self._webhook(world, actor, refund_event("processed"))

    def _dispute_created(self, world: World, actor: Actor) -> Iterator[World]:
        if world.paid:
            yield from self._webhook(world, actor, dispute_event("create"))

    def _dispute_resolved(self, world: World, actor: Actor) -> Iterator[World]:
        if world.reversed:
            yield from self._webhook(world, actor, dispute_event("resolve"))

    def _forger(self, world: World, actor: Actor) -> Iterator[World]:
        yield from self._webhook(world, actor)

    def _webhook(self, world: World, actor: Actor, event: bytes = EVENT) -> Iterator[World]:
        if actor.doing == DONE:
            return

        def receive(stage: Stage) -> Any:
            client = cast(Any, stage)
            return WebhookReceiver(stage.store, client, stage.alerts, fixed_clock).receive(event)

        after, moved, outcome = self._take_step(world, actor, receive)
        if isinstance(outcome, StoreUnavailable):
            moved = moved.at("start")  # PayStack sends it again
        elif outcome is not None:
            moved = moved.at(DONE)
        yield after.with_actor(moved)

    def _returner(self, world: World, actor: Actor) -> Iterator[World]:
        """The customer, who has paid and comes back to the shop."""
        if actor.doing == DONE or not world.paid:
            return

        def come_back(stage: Stage) -> Outcome:
            def inquiry() -> PaymentInquiry:
                resume = by_task_token(cast(Any, stage))
                recorder = PaymentRecorder(stage.store, stage.alerts, resume, fixed_clock)
                return PaymentInquiry(stage.store, stage, recorder)

            query = {"trxref": REFERENCE, "reference": REFERENCE}
            return CustomerReturns(stage.store, stage, inquiry).receive(query, "198.51.100.7")

        after, moved, outcome = self._take_step(world, actor, come_back)
        yield after.with_actor(moved if outcome is None else moved.at(DONE))

    def _canceller(self, world: World, actor: Actor) -> Iterator[World]:
        if actor.doing == DONE:
            return

        def end(stage: Stage) -> Any:
            client = cast(Any, stage)
            return cancel(ORDER_ID, stage.store, client, "Changed my mind.", clock=fixed_clock)

        after, moved, outcome = self._take_step(world, actor, end)
        assert outcome is None or isinstance(outcome, Order | IllegalTransitionError), outcome
        yield after.with_actor(moved if outcome is None else moved.at(DONE))

    # The execution

    def _execution(self, world: World, actor: Actor) -> Iterator[World]:
        in_flight = actor.doing == "VerifyPayment" and actor.replies
        if actor.doing == DONE or (world.stopped and not in_flight):
            return  # a function that was called runs to its end, whatever becomes of its caller
        yield from getattr(self, f"_{actor.doing}")(world, actor)

    def _AwaitPayment(self, world: World, actor: Actor) -> Iterator[World]:  # noqa: N802
        yield from self._await(world, actor, "AwaitPayment", "VerifyPayment")

    def _await(self, world: World, actor: Actor, state: str, refused: str) -> Iterator[World]:
        """A state stores its token and waits, or goes on where its condition does not hold."""
        token = world.tokens + 1
        after, written = self._write(world, state, f"token-{token}")
        if written:
            after = replace(after, tokens=token, waiting=True, answered=False, asked_unpaid=False)
        yield after.with_actor(actor.at("waiting" if written else refused))

    def _waiting(self, world: World, actor: Actor) -> Iterator[World]:
        yield from self._waited(world, actor, "VerifyPayment", "VerifyPayment")

    def _waited(self, world: World, actor: Actor, answered: str, late: str) -> Iterator[World]:
        if world.answered:
            yield replace(world, answered=False).with_actor(actor.at(answered))
        elif world.late:
            yield replace(world, waiting=False).with_actor(actor.at(late))

    def _VerifyPayment(self, world: World, actor: Actor) -> Iterator[World]:  # noqa: N802
        def verify(stage: Stage) -> Order:
            asked = PaymentVerification(
                stage.store, stage, stage.alerts, by="tests", clock=fixed_clock
            )
            return asked.verify(ORDER_ID, actor.waits, rejected=self._rejected)

        after, moved, outcome = self._take_step(world, actor, verify)
        yield after.with_actor(moved if outcome is None else _next(moved, outcome))

    def _CancelOrder(self, world: World, actor: Actor) -> Iterator[World]:  # noqa: N802
        after, written = self._write(world, "CancelOrder")
        yield after.with_actor(actor.at(DONE if written else "VerifyPayment"))

    def _CompleteOrder(self, world: World, actor: Actor) -> Iterator[World]:  # noqa: N802
        after, _ = self._write(world, "CompleteOrder")
        yield after.with_actor(actor.at(DONE))

    def _ExpireOrder(self, world: World, actor: Actor) -> Iterator[World]:  # noqa: N802
        after, written = self._write(world, "ExpireOrder")
        yield after.with_actor(actor.at(DONE if written else "VerifyPayment"))

    def _RejectOrder(self, world: World, actor: Actor, unpaid: str = "") -> Iterator[World]:  # noqa: N802
        after, written = self._write(world, "RejectOrder", unpaid=unpaid)
        yield after.with_actor(actor.at(DONE if written else "VerifyPayment"))

    def _RejectUnpaidOrder(self, world: World, actor: Actor) -> Iterator[World]:  # noqa: N802
        """RejectOrder, once PayStack was asked."""
        yield from self._RejectOrder(world, actor, unpaid="-1")

    # Taking steps

    def _take_step(
        self, world: World, actor: Actor, function: Callable[[Stage], Any]
    ) -> tuple[World, Actor, Any]:
        """The world and the actor after the function's next call; its outcome once it is over."""
        replies = [self._replies[number] for number in actor.replies]
        stage = self._stage = Stage(world, replies, self._items, self._table_type)
        try:
            outcome = function(stage)
        except _Pause:
            outcome = None
        except errors.OrderflowError as error:
            outcome = error
        numbers = tuple(map(self._replies.number, stage.replies))
        return stage.world, replace(actor, replies=numbers), outcome

    def _write(
        self, world: World, state: str, token: str = "", unpaid: str = ""
    ) -> tuple[World, bool]:
        stage = Stage(world, [], self._items, self._table_type)
        try:
            direct(state, token=token, unpaid=unpaid)(stage.store, ORDER_ID)
        except ClientError:
            return world, False
        return stage.world, True


#: Where the definition leads after an error of VerifyPayment, and the waits counted by then.
_CAUGHT: list[tuple[type[Exception], str, int]] = [
    (errors.PaymentNotConfirmed, "AwaitPayment", 0),
    (errors.PaymentLinkExpired, "ExpireOrder", 0),
    (errors.OrderToBeCancelled, "CancelOrder", 0),
    (errors.OrderToBeRejected, "RejectUnpaidOrder", 0),
    (errors.PaymentUnsettled, "VerifyPayment", 1),
    (errors.OrderAlreadyClosed, DONE, 0),
]


def _next(actor: Actor, outcome: Any) -> Actor:
    """Where the definition leads after VerifyPayment."""
    if isinstance(outcome, Order):
        return actor.at("CompleteOrder")
    if isinstance(outcome, errors.StoreUnavailable):
        return actor.at("VerifyPayment")
    for error, state, waits in _CAUGHT:
        if isinstance(outcome, error):
            return actor.at(state, waits=waits)
    raise AssertionError(f"not caught: {outcome!r}")
