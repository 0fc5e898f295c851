"""What takes days on AWS runs end to end in seconds: on a stack whose time is divided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from cdk.durations import Durations
from orderflow.clock import iso
from orderflow.orders.model import Order
from orderflow.orders.reversals import RefundState
from orderflow.orders.status import OrderStatus
from tests.support.shop import Shop
from tests.support.stacks import make_healthy, running_shop
from tests.support.waiting import wait_for

pytestmark = pytest.mark.long

#: A day takes twelve seconds.
FACTOR = 7_200

LIST = "1 loaf bread"
SCALED = Durations().divided_by(FACTOR)
LINK_VALIDITY = timedelta(seconds=SCALED.link_validity)
LATE = timedelta(hours=72)


@pytest.fixture(scope="module")
def module_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("fast")
    with running_shop(folder, "fast", time_factor=FACTOR, waits=0.1) as shop:
        yield shop


@pytest.fixture
def fast_shop(module_shop: Shop) -> Iterator[Shop]:
    yield module_shop
    make_healthy(module_shop)


def reached(order: Order, status: OrderStatus) -> datetime:
    """When the order came to this status."""
    (at,) = [change.at for change in order.history if change.status is status]
    return at


def states(shop: Shop, order: Order) -> list[str]:
    """The states that the order's execution has entered."""
    return [visit.name for visit in shop.progress(order).visits]


def expired(shop: Shop) -> Order:
    """An order that was not paid, as it was before its end."""
    order = shop.awaiting_payment(LIST)
    shop.reach(order.order_id, "EXPIRED")
    return order


def test_a_link_that_is_not_paid_expires_after_its_24_hours(fast_shop: Shop) -> None:
    order = fast_shop.awaiting_payment(LIST)
    ends = order.payment_link_expires_at
    assert ends is not None

    fast_shop.reach(order.order_id, "EXPIRED")

    assert fast_shop.finished(order).status == "SUCCEEDED"
    after = fast_shop.orders.get(order.order_id)
    opened = reached(after, OrderStatus.PAYMENT_INITIATED)
    assert timedelta(0) < ends - opened <= LINK_VALIDITY
    assert reached(after, OrderStatus.EXPIRED) >= ends
    path = states(fast_shop, order)
    after_the_wait = path[path.index("AwaitPayment") + 1 :]
    assert (after_the_wait[0], after_the_wait[-1]) == ("VerifyPayment", "ExpireOrder")
    # A busy machine answers too late at times; then the execution asks PayStack again.
    assert set(after_the_wait[1:-1]) <= {"WaitToVerify", "VerifyPayment"}


def test_an_order_does_not_expire_unasked_and_its_payment_is_found(fast_shop: Shop) -> None:
    order = fast_shop.awaiting_payment(LIST)
    fast_shop.set_fault("paystack", mode="outage", operations=["verify"])
    fast_shop.pay_silently(order)

    wait_for(lambda: states(fast_shop, order).count("WaitToVerify"), lambda times: times > 1)
    undecided = fast_shop.orders.get(order.order_id)
    assert undecided.status is OrderStatus.PAYMENT_INITIATED
    make_healthy(fast_shop)

    fast_shop.reach(order.order_id, "PAYMENT_COMPLETED")
    assert fast_shop.finished(order).status == "SUCCEEDED"


def test_a_webhook_that_comes_72_hours_late_makes_a_refund_due(fast_shop: Shop) -> None:
    order = expired(fast_shop)
    read_alerts = fast_shop.alerts()
    # So that nothing but the webhook reports the payment.
    fast_shop.set_fault("paystack", mode="outage", operations=["verify"])

    fast_shop.pay_silently(order)  # PayStack's page still accepts payments
    fast_shop.announce(order, after=LATE)

    (refund,) = wait_for(lambda: fast_shop.orders.get(order.order_id).refunds_due, bool)
    assert (refund.reference, refund.amount) == (order.payment_reference, order.total_kobo)
    assert refund.reason == "order-ended"
    assert refund.at - refund.paid_at >= LATE / FACTOR
    assert any("give it back" in alert for alert in wait_for(read_alerts, bool))
    after = fast_shop.orders.get(order.order_id)
    assert (after.status, after.payment) == ("EXPIRED", None)
    wait_for(lambda: "give the money back" in json.dumps(fast_shop.emails(order.order_id)), bool)


def test_a_dispute_that_nobody_answers_is_lost_at_its_deadline_after_48_hours(
    fast_shop: Shop,
) -> None:
    order = fast_shop.awaiting_payment(LIST)
    fast_shop.pay(order)
    fast_shop.reach(order.order_id, "PAYMENT_COMPLETED")
    read_alerts = fast_shop.alerts()

    fast_shop.act(order, "dispute")
    (opened,) = wait_for(lambda: fast_shop.orders.get(order.order_id).disputes, bool)
    (ended,) = wait_for(
        lambda: fast_shop.orders.get(order.order_id).disputes, lambda seen: not seen[0].is_open
    )

    assert opened.due_at is not None
    assert ended.due_at == opened.due_at
    assert ended.resolution == "auto-accepted"
    assert ended.resolved_at is not None
    assert ended.resolved_at >= opened.due_at
    assert ended.reminded_at is not None or ended.own_reminder_at is not None
    after = fast_shop.orders.get(order.order_id)
    assert (after.status, after.refund_state) == ("PAYMENT_COMPLETED", RefundState.GIVEN_BACK)
    heard: list[str] = []
    wait_for(
        lambda: heard.extend(read_alerts()) or "".join(heard),
        lambda text: (
            "A customer's bank disputes a payment" in text
            and "It was decided for the customer: the money went back." in text
        ),
    )


def test_money_that_comes_after_the_end_is_found_without_a_webhook(fast_shop: Shop) -> None:
    order = expired(fast_shop)

    fast_shop.pay_silently(order)

    (refund,) = wait_for(lambda: fast_shop.orders.get(order.order_id).refunds_due, bool)
    (paid,) = [fast_shop.transactions()[str(order.payment_reference)]]
    assert (refund.reference, iso(refund.paid_at)) == (order.payment_reference, paid["paidAt"])
