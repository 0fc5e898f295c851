"""The parked orders, counted: how many wait, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Final

from orderflow.breakers.ports import BreakerStore
from orderflow.breakers.state import State
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import PARKED, OrderStatus
from orderflow.platform.observability import metrics

#: At most so many orders are counted.
MAX_COUNTED: Final = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """Orders that wait for providers; at least one."""

    number: int
    needing_attention: int
    oldest: datetime

    @classmethod
    def of(cls, orders: Iterable[Order]) -> Waiting:
        """Count the orders.

        Raises:
            ValueError: there are none.
        """
        by_id = {order.order_id: order for order in orders}
        return cls(
            number=len(by_id),
            needing_attention=sum(
                order.status is OrderStatus.NEEDS_ATTENTION for order in by_id.values()
            ),
            oldest=min(order.first_parked_at for order in by_id.values()),
        )

    @property
    def in_words(self) -> str:
        """Their number, for texts."""
        if self.number == 1:
            return "1 order"
        return f"{self.number}{' or more' if self.number >= MAX_COUNTED else ''} orders"


def measure_waiting(orders: Orders, breakers: BreakerStore, now: datetime) -> None:
    """Measure the parked orders, the age of the oldest in seconds, and the breakers they wait for.

    An open breaker that no order waits for is none of them: the next order probes its provider.

    Raises:
        StoreUnavailable: they can't be read.
    """
    found = chain.from_iterable(orders.unchanged_since(each, now) for each in PARKED)
    parked = [*islice((each for each in found if isinstance(each, Order)), MAX_COUNTED)]
    waiting = Waiting.of(parked) if parked else None
    waited_for = {order.parked.provider for order in parked if order.parked is not None}
    opened = sum(breakers.read(each).state is not State.CLOSED for each in waited_for)
    metrics.add_metric("OrdersParked", "Count", waiting.number if waiting else 0)
    age = (now - waiting.oldest).total_seconds() if waiting else 0
    metrics.add_metric("ParkedOrdersAge", "Seconds", age)
    metrics.add_metric("BreakersOpen", "Count", opened)
