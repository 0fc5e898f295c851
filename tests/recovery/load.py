"""Customers who order and pay on and on, and what each of them was answered."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx
from botocore.exceptions import ClientError

from orderflow.errors import OrderflowError
from orderflow.orders.status import OrderStatus
from tests.chaos.workload import LISTS, LISTS_EACH
from tests.support.shop import Customer, Shop

#: So many customers order at once, each so long after the order before.
CUSTOMERS: Final = 3
_PAUSE_SECONDS: Final = 1.0

#: One order of so many is paid as soon as it has its link; the others wait for their payment.
_PAID_OF: Final = 2


@dataclass(frozen=True)
class Accepted:
    """A list that was accepted: by whose request, when, and as which order."""

    customer: Customer
    grocery_list: str
    key: str
    at: datetime
    order_id: str

    def repeat(self) -> str:
        """The same request again, as an app sends it that does not find its order; the id."""
        return self.customer.insist(self.grocery_list, idempotencyKey=self.key)


class Load:
    """Customers who order, each until the list is accepted, and who pay every other order."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._over = threading.Event()
        self.accepted: list[Accepted] = []
        self.paid: set[str] = set()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """They order for the length of the block."""
        with ThreadPoolExecutor(CUSTOMERS + 1) as pool:
            work = [pool.submit(self._order_on, number) for number in range(CUSTOMERS)]
            work.append(pool.submit(self._pay_on))
            try:
                yield
            finally:
                self._over.set()
        for each in work:
            each.result()

    def wait_for_orders(self, number: int) -> None:
        """Waits until so many more lists are accepted."""
        wanted = len(self.accepted) + number
        while len(self.accepted) < wanted:
            time.sleep(_PAUSE_SECONDS / 4)

    def _order_on(self, number: int) -> None:
        sent = 0
        while not self._over.wait(_PAUSE_SECONDS):
            if sent % LISTS_EACH == 0:
                customer = self._shop.new_customer()
            grocery_list = LISTS[(number + sent) % len(LISTS)]
            sent += 1
            self._insist(customer, grocery_list)

    def _insist(self, customer: Customer, grocery_list: str) -> None:
        """Sends a list until it is accepted, always with the same key; gives up at the end."""
        key = uuid.uuid4().hex
        while not self._over.is_set():
            with suppress(AssertionError, httpx.HTTPError, ValueError):
                answer = customer.submit(grocery_list, idempotencyKey=key)
                order_id = str(answer["orderId"])
                self.accepted.append(
                    Accepted(customer, grocery_list, key, datetime.now(UTC), order_id)
                )
                return
            self._over.wait(_PAUSE_SECONDS)

    def _pay_on(self) -> None:
        seen: set[str] = set()
        while not self._over.wait(_PAUSE_SECONDS):
            with suppress(OrderflowError, ClientError):
                linked = self._shop.orders.with_status(OrderStatus.PAYMENT_INITIATED)
                for order in linked:
                    if order.order_id in seen:
                        continue
                    seen.add(order.order_id)
                    if len(seen) % _PAID_OF == 0 and order.payment_link:
                        self._shop.pay(order)
                        self.paid.add(order.order_id)
