"""Half of PayStack's webhooks are lost for good; every paid order is completed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from tests.chaos.auditor import Books, discrepancies, read_books
from tests.chaos.conftest import Report
from tests.chaos.scale import FULL
from tests.chaos.workload import Customers, statuses
from tests.support.shop import Shop
from tests.support.stacks import running_shop
from tests.support.waiting import wait_for

ORDERS = 500 if FULL else 40

#: The longer the orders take, the more real time has to lie in half an hour of theirs.
FACTOR = 30 if FULL else 60

SEED = 16
BOUND = timedelta(minutes=30)

#: Seconds for the payments to be found; the bound is checked afterwards, in simulated time.
PATIENCE = 300

#: Names alone resolve them: the payments are what is tried.
LISTS = ("1 loaf bread, 3 eggs", "1 loaf bread", "3 eggs")


@pytest.fixture(scope="module")
def lossy_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("lossy")
    with running_shop(folder, "lossy", time_factor=FACTOR) as shop:
        yield shop


@pytest.mark.long
def test_no_payment_is_lost_with_its_webhook(lossy_shop: Shop, report: Report) -> None:
    shop = lossy_shop
    lost = frozenset(random.Random(SEED).sample(range(ORDERS), ORDERS // 2))

    def pay(number: int, order_id: str) -> None:
        order = shop.orders.get(order_id)
        (shop.pay_silently if number in lost else shop.pay)(order)

    with Customers(shop, ORDERS, LISTS, then=pay) as customers:
        pass
    wait_for(lambda: _open(shop, customers.accepted), lambda left: not left, PATIENCE)
    for order_id in customers.accepted:
        shop.finished(shop.orders.get(order_id))

    books = read_books(shop, customers.accepted)
    assert discrepancies(books) == []
    assert books.statuses == Counter({"PAYMENT_COMPLETED": ORDERS})
    times = sorted(_until_completed(books, order) for order in books.orders.values())
    unreported = sum(_deliveries(books, order_id) == 0 for order_id in books.accepted)
    report(
        f"{ORDERS} orders paid, {unreported} of their webhooks lost; from payment to completion "
        f"{_minutes(times[len(times) // 2])} simulated minutes in the median, "
        f"{_minutes(times[-1])} at most"
    )
    assert unreported == len(lost)
    # The short form runs beside other tests, which may take half a minute of the machine's time.
    if FULL:
        assert times[-1] < BOUND


def _open(shop: Shop, accepted: list[str]) -> list[str]:
    done = str(OrderStatus.PAYMENT_COMPLETED)
    return [
        f"{order_id}: {status}"
        for order_id, status in statuses(shop, accepted).items()
        if status != done
    ]


def _until_completed(books: Books, order: Order) -> timedelta:
    """The simulated time from the payment at PayStack to the order's completion."""
    (paid,) = [each for each in books.transactions[order.order_id] if each["paidAt"]]
    completed = order.history[-1].at
    return (completed - datetime.fromisoformat(paid["paidAt"])) * FACTOR


def _deliveries(books: Books, order_id: str) -> int:
    """How often PayStack has called the webhook about the order."""
    return sum(len(each["webhookAttempts"]) for each in books.transactions[order_id])


def _minutes(time: timedelta) -> str:
    return f"{time.total_seconds() / 60:.1f}"
