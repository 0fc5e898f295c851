"""Customers who place orders repeatedly, and workers that die repeatedly."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import psutil

from orderflow.errors import OrderNotFoundError
from orderflow.orders.status import CLOSED, PARKED, OrderStatus
from orderflow.orders.submission_limits import SubmissionLimit
from scripts.local.snapshots.stems import TEMPLATE
from tests.chaos.scale import SCALE
from tests.support.shop import Shop
from tests.support.waiting import wait_for

#: Lists that names alone resolve, and lists that need the model.
LISTS = (
    "1 loaf bread, 3 eggs",
    "2 cups milk, 1 loaf bread, 3 eggs",
    "2 packs of spagetti",
    "5 kg rice and 2 l oil",
)

#: Lists of one customer: as many as a deployed stage takes from one at once.
LISTS_EACH = SubmissionLimit().capacity

#: Seconds within which one order has its link or is parked.
PATIENCE = 300


class Customers:
    """Customers who order repeatedly, each when the order before has its link or is parked.

    As many orders are in progress at a time as customers order at once, on any machine. After
    :data:`LISTS_EACH` orders another customer takes the place of one.
    Each order is accepted, or the test fails.

    Args:
        shop: where they order.
        orders: how many, of all of them together.
        lists: what they order, in turns.
        then: what they do next, called with the order's number from 0, and its id.
    """

    def __init__(
        self,
        shop: Shop,
        orders: int,
        lists: tuple[str, ...] = LISTS,
        then: Callable[[int, str], object] = lambda _number, _order_id: None,
    ) -> None:
        self._shop = shop
        self._numbers = iter(range(orders))
        self._lists = lists
        self._then = then
        self.accepted: list[str] = []

    def __enter__(self) -> Customers:
        self._pool = ThreadPoolExecutor(SCALE.customers)
        self._ordering = [self._pool.submit(self._order_on) for _ in range(SCALE.customers)]
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._ordering:
            each.result()
        self._pool.shutdown()

    @property
    def placed(self) -> int:
        return len(self.accepted)

    def _order_on(self) -> None:
        for turn, number in enumerate(self._numbers):
            if turn % LISTS_EACH == 0:
                customer = self._shop.new_customer()
            order_id = customer.insist(self._lists[number % len(self._lists)])
            self.accepted.append(order_id)
            wait_for(lambda order_id=order_id: self._status(order_id), _is_somewhere, PATIENCE)
            self._then(number, order_id)

    def _status(self, order_id: str) -> OrderStatus | None:
        try:
            return self._shop.orders.get(order_id).status
        except OrderNotFoundError:
            return None


def _is_somewhere(status: OrderStatus | None) -> bool:
    return status not in {None, OrderStatus.PENDING_MATCHING, OrderStatus.MATCHED}


def place_all(shop: Shop, orders: int) -> list[str]:
    """Place so many orders and return their ids."""
    with Customers(shop, orders) as customers:
        pass
    return customers.accepted


def settled(shop: Shop, accepted: list[str], patience: float, *also: OrderStatus) -> None:
    """Wait until each order has its link (or has ended, or is in a status named ``also``)."""
    done = {OrderStatus.PAYMENT_INITIATED, *CLOSED, *also}

    def unsettled() -> list[str]:
        return [
            f"{order_id}: {status}"
            for order_id, status in statuses(shop, accepted).items()
            if status not in done
        ]

    wait_for(unsettled, lambda left: not left, patience)


def statuses(shop: Shop, accepted: list[str]) -> dict[str, str]:
    """The status of each order; NONE for one that is not written yet."""
    found: dict[str, str] = dict.fromkeys(accepted, "NONE")
    for status in OrderStatus:
        for order in shop.orders.with_status(status):
            if order.order_id in found:
                found[order.order_id] = str(order.status)
    return found


def awaiting(shop: Shop, accepted: list[str], patience: float) -> None:
    """Wait until each order that has its link also waits for its payment."""

    def not_waiting() -> list[str]:
        return [
            order.order_id
            for order in shop.orders.with_status(OrderStatus.PAYMENT_INITIATED)
            if order.order_id in accepted and order.task_token is None and order.payment is None
        ]

    wait_for(not_waiting, lambda left: not left, patience)


def parked(shop: Shop, accepted: list[str]) -> list[str]:
    """The orders that wait for a provider."""
    return [
        order_id
        for order_id, status in statuses(shop, accepted).items()
        if status in {str(each) for each in PARKED}
    ]


@contextmanager
def dying_workers(shop: Shop, every_seconds: float, seed: int) -> Iterator[list[str]]:
    """Kill a random function's worker again and again; yields the names of those killed."""
    killed: list[str] = []
    stop = threading.Event()
    chance = random.Random(seed)

    def kill_on() -> None:
        while not stop.wait(every_seconds):
            with suppress(psutil.Error, IndexError):  # all dead already
                worker, name = chance.choice(workers(shop))
                worker.kill()
                killed.append(name)

    killer = threading.Thread(target=kill_on, daemon=True)
    killer.start()
    try:
        yield killed
    finally:
        stop.set()
        killer.join()


def workers(shop: Shop) -> list[tuple[psutil.Process, str]]:
    """The processes that run functions now, with their function's name."""
    emulator = psutil.Process(shop.state.ministack.pid)
    found = []
    for child in emulator.children(recursive=True):
        with suppress(psutil.Error):
            name = _function_of(child, emulator)
            if name:
                found.append((child, name))
    return found


def _function_of(process: psutil.Process, emulator: psutil.Process) -> str | None:
    """The name of the function that the process runs; None for what workers are forked from."""
    if str(TEMPLATE) not in process.cmdline():
        return process.environ().get("AWS_LAMBDA_FUNCTION_NAME")
    # The emulator's child is a stem, its children are templates, and theirs are workers.
    is_worker = emulator.pid not in {each.pid for each in process.parents()[:2]}
    return process.cmdline()[-1].split()[0] if is_worker else None


def seconds_after(moment: datetime, order: Any) -> float:
    """How long after ``moment`` the order got its link."""
    linked = next(
        change.at for change in order.history if change.status is OrderStatus.PAYMENT_INITIATED
    )
    return (linked - moment).total_seconds()


def now() -> datetime:
    return datetime.now(UTC)
