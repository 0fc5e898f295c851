"""Orders that failed, are parked or undecided: each, and in groups with one cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from orderflow.breakers.ports import BreakerStore
from orderflow.breakers.state import BreakerItem
from orderflow.clock import iso, to_epoch_ms
from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.ports import OrderQueries
from orderflow.orders.status import PARKED, OrderStatus
from orderflow.platform.dynamodb import MAX_BATCH
from orderflow.workflow.executions import Execution, newest_run, parse_arn, unsuccessful
from scripts.inspection.causes import Advice, Cause, Kind, advice_for, cause_of
from scripts.inspection.reading import MAX_ORDERS, Reading

#: PayStack answers within seconds. After this time operations may want to know that it has not.
UNDECIDED_FOR_LONG: Final = timedelta(minutes=15)

#: A failure is recorded within minutes, by its event or by the reconciler.
LOOKED_BACK: Final = timedelta(hours=1)
#: So many executions of each kind of failure are looked at, those that started last.
_LIMIT: Final = 100

#: The statuses of stuck orders; those that need an operator come first.
STUCK: Final = (OrderStatus.FAILED, OrderStatus.NEEDS_ATTENTION, OrderStatus.PAYMENT_DELAYED)
_KINDS: Final = tuple(Kind)
#: The statuses of the orders that a kind of cause may have; of the others, those of parked orders.
_MAY_HAVE: Final = {
    Kind.FAILED: (OrderStatus.FAILED,),
    Kind.UNDECIDED: (OrderStatus.PAYMENT_INITIATED,),
}


@dataclass(frozen=True)
class StuckOrder:
    """Why an order is stuck, and since when.

    Attributes:
        order: the order.
        cause: why.
        since: when it got stuck. Parking it again, or failing again, does not change that.
        attempts: how often it failed or was parked before; None if unknown.
        reason: the reason of its status, for the customer.
    """

    order: Order
    cause: Cause
    since: datetime
    attempts: int | None
    reason: str | None

    @classmethod
    def of(cls, order: Order) -> StuckOrder:
        """Read them from the order's record."""
        cause = cause_of(order, payment_remark(order))
        return cls(order, cause, stuck_since(order), _attempts(order), order.status_reason)

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {
            "orderId": self.order.order_id,
            "customerId": self.order.customer_id,
            "status": self.order.status,
            "since": iso(self.since),
            "attempts": self.attempts,
            "totalKobo": self.order.total_kobo,
            "reason": self.reason,
            "executionArn": self.order.execution_arn,
        }


@dataclass(frozen=True)
class StuckGroup:
    """Orders with one cause, the longest stuck first. ``advice`` agrees with the runbooks.

    Where ``is_complete`` is False, there may be more: its figures are lower bounds.
    """

    cause: Cause
    orders: list[StuckOrder]
    advice: Advice
    breaker: BreakerItem | None = None
    is_complete: bool = True

    @property
    def customers(self) -> int:
        """How many customers are affected."""
        return len({each.order.customer_id for each in self.orders})

    @property
    def total_kobo(self) -> int:
        """What the orders cost; those without products count nothing (:attr:`unpriced`)."""
        return sum(each.order.total_kobo for each in self.orders)

    @property
    def unpriced(self) -> int:
        """How many orders have no products yet."""
        return sum(not each.order.lines for each in self.orders)

    @property
    def since(self) -> datetime:
        """When the first of them got stuck."""
        return min(each.since for each in self.orders)

    @property
    def statuses(self) -> dict[OrderStatus, int]:
        """How many orders have which status, the most frequent first."""
        return dict(Counter(each.order.status for each in self.orders).most_common())

    @property
    def reasons(self) -> dict[str, int]:
        """How many orders have which reason of their status, the most frequent first."""
        found = Counter(each.reason for each in self.orders if each.reason)
        return dict(found.most_common())

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {
            "kind": self.cause.kind,
            "cause": self.cause.text,
            "error": self.cause.error,
            "provider": self.cause.provider,
            "count": len(self.orders),
            "customers": self.customers,
            "totalKobo": self.total_kobo,
            "unpriced": self.unpriced,
            "since": iso(self.since),
            "isComplete": self.is_complete,
            "statuses": self.statuses,
            "advice": self.advice.text,
            "runbook": self.advice.runbook,
            "command": self.advice.command,
            "orders": [each.as_json() for each in self.orders],
        }


@dataclass(frozen=True)
class StuckOrders:
    """All groups, those that need an operator first, then the largest; and what was read."""

    groups: list[StuckGroup]
    reading: Reading = field(default_factory=Reading)


def stuck_orders(
    orders: OrderQueries,
    breakers: BreakerStore,
    now: datetime,
    since: timedelta | None = None,
    limit: int = MAX_ORDERS,
) -> StuckOrders:
    """Find the stuck orders and group them by cause.

    Args:
        orders: the stage's.
        breakers: the providers' breakers.
        now: the time.
        since: only what got stuck in that time.
        limit: how many orders of a status are read at most, the newest.
    """
    reading = Reading()
    found = [
        stuck
        for stuck in map(StuckOrder.of, _candidates(orders, now, reading, limit))
        if since is None or stuck.since >= now - since
    ]
    return StuckOrders(grouped(found, breakers.read, now, reading.unread), reading)


