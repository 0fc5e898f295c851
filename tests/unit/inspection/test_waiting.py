"""What open orders wait for, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.orders.model import CancelRequest, Order, Parked
from orderflow.orders.status import CLOSED, PARKED, OrderStatus
from scripts.cli.operations.reconcile import waiting_view
from scripts.inspection.waiting import WaitsFor, waiting_orders, waits_for
from tests.support.factories import a_matched_order, a_new_order, a_payment, an_order, stored
from tests.support.memory_orders import InMemoryOrders
from tests.support.screen import rendered
from tests.unit.inspection.test_stuck_orders import Breakers

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
RETRY_AT = int((NOW + timedelta(seconds=40)).timestamp() * 1000)
OPEN = BreakerItem(provider="-", state=State.OPEN, retry_at=RETRY_AT, reason="HTTP 503.")
HELD = BreakerItem(provider="-", mode=Mode.FORCED_OPEN, mode_reason="Maintenance.")
CANCEL = CancelRequest(at=NOW, by="customer", reason="no")


def parked(provider: str = "paystack", **changes: object) -> Order:
    where = Parked(task_token="t", provider=provider, park_count=0, at=NOW - timedelta(minutes=5))
    return a_matched_order(status="PAYMENT_DELAYED", parked=where, history=[], **changes)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (parked("bedrock"), (WaitsFor.PROVIDER, "bedrock")),
        (a_matched_order(status="FAILED"), (WaitsFor.OPERATORS, None)),
        (an_order(), (WaitsFor.CUSTOMER, None)),
        (an_order(payment=a_payment()), (WaitsFor.CONFIRMATION, None)),
        (an_order(cancel_requested=CANCEL), (WaitsFor.CONFIRMATION, None)),
        (a_matched_order(status="AWAITING_REVIEW"), (WaitsFor.REVIEW, None)),
        (
            a_matched_order(status="AWAITING_REVIEW", cancel_requested=CANCEL),
            (WaitsFor.CONFIRMATION, None),
        ),
        (a_new_order(), (WaitsFor.STEP, None)),
        (a_matched_order(status="NEEDS_ATTENTION"), (WaitsFor.STEP, None)),
    ],
)
def test_an_open_order_waits_for_one_thing(
    order: Order, expected: tuple[WaitsFor, str | None]
) -> None:
    assert waits_for(order) == expected


def test_only_what_moves_by_itself_waits_for_a_step() -> None:
    """A status that is added here is named, or is said to be a step."""
    open_statuses = set(OrderStatus) - CLOSED
    steps = {
        status
        for status in open_statuses
        if waits_for(a_matched_order(status=status))[0] is WaitsFor.STEP
    }

    # Those that are parked name their provider.
    assert steps - {*PARKED} == {OrderStatus.PENDING_MATCHING, OrderStatus.MATCHED}


def test_orders_under_review_wait_since_they_were_shown_to_the_customer() -> None:
    at = NOW - timedelta(hours=3)
    order = a_matched_order(status="AWAITING_REVIEW", updated_at=at, history=[])

    (group,) = waiting_orders(store_of(order), Breakers(), NOW).groups

    assert (group.waits_for, group.since) == (WaitsFor.REVIEW, at)
    assert group.why == "For the customer's review of the products, before there is a link."


def store_of(*orders: Order) -> InMemoryOrders:
    store = InMemoryOrders("tests")
    for order in orders:
        stored(store, order)
    return store


def test_orders_that_wait_for_the_same_are_one_group() -> None:
    store = store_of(
        *[parked(customer_id="ada") for _ in range(2)],
        parked(customer_id="kemi"),
        an_order(status="PAYMENT_COMPLETED"),
        an_order(),
    )

    provider, customer = waiting_orders(store, Breakers(OPEN), NOW).groups

    assert (provider.count, provider.customers, provider.total_kobo) == (3, 2, 3 * 240_100)
    assert (provider.waits_for, provider.provider) == (WaitsFor.PROVIDER, "paystack")
    assert provider.as_json()["since"] == "2026-01-31T11:55:00.000Z"
    assert (customer.waits_for, customer.count) == (WaitsFor.CUSTOMER, 1)


@pytest.mark.parametrize(
    ("breaker", "parts"),
    [
        (OPEN, ["paystack (HTTP 503)", "one probe, in 40 s"]),
        (HELD, ["paystack (Maintenance)", "until an operator changes it"]),
        (BreakerItem(provider="-"), ["closed", "`orders resume --all --provider paystack`"]),
    ],
)
def test_what_ends_the_wait_for_a_provider_follows_from_its_breaker(
    breaker: BreakerItem, parts: list[str]
) -> None:
    (group,) = waiting_orders(store_of(parked()), Breakers(breaker), NOW).groups

    for part in parts:
        assert part in group.why


def test_groups_that_were_not_read_whole_say_so() -> None:
    store = store_of(an_order(), an_order(), a_new_order())

    found = waiting_orders(store, Breakers(), NOW, limit=1)

    assert {group.waits_for: group.is_complete for group in found.groups} == {
        WaitsFor.CUSTOMER: False,
        WaitsFor.STEP: True,
    }
    assert found.reading.unread == ["PAYMENT_INITIATED"]
    shown = rendered(waiting_view(found.groups, NOW), 200)
    assert "1+ orders wait (1+ customers, at least ₦" in shown
    assert "the first for at least " in shown
