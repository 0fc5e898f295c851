"""Refunds that are due: listed until people are done with them."""

from __future__ import annotations

import pytest

from orderflow.errors import StoreUnavailable
from orderflow.orders.model import Order
from orderflow.orders.money_records import Refund, RefundDue, RefundReason, RefundStatus
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.payments import refunds
from orderflow.payments.paystack import Charge
from tests.support.factories import an_order, stored


def a_charge(reference: str = "order-1-1", amount: int = 240_100) -> Charge:
    return Charge(reference=reference, amount=amount, currency="NGN", status="success")


@pytest.fixture
def order(store: OrderStore) -> Order:
    return stored(store, an_order(status=OrderStatus.EXPIRED))


def flag(order: Order, store: OrderStore, charge: Charge | None = None) -> Order:
    return refunds.record(order, charge or a_charge(), RefundReason.ORDER_ENDED, store)


def listed(store: OrderStore) -> list[str]:
    return [order.order_id for order in store.with_refunds_due()]


def test_what_is_flagged_is_listed(store: OrderStore, order: Order) -> None:
    stored(store, an_order())

    flagged = flag(order, store)

    assert flagged == store.get(order.order_id)
    assert listed(store) == [order.order_id]
    assert [refund.reference for refund in flagged.due_refunds] == ["order-1-1"]


def test_it_is_flagged_once(store: OrderStore, order: Order) -> None:
    flagged = flag(order, store)

    assert flag(flagged, store) == flagged


@pytest.mark.parametrize("other", [a_charge("order-1-2"), a_charge(amount=1)], ids=str)
def test_another_payment_is_flagged_too(store: OrderStore, order: Order, other: Charge) -> None:
    flagged = flag(flag(order, store), store, other)

    assert len(flagged.refunds_due) == 2
    assert refunds.find(flagged, other) == flagged.refunds_due[1]
    assert listed(store) == [order.order_id]


def test_an_order_keeps_no_more_than_fit_into_it(store: OrderStore, order: Order) -> None:
    for number in range(refunds.MAX_REFUNDS + 1):
        order = flag(order, store, a_charge(amount=number))

    assert len(store.get(order.order_id).refunds_due) == refunds.MAX_REFUNDS
    assert refunds.find(order, a_charge(amount=refunds.MAX_REFUNDS)) is None


def test_of_two_at_the_same_moment_one_comes_again(store: OrderStore, order: Order) -> None:
    flag(order, store)

    with pytest.raises(StoreUnavailable):
        flag(order, store, a_charge("order-1-2"))

    assert len(flag(store.get(order.order_id), store, a_charge("order-1-2")).refunds_due) == 2


def test_an_order_of_before_there_were_refunds_can_be_flagged(
    store: OrderStore, order: Order
) -> None:
    store._table.update_item(
        Key={"orderId": order.order_id}, UpdateExpression="REMOVE refundsRevision, refundsDue"
    )

    assert flag(store.get(order.order_id), store).refunds_revision == 1


def test_notifications_are_recorded(store: OrderStore, order: Order) -> None:
    order = flag(order, store)
    order = refunds.operations_notified(order, order.refunds_due[0], store)
    order = refunds.customer_notified(order, order.refunds_due[0], store)

    (refund,) = store.get(order.order_id).refunds_due
    assert refund.notified_at
    assert refund.customer_notified_at


def test_settled_it_leaves_the_list_and_stays_on_the_order(store: OrderStore, order: Order) -> None:
    flagged = flag(flag(order, store), store, a_charge("order-1-2"))

    once = refunds.settle(flagged, "order-1-1", store)
    assert [refund.reference for refund in once.due_refunds] == ["order-1-2"]
    assert listed(store) == [order.order_id]

    twice = refunds.settle(once, "order-1-2", store)
    assert listed(store) == []
    assert len(twice.refunds_due) == 2


def test_the_event_of_a_settled_one_does_not_bring_it_back(store: OrderStore, order: Order) -> None:
    settled = refunds.settle(flag(order, store), "order-1-1", store)

    assert flag(settled, store) == settled


def test_a_payment_that_is_reported_after_its_refund_is_not_due(
    store: OrderStore, order: Order
) -> None:
    refund = Refund(
        reference="order-1-1",
        amount=240_100,
        currency="NGN",
        status=RefundStatus.PROCESSED,
        at=order.created_at,
        updated_at=order.created_at,
    )
    known = store.record_reversals(order, order.model_copy(update={"refunds": [refund]}))

    flagged = flag(known, store)

    assert (flagged.due_refunds, listed(store)) == ([], [])
    assert [due.notified_at is not None for due in flagged.refunds_due] == [True]


def test_nothing_is_settled_that_is_not_due(store: OrderStore, order: Order) -> None:
    settled = refunds.settle(flag(order, store), "order-1-1", store)

    for reference in ("order-1-1", "another-1"):
        with pytest.raises(refunds.NoSuchRefundError):
            refunds.settle(settled, reference, store)


def test_the_oldest_come_first(store: OrderStore) -> None:
    for at in ("2026-02-02", "2026-02-01", "2026-02-03"):
        order = stored(store, an_order(order_id=at, status=OrderStatus.EXPIRED))
        refund = RefundDue(
            reference="r-1",
            amount=1,
            currency="NGN",
            reason=RefundReason.ORDER_ENDED,
            at=f"{at}T00:00:00Z",
            paid_at=f"{at}T00:00:00Z",
        )
        store.record_refunds(order, [refund])

    assert listed(store) == ["2026-02-01", "2026-02-02", "2026-02-03"]