def grouped(
    found: Iterable[StuckOrder],
    breaker_of: Callable[[str], BreakerItem | None],
    now: datetime,
    unread: Collection[str] = (),
) -> list[StuckGroup]:
    """The orders in groups with one cause.

    Args:
        found: the orders.
        breaker_of: a provider's breaker; None where it is not known.
        now: the time.
        unread: the statuses of which there are more orders.
    """
    by_cause: dict[Cause, list[StuckOrder]] = {}
    for stuck in sorted(found, key=lambda each: each.since):
        by_cause.setdefault(stuck.cause, []).append(stuck)
    groups = []
    for cause, alike in by_cause.items():
        breaker = breaker_of(cause.provider) if cause.provider else None
        order_ids = [each.order.order_id for each in alike]
        advice = advice_for(cause, order_ids, breaker, to_epoch_ms(now))
        is_complete = not {*map(str, _MAY_HAVE.get(cause.kind, PARKED))} & {*unread}
        groups.append(StuckGroup(cause, alike, advice, breaker, is_complete))
    return sorted(groups, key=lambda group: (_KINDS.index(group.cause.kind), -len(group.orders)))


def stuck_since(order: Order) -> datetime:
    """When an order got stuck: the first of its latest changes to the status that it has.

    Parked orders have two statuses; parking again, and failing again, adds to the history.
    """
    if order.status is OrderStatus.FAILED:
        alike: tuple[OrderStatus, ...] = (OrderStatus.FAILED,)
        latest = order.failure.at if order.failure else order.updated_at
    elif order.status in PARKED:
        alike, latest = PARKED, order.parked.at if order.parked else order.updated_at
    else:
        return order.undecided_since(order.updated_at) or order.updated_at
    changes = takewhile(lambda change: change.status in alike, reversed(order.history))
    return min((change.at for change in changes), default=latest)


def payment_remark(order: Order) -> str:
    """What the order waits for, beside its status; empty where the status says it all."""
    if order.has_received_payment:
        return "Payment received, being confirmed."
    if order.cancel_requested is not None and not order.is_closed:
        return "To be cancelled: PayStack is asked first."
    return ""


def _attempts(order: Order) -> int | None:
    if order.status is OrderStatus.FAILED:
        return order.failure.count if order.failure else None
    return order.parked.park_count if order.parked else None


def _candidates(
    orders: OrderQueries, now: datetime, reading: Reading, limit: int
) -> Iterator[Order]:
    """Failed and parked orders, then those that PayStack has left undecided for long."""
    for status in STUCK:
        yield from newest(orders, status, reading, limit)
    for order in newest(orders, OrderStatus.PAYMENT_INITIATED, reading, limit):
        if is_undecided(order, now):
            yield order


def is_undecided(order: Order, now: datetime) -> bool:
    """Whether PayStack has left the order undecided for long."""
    return bool(payment_remark(order)) and now - order.updated_at > UNDECIDED_FOR_LONG


def newest(
    orders: OrderQueries, status: OrderStatus, reading: Reading, limit: int
) -> Iterator[Order]:
    """The newest orders of one status, at most ``limit``, counted in ``reading``."""
    # One more in the same page: whether there are more costs no other.
    read = orders.newest_with_status([status], None, None, min(limit + 1, MAX_BATCH))
    return reading.bounded(read, limit, str(status))


def unrecorded_failures(
    sfn: Any, orders: OrderQueries, state_machine_arn: str, now: datetime
) -> Iterator[str]:
    """The ids of orders whose executions failed lately, while the orders do not say so.

    Where the database was out, neither the order's creation nor its failure may be written yet.

    Args:
        sfn: a boto3 Step Functions client.
        orders: the stage's.
        state_machine_arn: of the state machine, or of its alias.
        now: the time.
    """
    ended = unsuccessful(sfn, state_machine_arn, _LIMIT)
    lately = (each for each in ended if each.stop_date and each.stop_date > now - LOOKED_BACK)
    for execution in lately:
        order_id, _ = parse_arn(execution.arn)
        if _says_so(_order(orders, order_id), execution):
            continue
        newest = newest_run(sfn, state_machine_arn, order_id)
        if newest is None or newest.unsuccessful:
            yield order_id


def _order(orders: OrderQueries, order_id: str) -> Order | None:
    try:
        return orders.get(order_id)
    except OrderNotFoundError:
        return None


def _says_so(order: Order | None, execution: Execution) -> bool:
    """Whether the order has the failure, has ended, or has gone on in another execution."""
    return order is not None and (
        order.status is OrderStatus.FAILED
        or order.is_closed
        or order.execution_arn != execution.arn
    )
