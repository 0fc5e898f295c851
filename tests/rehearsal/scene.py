"""What happens during the rehearsal: customers order on, and orders wait in each state."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from tests.support.shop import Shop
from tests.support.waiting import wait_for

LIST = "1 loaf bread, 3 eggs"
CONFIRM = """
mutation Confirm($orderId: ID!, $version: Int!) {
  confirmOrder(orderId: $orderId, version: $version) { status }
}"""
PATIENCE = 300
_PAUSE = 3.0
_CUSTOMERS = 3


class Customers:
    """Customers who order on, one list after the other, while something else happens."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._stop = threading.Event()
        self.accepted: list[str] = []

    @contextmanager
    def ordering(self) -> Iterator[None]:
        """They order for the length of the block."""
        self._stop.clear()
        threads = [threading.Thread(target=self._order_on, daemon=True) for _ in range(_CUSTOMERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _order_on(self) -> None:
        while not self._stop.wait(_PAUSE):
            self.accepted.append(self._shop.customer.insist(LIST))


class InFlight:
    """Orders of one version in each state that waits: under review, unpaid, verifying, parked.

    PayStack is out until :meth:`recover`: without it nothing is parked.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.unpaid = awaiting_payment(shop)
        self.verifying = awaiting_payment(shop)
        self.in_review = reach(
            shop, shop.customer.insist(LIST, review=True), OrderStatus.AWAITING_REVIEW
        )
        shop.set_fault("paystack", mode="outage")
        shop.pay_silently(self.verifying)
        shop.deliver(shop.charge(self.verifying))
        wait_for(lambda: self._state(self.verifying), lambda name: name != "AwaitPayment", PATIENCE)
        self.parked = reach(shop, shop.customer.insist(LIST), OrderStatus.PAYMENT_DELAYED)

    @property
    def _all(self) -> tuple[Order, ...]:
        return self.in_review, self.unpaid, self.verifying, self.parked

    @property
    def orders(self) -> list[str]:
        return [each.order_id for each in self._all]

    def states(self) -> list[str]:
        """Where their executions are."""
        return [self._state(each) for each in self._all]

    def recover(self) -> None:
        """PayStack is back: it confirms what was paid, and the parked order gets its link."""
        shop = self._shop
        shop.clear_faults()
        shop.close_breaker("paystack")
        reach(shop, self.verifying.order_id, OrderStatus.PAYMENT_COMPLETED)
        reach(shop, self.parked.order_id, OrderStatus.PAYMENT_INITIATED)

    def end(self) -> None:
        """The rest is confirmed and paid, and all executions end."""
        shop = self._shop
        reviewed = shop.orders.get(self.in_review.order_id)
        shop.customer.ask(CONFIRM, {"orderId": reviewed.order_id, "version": reviewed.version})
        reach(shop, reviewed.order_id, OrderStatus.PAYMENT_INITIATED)
        for order in (self.in_review, self.unpaid, self.parked):
            shop.pay(shop.orders.get(order.order_id))
        for order_id in self.orders:
            reach(shop, order_id, OrderStatus.PAYMENT_COMPLETED)

    def versions(self) -> set[str]:
        """The numbers of the workflow's versions that they run."""
        return {version_of(self._shop, order_id) for order_id in self.orders}

    def _state(self, order: Order) -> str:
        current = self._shop.progress(self._shop.orders.get(order.order_id)).current
        return current.name if current else ""


def awaiting_payment(shop: Shop) -> Order:
    """An order whose execution waits for its payment."""
    order = reach(shop, shop.customer.insist(LIST), OrderStatus.PAYMENT_INITIATED)
    wait_for(lambda: shop.orders.get(order.order_id).task_token, bool, PATIENCE)
    return shop.orders.get(order.order_id)


def reach(shop: Shop, order_id: str, *statuses: OrderStatus) -> Order:
    """Waits until the order has one of these statuses."""
    wait_for(lambda: shop._status(order_id), lambda seen: seen in statuses, PATIENCE)
    return shop.orders.get(order_id)


def version_of(shop: Shop, order_id: str) -> str:
    """The number of the workflow's version that the order's last execution runs."""
    arn = shop.orders.get(order_id).execution_arn
    described: dict[str, Any] = shop.sfn.describe_execution(executionArn=str(arn))
    return str(described["stateMachineVersionArn"]).rpartition(":")[2]
