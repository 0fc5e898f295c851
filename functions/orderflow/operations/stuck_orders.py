"""Selects open orders that have not moved for a while, without a good reason."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Container, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from orderflow.breakers.state import BreakerItem
from orderflow.operations.diagnosis import has_been_back, is_overdue
from orderflow.operations.restarts import failed_while_busy
from orderflow.orders.model import Order, Parked
from orderflow.orders.ports import Orders
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.payments.guarded import PAYSTACK
from orderflow.platform.observability import logger

#: A run schedules the checks of so many links at most that have none.
MAX_SCHEDULED: Final = 50

_NEVER: Final = datetime.min.replace(tzinfo=UTC)

_OPEN: Final = tuple(status for status in OrderStatus if status not in CLOSED)


class StuckOrders:
    """Selects them from the table ``orders``, without describing executions.

    Good reasons are: the customer may still confirm or pay the order; the provider is still out, so
    that it can neither make a link nor confirm a payment; the order has FAILED, not only because
    AWS was busy, and operations were alerted.

    Args:
        read_breaker: a provider's breaker.
        now: the time at which the run began.
        stuck_after: how long an order may stay unchanged.
        link_validity: how long a link can be paid.
    """

    def __init__(
        self,
        store: Orders,
        read_breaker: Callable[[str], BreakerItem],
        now: datetime,
        stuck_after: timedelta,
        link_validity: timedelta,
    ) -> None:
        self._store = store
        self._read_breaker = read_breaker
        self._now = now
        self._stuck_after = stuck_after
        self._link_validity = link_validity
        self._probed: set[str] = set()
        self._found = 0
        self._unreadable = 0
        #: Orders on the way whose links no check is scheduled for, at most :data:`MAX_SCHEDULED`.
        self.without_link_check: list[str] = []

    def select(self, limit: int, known: Container[str]) -> tuple[list[Order], int]:
        """At most ``limit`` stuck orders, and how many are left for the next run.

        Orders that were not reported lately come first, and of these the oldest.

        Args:
            limit: how many to select at most.
            known: ids of orders that this run has handled already.
        """
        chosen = heapq.nsmallest(limit, self._all(known), key=_last_reported)
        return chosen, self._found - len(chosen) + self._unreadable

    def _all(self, known: Container[str]) -> Iterator[Order]:
        since = self._now - self._stuck_after
        for status in _OPEN:
            for order in self._store.unchanged_since(status, since):
                if isinstance(order, str):
                    logger.error("unreadable order", extra={"order_id": order})
                    self._unreadable += 1
                    continue
                if order.lacks_link_check and len(self.without_link_check) < MAX_SCHEDULED:
                    self.without_link_check.append(order.order_id)
                if order.order_id not in known and self._is_stuck(order):
                    self._found += 1
                    yield order

    def _is_stuck(self, order: Order) -> bool:
        if order.status is OrderStatus.FAILED:
            return order.alerted_at is None or order.payment is not None or failed_while_busy(order)
        if order.parked is not None:
            return self._should_go_on(order, order.parked)
        if order.is_unverified:
            breaker = self._read_breaker(PAYSTACK.key)
            return has_been_back(breaker, order.updated_at, self._now, self._stuck_after)
        if order.waits_for_review(self._now):
            return False
        return not order.waits_for_payment(self._now, self._link_validity)

    def _should_go_on(self, order: Order, parked: Parked) -> bool:
        breaker = self._read_breaker(parked.provider)
        return is_overdue(
            order, parked, breaker, self._now, self._stuck_after
        ) and self._takes_one_more(breaker)

    def _takes_one_more(self, breaker: BreakerItem) -> bool:
        if breaker.admits_all:
            return True
        due = breaker.next_probe_at
        if due is None or due > self._now.timestamp() * 1000 or breaker.provider in self._probed:
            return False
        # One order is enough to probe the provider; others would only be parked again.
        self._probed.add(breaker.provider)
        return True


def _last_reported(order: Order) -> datetime:
    return order.report.at if order.report else _NEVER
