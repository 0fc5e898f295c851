"""Reported refunds and disputes: kept on their order, in whatever sequence they come."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.clock import iso
from orderflow.errors import NotificationUnavailable
from orderflow.orders.model import Order
from orderflow.orders.money_records import RefundReason, RefundStatus
from orderflow.orders.reversals import RefundState
from orderflow.payments.paystack import Charge
from orderflow.payments.reversals.events import DisputeReport, RefundReport, RejectedTransfer
from tests.support.reversals_scene import BEGIN, PAID, ReversalsScene

R = RefundStatus
REPORTED = [R.PENDING, R.PROCESSING, R.NEEDS_ATTENTION, R.FAILED, R.PROCESSED]


def report(scene: ReversalsScene, order: Order, status: R, **changes: Any) -> str:
    """PayStack sends a refund's event; only some have names of the refund."""
    ends = status in (R.PROCESSED, R.FAILED, R.NEEDS_ATTENTION)
    data = {
        "transaction_reference": order.payment_reference,
        "refund_reference": "TRF_1" if ends else None,
        "amount": str(PAID),
        "currency": "NGN",
        **changes,
    }
    return scene.recorder.refund(RefundReport.model_validate(data), status)


def dispute(
    scene: ReversalsScene, order: Order, event: str = "create", hours: float = 0, **changes: Any
) -> str:
    data = {
        "id": 358_950,
        "refund_amount": PAID,
        "currency": "NGN",
        "status": "resolved" if event == "resolve" else "awaiting-merchant-feedback",
        "resolution": "auto-accepted" if event == "resolve" else None,
        "category": "chargeback",
        "transaction": {"reference": order.payment_reference, "amount": PAID, "currency": "NGN"},
        "dueAt": iso(BEGIN + timedelta(hours=48)),
        "resolvedAt": iso(BEGIN + timedelta(hours=48)) if event == "resolve" else None,
        "created_at": iso(BEGIN),
        "updated_at": iso(BEGIN + timedelta(hours=hours)),
        **changes,
    }
    return scene.recorder.dispute(DisputeReport.model_validate(data), reminds=event == "remind")


def after(scene: ReversalsScene, order: Order) -> Order:
    return scene.orders.get(order.order_id)


