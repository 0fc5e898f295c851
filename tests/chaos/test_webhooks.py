"""Payments are reported twice, late, early and by forgers; each order is paid once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import pytest

from orderflow.orders.status import OrderStatus
from tests.chaos.auditor import discrepancies, read_books
from tests.chaos.scale import SCALE
from tests.chaos.workload import awaiting, dying_workers, place_all, settled
from tests.support.shop import Shop
from tests.support.waiting import wait_for

pytestmark = pytest.mark.long

#: PayStack repeats a webhook that was not answered after three minutes.
PATIENCE = 120 + SCALE.mixed_orders + 2 * 180 / SCALE.time_factor


def completed(shop: Shop, accepted: list[str]) -> None:
    """Wait until all orders are paid and their executions have ended."""
    for order_id in accepted:
        wait_for(
            lambda order_id=order_id: shop.orders.get(order_id).status,
            lambda status: status is OrderStatus.PAYMENT_COMPLETED,
            PATIENCE,
        )
        shop.finished(shop.orders.get(order_id))


def answered(shop: Shop, event: dict[str, Any], signature: str = "") -> int:
    """The webhook's answer, repeated like PayStack's calls while Lambda is busy."""
    status: int = wait_for(
        lambda: shop.deliver(event, signature).status_code,
        lambda it: it != HTTPStatus.TOO_MANY_REQUESTS and it < HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    return status


def test_payments_that_are_reported_early_twice_and_by_forgers_count_once(shop: Shop) -> None:
    accepted = place_all(shop, 2 * SCALE.mixed_orders)
    settled(shop, accepted, PATIENCE)  # not all of them wait for their payment yet

    def pay(order_id: str) -> None:
        order = shop.orders.get(order_id)
        assert answered(shop, shop.charge(order), signature="0" * 128) == 401
        shop.pay(order)
        assert answered(shop, shop.charge(order)) == 200
        assert answered(shop, shop.charge(order, amount=1)) == 200

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(pay, accepted))

    completed(shop, accepted)
    books = read_books(shop, accepted)
    assert discrepancies(books) == []
    assert books.statuses == Counter({"PAYMENT_COMPLETED": len(accepted)})


def test_payments_are_not_lost_when_the_webhooks_worker_dies(shop: Shop) -> None:
    accepted = place_all(shop, 2 * SCALE.mixed_orders)
    settled(shop, accepted, PATIENCE)
    awaiting(shop, accepted, PATIENCE)

    with dying_workers(shop, every_seconds=0.1, seed=7) as killed:
        for order_id in accepted:
            shop.pay(shop.orders.get(order_id))  # PayStack repeats what is not answered
        wait_for(lambda: len(killed), lambda count: count > 0)
    completed(shop, accepted)

    assert discrepancies(read_books(shop, accepted)) == []


def test_a_payment_that_comes_late_is_kept_for_a_refund(shop: Shop) -> None:
    order = shop.awaiting_payment("1 loaf bread")
    shop.cancel(order.order_id)
    alerts = shop.alerts()

    shop.pay(order)  # PayStack's page still accepts the payment, and PayStack reports it
    (alert,) = wait_for(alerts, bool)
    assert str(order.payment_reference) in alert
    assert shop.deliver(shop.charge(order)).json() == {"result": "refund-due"}

    books = read_books(shop, [order.order_id])
    assert discrepancies(books, may_fail=True) == []
    (refund,) = books.orders[order.order_id].refunds_due
    assert (refund.reference, refund.amount) == (order.payment_reference, order.total_kobo)
    assert books.statuses == Counter({"CANCELLED": 1})
    assert alerts() == [], "a second alert"
