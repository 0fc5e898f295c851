"""Parked orders in memory, with all that looks after them, at a time that the test sets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.state import BreakerItem, State
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.clock import iso
from orderflow.orders.model import Order, Parked, StatusChange
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.platform.alerts import SnsAlerts
from orderflow.recovery.chains import Chain
from orderflow.recovery.escalation import Escalation
from orderflow.recovery.messages import Message, ParkedOrdersQueue, read_message
from orderflow.recovery.pacing import PacedResumption
from orderflow.recovery.parked_orders import ParkedOrders
from orderflow.recovery.resumer import Resumer
from orderflow.recovery.settings import RecoverySettings
from tests.support.factories import a_matched_order, client_error, stored

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PROVIDER = "paystack"

S = OrderStatus


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def parked_order(
    *,
    park_count: int = 0,
    at: datetime = NOW,
    provider: str = PROVIDER,
    token: str | None = None,
    **changes: Any,
) -> Order:
    """An order just as ParkOrder leaves it."""
    status = S.PAYMENT_DELAYED if park_count < 3 else S.NEEDS_ATTENTION
    order = a_matched_order(created_at=iso(at), updated_at=iso(at))
    parked = Parked(
        task_token=token or f"token-{order.order_id}-{park_count}",
        provider=provider,
        park_count=park_count,
        at=iso(at),
    )
    fields = {
        "status": status,
        "parked": parked,
        "history": [
            *order.history,
            StatusChange(status=status, at=iso(at), by=f"{order.order_id}/ParkOrder"),
        ],
    }
    return order.model_copy(update=fields | changes)


class TaskTokens:
    """Step Functions' side of task tokens, for a boto3 client whose calls end here.

    Tokens wait until they are answered; all others are spent. ``asked`` counts the answers that
    came in; ``working`` is called for each, and may let time pass.
    """

    def __init__(self) -> None:
        self.waiting: set[str] = set()
        self.outputs: list[dict[str, Any]] = []
        self.errors: dict[str, Exception] = {}
        self.asked = 0
        self.working: Callable[[], None] = lambda: None

    @contextmanager
    def behind(self, client: Any) -> Iterator[TaskTokens]:
        """Take the client's calls meanwhile."""
        event = "before-call.*.SendTaskSuccess"
        client.meta.events.register(event, self._take)
        yield self
        client.meta.events.unregister(event, self._take)

    @property
    def resumed(self) -> list[str]:
        """The orders whose tokens were answered, in this order."""
        return [output["orderId"] for output in self.outputs]

    def _take(self, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        self.asked += 1
        self.working()
        request = json.loads(params["body"])
        token = request["taskToken"]
        if token in self.errors:
            raise self.errors[token]
        if token not in self.waiting:
            raise client_error("TaskTimedOut")
        self.waiting.remove(token)
        self.outputs.append(json.loads(request["output"]))
        return SimpleNamespace(status_code=200), {}


class Scene:
    """The tables, the queue and the topic in memory, and the recovery at work on them.

    ``sent`` and ``published`` are the calls to SQS and SNS, as their parameters.
    """

    def __init__(
        self,
        store: OrderStore,
        breakers_table: Table,
        topic_arn: str,
        tokens: TaskTokens,
        record_calls: Callable[[Any, str], list[dict[str, Any]]],
    ) -> None:
        self.now = ms(NOW)
        self.settings = RecoverySettings()
        self.tokens = tokens
        self.store = store
        self.breakers_table = breakers_table
        self.sent = record_calls(aws.sqs(), "SendMessage")
        self.published = record_calls(aws.sns(), "Publish")
        self.orders = self._recovery(topic_arn)

    def _recovery(self, topic_arn: str) -> ParkedOrders:
        queue = ParkedOrdersQueue(aws.sqs(), aws.sqs().create_queue(QueueName="parked")["QueueUrl"])
        breakers = DynamoBreakerStore(self.breakers_table)
        rate_limiter = RateLimiter(self.breakers_table)
        resumer = Resumer(aws.step_functions(), self.store)
        around: Any = {"settings": lambda: self.settings, "clock": lambda: self.now}
        self.escalation = Escalation(
            SnsAlerts(aws.sns(), topic_arn), self.store, breakers, rate_limiter, **around
        )
        chain = Chain(queue, self.escalation)
        self.resumption = PacedResumption(
            self.store, breakers, rate_limiter, resumer, chain, **around
        )
        return ParkedOrders(
            self.store, breakers, resumer, chain, self.resumption, self.escalation,
            clock=lambda: self.now,
        )  # fmt: skip

    def park(self, **changes: Any) -> Order:
        """Store an order whose token waits."""
        order = stored(self.store, parked_order(**changes))
        assert order.parked is not None
        self.tokens.waiting.add(order.parked.task_token)
        return order

    def park_many(self, number: int, **changes: Any) -> list[Order]:
        """Store so many, the oldest first."""
        return [
            self.park(**{"at": NOW + timedelta(milliseconds=each)} | changes)
            for each in range(number)
        ]

    def breaker(self, state: State = State.CLOSED, epoch: int = 0, **changes: Any) -> BreakerItem:
        """Put the breaker into the table."""
        item = BreakerItem(provider=PROVIDER, state=state, epoch=epoch, **changes)
        self.breakers_table.put_item(Item=item.model_dump(by_alias=True, exclude_none=True))
        return item

    def messages(self) -> list[tuple[Message, int]]:
        """What was sent to the queue since the last look, with its delay."""
        taken = [
            (read_message(call["MessageBody"], sent_at=0), call["DelaySeconds"])
            for call in self.sent
        ]
        self.sent.clear()
        return taken

    def still_parked(self) -> list[str]:
        return [order.order_id for order in self.store.parked(PROVIDER)]
