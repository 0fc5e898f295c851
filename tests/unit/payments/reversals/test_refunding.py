"""Giving money back: each request once, and never where it would go back twice."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from orderflow.clock import iso
from orderflow.errors import (
    BreakerOpen,
    OrderNotFoundError,
    PaystackUnavailable,
    RefundRefusedError,
    StoreUnavailable,
)
from orderflow.orders.model import Order
from orderflow.orders.money_records import RefundStatus
from orderflow.orders.status import OrderStatus
from orderflow.payments.reversals.api import MadeRefund, NewRefund
from orderflow.payments.reversals.asking import LISTED_AFTER
from orderflow.payments.reversals.events import DisputeReport, RefundReport
from tests.support.factories import an_order
from tests.support.reversals_scene import BEGIN, PAID, REQUEST, ReversalsScene

R = RefundStatus
ANOTHER = "9d7b7c1e-52a4-4f39-8a3a-6f1d5c0a9e00"


def after(scene: ReversalsScene, order: Order) -> Order:
    return scene.orders.get(order.order_id)


def open_dispute(order: Order) -> DisputeReport:
    return DisputeReport.model_validate(
        {
            "id": 358_950,
            "status": "awaiting-merchant-feedback",
            "transaction": {"reference": order.payment_reference},
            "dueAt": iso(BEGIN + timedelta(hours=48)),
        }
    )


def test_what_is_due_is_given_back_and_says_who_wanted_it_and_why(scene: ReversalsScene) -> None:
    order = scene.paid_late()

    refund = scene.refunding.carry_out(scene.request(order))

    (made,) = scene.made
    assert (made.amount, made.request_id) == (PAID, REQUEST)
    assert after(scene, order).refunds == [refund]
    assert (refund.status, refund.refund_id) == (R.PENDING, made.id)
    assert (refund.by, refund.reason, refund.at) == ("kemi", "The order had ended.", BEGIN)
    assert len(after(scene, order).due_refunds) == 1, "it is closed when it is processed"
    assert scene.alerts == []


def test_the_payment_of_an_order_that_is_paid_can_be_given_back_in_parts(
    scene: ReversalsScene,
) -> None:
    order = scene.completed()

    scene.refunding.carry_out(scene.request(order, amount=100))
    scene.becomes(0, "processed")
    scene.refunding.carry_out(scene.request(order, request_id=ANOTHER))

    assert [made.amount for made in scene.made] == [100, PAID - 100]


def test_a_plan_moves_no_money(scene: ReversalsScene) -> None:
    order = scene.paid_late()

    plan = scene.refunding.plan(scene.request(order))

    assert (plan.amount, plan.paid, plan.currency) == (PAID, PAID, "NGN")
    assert scene.made == []
    assert after(scene, order) == order


def test_the_same_request_again_gives_nothing_back_twice(scene: ReversalsScene) -> None:
    order = scene.paid_late()

    refunds = [scene.refunding.carry_out(scene.request(order)) for _ in range(3)]

    assert len(scene.made) == 1
    assert refunds == [refunds[0]] * 3


@pytest.mark.parametrize(
    ("minutes", "request_id", "by_note"), list(product([1, 9], [REQUEST, ANOTHER], [True, False]))
)
def test_after_a_lost_answer_nothing_is_given_back_twice(
    scene: ReversalsScene, minutes: int, request_id: str, by_note: bool
) -> None:
    """The answer of the call is lost, and so is what the function would have recorded."""
    order = scene.paid_late()
    scene.answer_lost = PaystackUnavailable("No answer from PayStack: ReadTimeoutError")
    with pytest.raises(PaystackUnavailable):
        scene.refunding.carry_out(scene.request(order))
    if not by_note:
        scene.made[0] = scene.made[0].model_copy(update={"merchant_note": None})
    scene.passes(minutes=minutes)

    if request_id == REQUEST:
        assert scene.refunding.carry_out(scene.request(order)).status is R.PENDING
    else:
        with pytest.raises(RefundRefusedError, match="being given back"):
            scene.refunding.carry_out(scene.request(order, request_id=ANOTHER))

    assert len(scene.made) == 1
    (refund,) = after(scene, order).refunds
    assert (refund.refund_id, refund.request_id) == (scene.made[0].id, REQUEST)


def test_while_paystacks_list_may_lag_nothing_is_asked_for_again(scene: ReversalsScene) -> None:
    order = scene.paid_late()
    scene.answer_lost = PaystackUnavailable("No answer from PayStack: ReadTimeoutError")
    with pytest.raises(PaystackUnavailable):
        scene.refunding.carry_out(scene.request(order))
    hidden = scene.made.pop()
    scene.answer_lost = None

    with pytest.raises(RefundRefusedError, match="not known yet"):
        scene.refunding.carry_out(scene.request(order, request_id=ANOTHER))
    scene.made.append(hidden)
    scene.passes(seconds=LISTED_AFTER.total_seconds())

    with pytest.raises(RefundRefusedError, match="being given back"):
        scene.refunding.carry_out(scene.request(order, request_id=ANOTHER))
    assert len(scene.made) == 1


def test_a_request_that_did_not_come_to_paystack_is_given_up_and_can_be_made_again(
    scene: ReversalsScene,
) -> None:
    order = scene.paid_late()
    scene.fails["refund"] = PaystackUnavailable("No answer from PayStack: ConnectTimeoutError")
    with pytest.raises(PaystackUnavailable):
        scene.refunding.carry_out(scene.request(order))
    del scene.fails["refund"]
    scene.passes(seconds=LISTED_AFTER.total_seconds())

    scene.refunding.carry_out(scene.request(order, request_id=ANOTHER))

    assert [each.status for each in after(scene, order).refunds] == [R.REFUSED, R.PENDING]
    assert len(scene.made) == 1
    assert "refused" in scene.alerts[0]


@pytest.mark.parametrize(
    "error", [RefundRefusedError("PayStack refuses the refund: no balance"), BreakerOpen()]
)
def test_one_that_paystack_does_not_make_is_noted_and_leaves_it_due(
    scene: ReversalsScene, error: Exception
) -> None:
    order = scene.paid_late()
    scene.fails["refund"] = error

    with pytest.raises(type(error)):
        scene.refunding.carry_out(scene.request(order))

    refused = after(scene, order)
    assert [each.status for each in refused.refunds] == [R.REFUSED]
    assert refused.refunds[0].note
    assert len(refused.due_refunds) == 1
    assert scene.alerts == [], "the operator sees it"
    with pytest.raises(RefundRefusedError, match="not made"):
        scene.refunding.carry_out(scene.request(order))


def test_two_operators_at_once_make_one(scene: ReversalsScene) -> None:
    order = scene.paid_late()
    refunding = scene.refunding
    original = scene.disputes

    def while_the_first_asks(charge: Any) -> Any:
        scene.disputes = original  # type: ignore[method-assign]
        refunding.carry_out(scene.request(order, request_id=ANOTHER))
        return original(charge)

    scene.disputes = while_the_first_asks  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        refunding.carry_out(scene.request(order))

    assert len(scene.made) == 1


@pytest.mark.parametrize("status", [R.PENDING, R.PROCESSED, R.FAILED])
def test_paystacks_webhook_may_overtake_its_answer(scene: ReversalsScene, status: R) -> None:
    order = scene.paid_late()
    original = scene.refund

    def announced_first(refund: NewRefund) -> MadeRefund:
        made = original(refund)
        event = {
            "transaction_reference": refund.reference, "refund_reference": None,
            "amount": refund.amount, "currency": "NGN",
        }  # fmt: skip
        scene.recorder.refund(RefundReport.model_validate(event), status)
        return made

    scene.refund = announced_first  # type: ignore[method-assign]

    refund = scene.refunding.carry_out(scene.request(order))

    assert after(scene, order).refunds == [refund]
    assert (refund.refund_id, refund.request_id) == (scene.made[0].id, REQUEST)
    assert refund.status is status
    assert len(scene.alerts) == 1


class TestRefusals:
    @pytest.mark.parametrize("act", ["plan", "carry_out"])
    def test_while_the_payment_is_disputed(self, scene: ReversalsScene, act: str) -> None:
        order = scene.paid_late()
        scene.disputed.append(open_dispute(order))  # and its webhook was lost

        with pytest.raises(RefundRefusedError, match="dispute 358950") as refusal:
            getattr(scene.refunding, act)(scene.request(order))

        assert iso(BEGIN + timedelta(hours=48)) in str(refusal.value)
        assert scene.made == []
        assert len(after(scene, order).disputes) == 1

    def test_more_than_is_left(self, scene: ReversalsScene) -> None:
        order = scene.completed()
        scene.make(str(order.payment_reference), 100)  # by staff, in the dashboard

        with pytest.raises(RefundRefusedError, match=r"₦2,400.00 is left"):
            scene.refunding.carry_out(scene.request(order, amount=PAID))

        assert len(scene.made) == 1

    def test_all_is_given_back(self, scene: ReversalsScene) -> None:
        order = scene.completed()
        scene.make(str(order.payment_reference), PAID)

        with pytest.raises(RefundRefusedError, match="All of"):
            scene.refunding.carry_out(scene.request(order, amount=1))

    @pytest.mark.parametrize("status", ["reversed", "abandoned", "failed", "pending"])
    def test_a_payment_that_is_none(self, scene: ReversalsScene, status: str) -> None:
        order = scene.paid_late()
        scene.charges[str(order.payment_reference)] = status

        with pytest.raises(RefundRefusedError, match=status):
            scene.refunding.carry_out(scene.request(order))

    def test_a_reversed_payment_closes_what_is_due(self, scene: ReversalsScene) -> None:
        order = scene.paid_late()
        scene.charges[str(order.payment_reference)] = "reversed"

        with pytest.raises(RefundRefusedError):
            scene.refunding.plan(scene.request(order))

        assert after(scene, order).due_refunds == []

    def test_a_payment_that_paystack_does_not_know(self, scene: ReversalsScene) -> None:
        order = scene.paid_late()
        scene.charges.clear()

        with pytest.raises(RefundRefusedError, match="forged"):
            scene.refunding.carry_out(scene.request(order))

    def test_a_payment_of_another_order(self, scene: ReversalsScene) -> None:
        order, other = scene.paid_late(), scene.paid_late()

        with pytest.raises(RefundRefusedError, match="no payment of this order"):
            scene.refunding.carry_out(scene.request(order, reference=other.payment_reference))

    def test_the_payment_of_an_order_that_goes_on(self, scene: ReversalsScene) -> None:
        order = an_order(status=OrderStatus.PAYMENT_INITIATED)
        scene.orders.put(order)
        scene.charges[str(order.payment_reference)] = "success"

        with pytest.raises(RefundRefusedError, match="goes on with this payment"):
            scene.refunding.carry_out(scene.request(order))

    def test_an_unknown_order(self, scene: ReversalsScene) -> None:
        request = scene.request(scene.paid_late(), order_id="another", reference="another-1")

        with pytest.raises(OrderNotFoundError):
            scene.refunding.carry_out(request)

    @pytest.mark.parametrize("call", ["verify", "refunds", "disputes"])
    def test_where_paystack_can_not_be_asked_nothing_is_given_back(
        self, scene: ReversalsScene, call: str
    ) -> None:
        order = scene.paid_late()
        scene.fails[call] = PaystackUnavailable("PayStack answered with status 503")

        with pytest.raises(PaystackUnavailable):
            scene.refunding.carry_out(scene.request(order))

        assert (scene.made, after(scene, order)) == ([], order)
