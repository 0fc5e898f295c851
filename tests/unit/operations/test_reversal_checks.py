"""Refunds and disputes whose webhooks were lost are asked about; deadlines are reminded of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from orderflow.clock import iso
from orderflow.errors import PaystackUnavailable
from orderflow.operations import reversal_checks
from orderflow.operations.reversal_checks import ReversalChecks, ReversalChecksResult
from orderflow.orders.model import Order
from orderflow.orders.money_records import RefundStatus
from orderflow.platform.observability import metrics
from tests.support.reversals_scene import BEGIN, ReversalsScene
from tests.unit.payments.reversals.test_recording import dispute, report
from tests.unit.payments.reversals.test_refunding import open_dispute

R = RefundStatus


@pytest.fixture
def scene() -> Iterator[ReversalsScene]:
    yield ReversalsScene()
    metrics.clear_metrics()


def run(scene: ReversalsScene) -> ReversalChecksResult:
    return ReversalChecks(scene.orders, scene.inquiry, scene.recorder, lambda: scene.now).run()


def after(scene: ReversalsScene, order: Order) -> Order:
    return scene.orders.get(order.order_id)


def test_a_refund_whose_webhooks_are_lost_is_closed_all_the_same(scene: ReversalsScene) -> None:
    order = scene.paid_late()
    scene.refunding.carry_out(scene.request(order))
    scene.becomes(0, "processed")
    scene.passes(minutes=59)
    assert run(scene).checked == 0

    scene.passes(minutes=1)
    assert run(scene).checked == 1

    assert after(scene, order).due_refunds == []
    assert [each.status for each in after(scene, order).refunds] == [R.PROCESSED]
    scene.passes(days=2)
    assert run(scene).checked == 0


def test_the_pauses_double_up_to_a_day(scene: ReversalsScene) -> None:
    order = scene.paid_late()
    scene.refunding.carry_out(scene.request(order))
    hours = []
    for hour in range(100):
        if run(scene).checked:
            hours.append(hour)
        scene.passes(hours=1)

    assert hours == [1, 3, 7, 15, 31, 55, 79]


def test_a_request_that_never_came_to_paystack_is_given_up(scene: ReversalsScene) -> None:
    order = scene.paid_late()
    scene.fails["refund"] = PaystackUnavailable("No answer from PayStack: ConnectTimeoutError")
    with pytest.raises(PaystackUnavailable):
        scene.refunding.carry_out(scene.request(order))
    scene.passes(hours=1)

    run(scene)

    assert [each.status for each in after(scene, order).refunds] == [R.REFUSED]
    assert "did not come to PayStack" in scene.alerts[0]


def test_a_dispute_is_reminded_of_once_before_its_deadline(scene: ReversalsScene) -> None:
    order = scene.completed()
    dispute(scene, order)
    scene.disputed.append(open_dispute(order))
    scene.alerts.clear()
    scene.passes(hours=23, minutes=59)
    run(scene)
    assert scene.alerts == []

    scene.passes(minutes=1)
    scene.fails["verify"] = PaystackUnavailable("PayStack is out")  # it is not needed
    run(scene)
    run(scene)

    (alert,) = scene.alerts
    assert "waits for an answer" in alert
    assert iso(BEGIN + timedelta(hours=48)) in alert
    assert "₦2,401.00" in alert


def test_what_became_of_a_dispute_is_asked_after_its_deadline(scene: ReversalsScene) -> None:
    order = scene.completed()
    dispute(scene, order)
    ended = open_dispute(order).model_copy(
        update={"status": "resolved", "resolution": "auto-accepted", "refund_amount": 240_100}
    )
    scene.disputed.append(ended)
    scene.passes(hours=24)
    run(scene)
    scene.passes(hours=25)

    run(scene)

    (kept,) = after(scene, order).disputes
    assert (kept.is_open, kept.resolution) == (False, "auto-accepted")
    assert "a dispute is over" in scene.alerts[-1]
    scene.passes(days=3)
    assert run(scene).checked == 0


def test_the_first_outage_ends_a_run(scene: ReversalsScene) -> None:
    for _ in range(3):
        report(scene, scene.completed(), R.PENDING)
    scene.fails["verify"] = PaystackUnavailable("PayStack is out")
    scene.passes(hours=1)

    assert run(scene) == ReversalChecksResult()

    assert scene.calls == ["verify"]


def test_a_run_has_an_end(scene: ReversalsScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reversal_checks, "MAX_CHECKS", 2)
    for _ in range(3):
        report(scene, scene.completed(), R.PENDING)
    scene.passes(hours=1)

    assert [run(scene).checked, run(scene).checked] == [2, 1]


def test_one_of_a_payment_that_paystack_does_not_know_hides_no_other(
    scene: ReversalsScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reversal_checks, "MAX_CHECKS", 1)
    forged, real = scene.completed(), scene.completed()
    for order in (forged, real):
        report(scene, order, R.PENDING)
        scene.passes(seconds=1)
    del scene.charges[str(forged.payment_reference)]
    scene.passes(hours=1)

    run(scene)
    run(scene)

    assert [after(scene, order).refunds[0].checks for order in (forged, real)] == [1, 1]
