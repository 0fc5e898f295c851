"""Which customers missed their e-mail because SES refuses the shop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orderflow.orders.model import Order, StatusChange
from orderflow.orders.status import OrderStatus
from scripts.console.emails import missed_emails
from tests.support.factories import an_order, an_order_id

NOW = datetime(2026, 1, 31, 14, 30, tzinfo=UTC)
REFUSED = NOW - timedelta(minutes=10)


def linked(minutes_ago: float, *, sent: bool, token: str | None = "t") -> Order:
    order_id = an_order_id()
    at = NOW - timedelta(minutes=minutes_ago)
    return an_order(
        order_id=order_id,
        task_token=token,
        notified_reference=f"{order_id}-1" if sent else None,
        history=[StatusChange(status=OrderStatus.PAYMENT_INITIATED, at=at, by="t")],
    )


def test_orders_after_a_refusal_that_got_no_email_missed_it() -> None:
    sent, first, second = linked(20, sent=True), linked(10, sent=False), linked(5, sent=False)

    missed = missed_emails([sent, first, second], REFUSED, NOW)

    assert missed is not None
    assert missed.orders == [second, first]
    assert (missed.since, missed.is_over) == (NOW - timedelta(minutes=10), False)


def test_it_is_over_when_a_later_order_got_its_email() -> None:
    orders = [linked(10, sent=False), linked(4, sent=True), linked(2, sent=True)]

    missed = missed_emails(orders, REFUSED, NOW)

    assert missed is not None
    assert missed.until == NOW - timedelta(minutes=4)


def test_one_address_that_bounces_is_no_refusal_of_us() -> None:
    assert missed_emails([linked(10, sent=False)], None, NOW) is None
    assert missed_emails([linked(10, sent=False)], NOW - timedelta(hours=2), NOW) is None


def test_an_email_that_may_still_be_under_way_is_not_missed() -> None:
    assert missed_emails([linked(1, sent=False, token=None)], REFUSED, NOW) is None
    assert missed_emails([], REFUSED, NOW) is None
