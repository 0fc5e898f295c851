"""Orders placed by customers who each wait for a link before they order again."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from scripts.auth import sign_in
from scripts.cli.deployment import connect
from tests.bench.trees import Stack
from tests.bench.usage import Processors, Usage
from tests.support.follower import Inbox, with_token
from tests.support.shop import Customer

LIST = "2 cups milk, 1 loaf bread, 3 eggs"
LINK = "PAYMENT_INITIATED"
SETTLED = {LINK, "FAILED", "REJECTED", "PAYMENT_DELAYED", "NEEDS_ATTENTION"}
PATIENCE_SECONDS = 300
LOOK_SECONDS = 0.05
#: Between two looks at the processes, which cost processor time themselves.
LOOK_AT_PROCESSES_SECONDS = 10


@dataclass
class Load:
    """What became of the orders, and what it took.

    Attributes:
        seconds: from submission to link, of each order that has one.
        lost: orders that were not accepted, or without a link after five minutes, by last status.
        wall_seconds: from the first submission to the last link.
        processor: processor seconds of the stack's processes, by part.
        peak_mb: the largest sum of proportional set sizes.
    """

    seconds: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wall_seconds: float = 0.0
    processor: dict[str, float] = field(default_factory=dict)
    peak_mb: float = 0.0

    @property
    def per_second(self) -> float:
        """Links a second."""
        return len(self.seconds) / self.wall_seconds

    @property
    def orders(self) -> int:
        """All of them."""
        return len(self.seconds) + len(self.lost)

    @property
    def processor_ms(self) -> float:
        """Processor milliseconds an order."""
        return sum(self.processor_ms_by_part.values())

    @property
    def processor_ms_by_part(self) -> dict[str, float]:
        """Processor milliseconds an order, by part of the stack."""
        return {
            part: 1000 * seconds / self.orders for part, seconds in sorted(self.processor.items())
        }

    def percentile(self, percent: int) -> float:
        """Of the seconds to the link."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


class _Links:
    """The first status of each order that settles it, as the app is told."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._seen = 0
        self._settled: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def wait(self, order_id: str) -> tuple[str, float] | None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self._read()
            if order_id in self._settled:
                return self._settled[order_id]
            time.sleep(LOOK_SECONDS)
        return None

    def _read(self) -> None:
        with self._lock:
            new = self._inbox.received[self._seen :]
            self._seen += len(new)
            for each in new:
                update = each.update
                if update["status"] in SETTLED:
                    at = datetime.fromisoformat(update["updatedAt"]).timestamp()
                    self._settled.setdefault(update["orderId"], (update["status"], at))


def customer_of(stack: Stack) -> Customer:
    """The stack's demo customer, signed in."""
    person = stack.state.customer
    pool = connect("local").user_pool
    tokens = sign_in(pool, person.email, person.password, person.totp_secret)
    return Customer(stack.state.urls.graphql, tokens.id_token, person.email, tokens.access_token)


def place(stack: Stack, orders: int, at_once: int) -> Load:
    """Places so many orders, so many at a time."""
    customer = customer_of(stack)
    load = Load()
    numbers = iter(range(orders))
    lock = threading.Lock()
    with with_token(stack.state.urls.graphql, customer.token, customer.sub) as inbox:
        links = _Links(inbox)

        def order_on() -> None:
            while True:
                with lock:
                    if next(numbers, None) is None:
                        return
                started = time.time()
                settled = _settled(customer, links)
                with lock:
                    if settled[0] == LINK:
                        load.seconds.append(settled[1] - started)
                    else:
                        load.lost.append(settled[0])

        with _watched(stack, load):
            threads = [threading.Thread(target=order_on) for _ in range(at_once)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    return load


def _settled(customer: Customer, links: _Links) -> tuple[str, float]:
    """Places an order; the status that settles it, and when (epoch seconds)."""
    try:
        order_id = customer.insist(LIST)
    except AssertionError:  # throttled, each time that it was sent
        return "not accepted", time.time()
    return links.wait(order_id) or ("no link", time.time())


@contextmanager
def _watched(stack: Stack, load: Load) -> Iterator[None]:
    """Notes the time, the processors and the most memory that the block takes."""
    processors, done = Processors(stack.state), threading.Event()

    def look() -> float:
        usage = Usage.of(stack.state)
        processors.look(usage)
        load.peak_mb = max(load.peak_mb, usage.pss_mb)
        return usage.at

    def watch() -> None:
        while not done.wait(LOOK_AT_PROCESSES_SECONDS):
            look()

    began = look()
    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()
        load.wall_seconds = look() - began
        load.processor = processors.by_part