class TestRefunds:
    def test_a_processed_one_closes_what_is_due(self, scene: ReversalsScene) -> None:
        order = scene.paid_late()
        assert order.refund_state is RefundState.BEING_GIVEN_BACK

        assert report(scene, order, R.PROCESSED) == "refund-recorded"

        closed = after(scene, order)
        assert closed.due_refunds == []
        assert closed.refund_state is RefundState.GIVEN_BACK
        assert closed.version == order.version + 1

    def test_a_part_closes_nothing_until_all_of_it_is_back(self, scene: ReversalsScene) -> None:
        order = scene.paid_late()

        report(scene, order, R.PROCESSED, amount=100_000)
        (due,) = after(scene, order).due_refunds
        assert after(scene, order).outstanding(due) == PAID - 100_000
        report(scene, order, R.PROCESSED, amount=PAID - 100_000, refund_reference="TRF_2")

        assert after(scene, order).due_refunds == []

    @pytest.mark.parametrize("status", REPORTED)
    def test_each_change_is_alerted_about_once_with_its_amount(
        self, scene: ReversalsScene, status: R
    ) -> None:
        order = scene.completed()

        outcomes = [report(scene, order, status) for _ in range(3)]

        assert outcomes == ["refund-recorded", "refund-repeated", "refund-repeated"]
        (alert,) = scene.alerts
        assert "₦2,401.00" in alert
        assert str(order.payment_reference) in alert
        assert str(status) in alert
        assert "leaked" not in alert

    @pytest.mark.parametrize("sequence", list(permutations([R.PENDING, R.PROCESSING, R.PROCESSED])))
    def test_in_every_sequence_it_ends_processed_and_is_one(
        self, scene: ReversalsScene, sequence: tuple[R, ...]
    ) -> None:
        order = scene.completed()

        for status in sequence:
            report(scene, order, status)

        (refund,) = after(scene, order).refunds
        assert (refund.status, refund.refund_reference) == (R.PROCESSED, "TRF_1")
        assert refund.check_at is None

    def test_two_of_the_same_amount_are_two(self, scene: ReversalsScene) -> None:
        order = scene.completed()
        report(scene, order, R.PROCESSED, amount=100)

        report(scene, order, R.PROCESSED, amount=100, refund_reference="TRF_2")

        assert [each.status for each in after(scene, order).refunds] == [R.PROCESSED] * 2
        assert after(scene, order).given_back(str(order.payment_reference)) == 200

    def test_one_that_was_retried_is_the_same(self, scene: ReversalsScene) -> None:
        order = scene.completed()
        report(scene, order, R.NEEDS_ATTENTION, id="123456")

        report(scene, order, R.PROCESSED, refund_reference="132013318360")

        (refund,) = after(scene, order).refunds
        assert (refund.status, refund.refund_id) == (R.PROCESSED, 123456)

    @pytest.mark.parametrize("status", [R.FAILED, R.NEEDS_ATTENTION])
    def test_one_that_fails_is_due(self, scene: ReversalsScene, status: R) -> None:
        order = scene.completed()
        report(scene, order, R.PROCESSED, amount=100, refund_reference="TRF_0")

        report(scene, order, status, amount=400)

        failed = after(scene, order)
        (due,) = failed.due_refunds
        assert (due.reason, failed.outstanding(due)) == (RefundReason.REFUND_FAILED, 400)
        assert failed.refund_state is RefundState.BEING_GIVEN_BACK

    @pytest.mark.parametrize("status", [R.FAILED, R.NEEDS_ATTENTION])
    def test_one_that_fails_opens_again_what_was_settled(
        self, scene: ReversalsScene, status: R
    ) -> None:
        order = scene.paid_late()
        report(scene, order, R.PENDING)
        settled = [each.model_copy(update={"settled_at": scene.now}) for each in order.refunds_due]
        scene.orders.record_refunds(after(scene, order), settled)

        report(scene, order, status)

        assert [due.reference for due in after(scene, order).due_refunds] == [
            order.payment_reference
        ]
        assert len(after(scene, order).refunds_due) == 1

    def test_a_failure_after_the_end_waits_for_paystacks_list(self, scene: ReversalsScene) -> None:
        order = scene.completed()
        report(scene, order, R.PROCESSED)

        report(scene, order, R.FAILED)

        (refund,) = after(scene, order).refunds
        assert (refund.status, refund.check_at) == (R.PROCESSED, BEGIN)
        scene.make(refund.reference, PAID, status="failed")
        scene.inquiry.ask(after(scene, order), refund.reference)
        assert [each.status for each in after(scene, order).refunds] == [R.FAILED]
        assert len(after(scene, order).due_refunds) == 1

    def test_of_an_unknown_order_it_is_only_alerted(self, scene: ReversalsScene) -> None:
        order = scene.completed()

        outcome = report(scene, order, R.PROCESSED, transaction_reference="T685312322670591")

        assert outcome == "unknown-order"
        assert "T685312322670591" in scene.alerts[0]
        assert "₦2,401.00" in scene.alerts[0]

    def test_an_alert_that_failed_is_sent_with_the_repetition(self, scene: ReversalsScene) -> None:
        order = scene.completed()
        scene.alerts_fail = True
        with pytest.raises(NotificationUnavailable):
            report(scene, order, R.PROCESSED)
        scene.alerts_fail = False

        assert report(scene, order, R.PROCESSED) == "refund-repeated"

        assert len(scene.alerts) == 1
        assert len(after(scene, order).refunds) == 1

    def test_an_order_keeps_no_more_than_fit_into_it(self, scene: ReversalsScene) -> None:
        order = scene.completed()

        for number in range(60):
            report(scene, order, R.PROCESSED, amount=number, refund_reference=f"TRF_{number}")

        assert len(after(scene, order).refunds) == 50

    @given(statuses=st.lists(st.sampled_from(REPORTED), max_size=12))
    def test_whatever_comes_a_refund_never_goes_back(self, statuses: list[R]) -> None:
        scene = ReversalsScene()
        order = scene.completed()
        for status in statuses:
            before = after(scene, order)
            report(scene, order, status, refund_reference=None)
            now = after(scene, order)
            for old, new in zip(before.refunds, now.refunds, strict=False):
                assert new.status is old.status or old.can_become(new.status)
            assert now.version - before.version == (now.refund_state != before.refund_state)
            assert all(each.notified_status is each.status for each in now.refunds)
        assert len(after(scene, order).refunds) <= 1


class TestReversedCharges:
    def charge(self, order: Order) -> Charge:
        return Charge(
            reference=order.payment_reference, amount=PAID, currency="NGN", status="reversed"
        )

    def test_one_that_no_refund_explains_is_recorded_and_alerted_about_once(
        self, scene: ReversalsScene
    ) -> None:
        order = scene.paid_late()

        for _ in range(2):
            scene.recorder.reversed_charge(after(scene, order), self.charge(order))

        (refund,) = after(scene, order).refunds
        assert (refund.amount, refund.status) == (PAID, R.PROCESSED)
        assert after(scene, order).due_refunds == []
        assert len(scene.alerts) == 1

    def test_what_refunds_explain_is_not_recorded_twice(self, scene: ReversalsScene) -> None:
        order = scene.completed()
        report(scene, order, R.PENDING)

        scene.recorder.reversed_charge(after(scene, order), self.charge(order))
        report(scene, order, R.PROCESSED)

        assert [each.status for each in after(scene, order).refunds] == [R.PROCESSED]


