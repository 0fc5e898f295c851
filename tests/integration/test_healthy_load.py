"""An hour of healthy load on the deployed stack, thirty times as fast: no alarm begins."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import count, repeat

import pytest

from tests.support.pager import Pager
from tests.support.shop import Customer, Shop

pytestmark = pytest.mark.long

#: What the periods of alarms are divided by.
FACTOR = 30
HOUR_SECONDS = 3600 / FACTOR
#: The reconciler's pause.
PAUSE_SECONDS = 300 / FACTOR
ROUNDS = 6
#: A customer may send ten at once.
LISTS_OF_ONE = 8

#: The model's choice for the third is remembered: no other test may ask for that.
LISTS = ("1 loaf bread", "2 cups milk, 3 eggs", "2 packs of spaghetty", "5 kg rice, 1 loaf bread")

#: These judge how fast the machine is, too: they may begin on a slow one.
OF_SPEED = re.compile(
    r"(Links|Updates|Payments)(Fast|Slow|Late).*|.*(Duration|IteratorAge|QueueAge|Throttles)"
)


@pytest.fixture
def pager(shop: Shop) -> Iterator[Pager]:
    with Pager(shop) as pager:
        yield pager


def test_an_hour_of_healthy_load_begins_no_alarm(shop: Shop, pager: Pager) -> None:
    pager.divide_periods(FACTOR)
    customers = customers_of(shop)
    end, next_run = time.monotonic() + HOUR_SECONDS, 0.0

    for number in count():
        # On a slow machine the hour lasts longer, or no order would be among it.
        if time.monotonic() > end and number >= ROUNDS:
            break
        a_customers_visit(shop, next(customers), number)
        if time.monotonic() > next_run:
            next_run = time.monotonic() + PAUSE_SECONDS
            shop.reconcile()

    # Without an alarm no incident begins.
    assert {alarm for alarm in pager.rung() if not OF_SPEED.fullmatch(alarm)} == set()


def customers_of(shop: Shop) -> Iterator[Customer]:
    """Customers, each of whom sends some lists: an hour has more than one may send."""
    while True:
        yield from repeat(shop.new_customer(), LISTS_OF_ONE)


def a_customers_visit(shop: Shop, customer: Customer, number: int) -> None:
    """Orders, and pays, cancels, or leaves; at times with a mistake that customers make."""
    order = shop.awaiting(customer.insist(LISTS[number % len(LISTS)]))
    match number % 4:
        case 0 | 1:
            shop.pay(order)
            shop.reach(order.order_id, "PAYMENT_COMPLETED")
        case 2:
            shop.cancel(order.order_id)
        case 3:
            customer.refusal("query ($id: ID!) { getOrder(orderId: $id) { status } }", {"id": "x"})