class TestDisputes:
    def test_it_is_kept_and_alerted_about_once_with_its_deadline(
        self, scene: ReversalsScene
    ) -> None:
        order = scene.completed()

        outcomes = [dispute(scene, order) for _ in range(3)]

        assert outcomes == ["dispute-recorded", "dispute-repeated", "dispute-repeated"]
        (kept,) = after(scene, order).disputes
        assert (kept.dispute_id, kept.amount, kept.currency) == (358_950, PAID, "NGN")
        assert kept.is_open
        (alert,) = scene.alerts
        assert "₦2,401.00" in alert
        assert iso(BEGIN + timedelta(hours=48)) in alert

    @pytest.mark.parametrize("sequence", list(permutations(["create", "remind", "resolve"])))
    def test_in_every_sequence_it_ends_resolved(
        self, scene: ReversalsScene, sequence: tuple[str, ...]
    ) -> None:
        order = scene.completed()
        hours = {"create": 0, "remind": 24, "resolve": 48}

        for event in sequence:
            dispute(scene, order, event, hours[event])

        (kept,) = after(scene, order).disputes
        assert (kept.status, kept.resolution) == ("resolved", "auto-accepted")
        assert kept.check_at is None
        assert after(scene, order).refund_state is RefundState.GIVEN_BACK

    def test_paystacks_reminder_is_alerted_about_once(self, scene: ReversalsScene) -> None:
        order = scene.completed()
        dispute(scene, order)

        for _ in range(2):
            dispute(scene, order, "remind")  # PayStack's sample has the creation's time

        assert len(scene.alerts) == 2
        assert "waits for an answer" in scene.alerts[1]

    def test_a_new_deadline_is_alerted_about_and_a_late_report_changes_nothing(
        self, scene: ReversalsScene
    ) -> None:
        order = scene.completed()
        dispute(scene, order)
        later = iso(BEGIN + timedelta(hours=72))
        dispute(scene, order, hours=1, dueAt=later)

        assert dispute(scene, order) == "dispute-repeated"

        (kept,) = after(scene, order).disputes
        assert kept.due_at is not None
        assert iso(kept.due_at) == later
        assert [later in alert for alert in scene.alerts] == [False, True]

    def test_one_that_is_lost_closes_what_is_due(self, scene: ReversalsScene) -> None:
        order = scene.paid_late()
        dispute(scene, order)

        dispute(scene, order, "resolve", 48)

        assert after(scene, order).due_refunds == []

    def test_one_that_is_won_leaves_it_due(self, scene: ReversalsScene) -> None:
        order = scene.paid_late()

        dispute(scene, order, "resolve", 48, resolution="declined")

        assert len(after(scene, order).due_refunds) == 1

    def test_money_that_is_reported_as_refund_and_as_dispute_counts_once(
        self, scene: ReversalsScene
    ) -> None:
        order = scene.paid_late()
        half = PAID // 2

        dispute(scene, order, "resolve", 48, refund_amount=half)
        report(scene, order, R.PROCESSED, amount=half)

        (due,) = after(scene, order).due_refunds
        assert after(scene, order).outstanding(due) == PAID - half

    def test_of_an_unknown_order_it_is_alerted_with_its_deadline(
        self, scene: ReversalsScene
    ) -> None:
        order = scene.completed()

        outcome = dispute(scene, order, transaction={"reference": "v3mjfgbnc19v97x"})

        assert outcome == "unknown-order"
        assert iso(BEGIN + timedelta(hours=48)) in scene.alerts[0]

    @pytest.mark.parametrize("due_at", [None, "soon", 5])
    def test_one_without_a_readable_deadline_is_kept(
        self, scene: ReversalsScene, due_at: Any
    ) -> None:
        order = scene.completed()

        dispute(scene, order, dueAt=due_at)

        (kept,) = after(scene, order).disputes
        assert (kept.due_at, kept.check_at) == (None, BEGIN + timedelta(hours=1))


def test_a_rejected_transfer_is_alerted_about(scene: ReversalsScene) -> None:
    data = {
        "bank_transfer": {
            "amount": "30000",
            "message": "incorrect amount sent",
            "message_type": "INCORRECT_AMOUNT",
            "transaction_id": "3103959930",
        },
        "customer": {"email": "ada@example.com"},
    }

    outcome = scene.recorder.rejected_transfer(RejectedTransfer.model_validate(data))

    assert outcome == "transfer-rejected"
    (alert,) = scene.alerts
    assert "300.00" in alert
    assert "3103959930" in alert
    assert "ada@example.com" not in alert
