"""A payment that was reported completes an order only if PayStack confirms it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderflow.clock import iso, utc_now
from orderflow.errors import (
    IllegalTransitionError,
    OrderAlreadyClosed,
    OrderToBeCancelled,
    OrderToBeRejected,
    PaymentLinkExpired,
    PaymentNotConfirmed,
    PaymentUnsettled,
    PaystackUnavailable,
    StoreUnavailable,
    UnknownTransactionError,
)
from orderflow.orders.model import CancelRequest, Order
from orderflow.orders.money_records import RefundReason, RefundStatus, UnconfirmedPayment
from orderflow.orders.status import CLOSED, PREDECESSORS, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.payments.paystack import Charge
from orderflow.payments.verification import PaymentVerification
from orderflow.platform import audit
from tests.support.factories import a_matched_order, a_payment, an_order, an_order_id, stored

S = OrderStatus
PASSED = iso(datetime.now(UTC) - timedelta(seconds=1))
LONG_AGO = iso(datetime.now(UTC) - timedelta(hours=7))
WISH = CancelRequest(at=utc_now(), by="customer", reason="Changed my mind.")
OLD_WISH = CancelRequest(at=LONG_AGO, by="customer", reason="Changed my mind.")
EXPIRED = {"payment_link_expires_at": PASSED}
WISHED = {"cancel_requested": WISH}
UNKNOWN: dict[str, Any] = {"error": UnknownTransactionError("r")}


class Books:
    """PayStack's; by default they confirm whatever they are asked about."""

    def __init__(self, **changes: Any) -> None:
        self.changes = changes
        self.asked: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def verify(self, reference: str) -> Charge:
        self.asked.append(reference)
        self.meanwhile()
        if error := self.changes.get("error"):
            raise error
        fields = {"amount": 240_100, "currency": "NGN", "status": "success"}
        return Charge(reference=reference, **fields | self.changes)


class Scene:
    """A verification with all that it works with."""

    def __init__(self, store: OrderStore) -> None:
        self.store = store
        self.books = Books()
        self.alerts: list[tuple[str, str]] = []

    def order(self, **changes: Any) -> Order:
        """An order with a reported payment."""
        order_id = an_order_id()
        fields = {
            "payment": a_payment(f"{order_id}-1"),
            "payment_reports": 1,
            "task_token": "token",
        }
        return stored(self.store, an_order(order_id=order_id, **fields | changes))

    def publish(self, subject: str, message: str) -> None:
        """An alert to operations."""
        self.alerts.append((subject, message))

    def verify(self, order: Order, waits: int = 1, *, rejected: bool = False) -> Order:
        verification = PaymentVerification(self.store, self.books, self, by="tests")
        return verification.verify(order.order_id, waits, rejected=rejected)

    def now(self, order: Order) -> Order:
        return self.store.get(order.order_id)


@pytest.fixture
def scene(store: OrderStore) -> Scene:
    return Scene(store)


class TestConfirmed:
    @pytest.mark.parametrize("status", [S.PAYMENT_INITIATED, S.FAILED])
    def test_the_payment_is_marked(self, scene: Scene, status: OrderStatus) -> None:
        order = scene.order(status=status)

        verified = scene.verify(order, waits=0)

        assert verified == scene.now(order)
        assert verified.payment is not None
        assert verified.payment.verified_at is not None
        assert verified.payment.model_copy(update={"verified_at": None}) == order.payment
        assert (verified.status, verified.task_token) == (status, None)
        assert scene.books.asked == [order.payment_reference]
        assert scene.alerts == []

    def test_it_is_not_asked_about_again(self, scene: Scene) -> None:
        order = scene.order()
        first = scene.verify(order)

        assert scene.verify(order) == first
        assert len(scene.books.asked) == 1

    def test_an_order_that_was_parked_meanwhile_comes_back_to_where_it_can_be_completed(
        self, scene: Scene
    ) -> None:
        assert scene.verify(scene.order(status=S.PAYMENT_DELAYED)).status is S.PAYMENT_INITIATED


DENIALS: list[tuple[dict[str, Any], str]] = [
    ({"status": "abandoned"}, "abandoned"),
    ({"status": "failed"}, "failed"),
    ({"status": "reversed"}, "reversed"),
    ({"error": UnknownTransactionError("r")}, "it knows no such transaction"),
    ({"amount": 100}, "another amount: ₦1.00"),
    ({"currency": "GHS"}, "another amount: GHS 2,401.00"),
]


class TestDenied:
    @pytest.mark.parametrize(("answer", "said"), DENIALS)
    def test_the_payment_is_dropped_and_operations_are_alerted(
        self,
        scene: Scene,
        monkeypatch: pytest.MonkeyPatch,
        answer: dict[str, Any],
        said: str,
    ) -> None:
        audited: list[audit.AuditEntry] = []
        monkeypatch.setattr(audit, "record", audited.append)
        order = scene.order()
        scene.books = Books(**answer)

        with pytest.raises(PaymentNotConfirmed):
            scene.verify(order)

        after = scene.now(order)
        assert (after.status, after.payment, after.task_token) == (order.status, None, None)
        assert after.payment_link == order.payment_link, "it can still be paid"
        (unconfirmed,) = after.unconfirmed_payments
        assert (unconfirmed.payment, unconfirmed.paystack_answer) == (order.payment, said)
        (_, alert), *refunds = scene.alerts
        assert said in alert
        assert len(refunds) == len(after.refunds_due) == said.startswith("another amount")
        assert str(order.payment_reference) in alert
        (entry,) = audited
        assert (entry.subject, entry.reason) == (order.order_id, said)

    @pytest.mark.parametrize(("answer", "_"), DENIALS)
    def test_at_once_it_does_not_count(self, scene: Scene, answer: dict[str, Any], _: str) -> None:
        order = scene.order()
        scene.books = Books(**answer)

        with pytest.raises(PaymentUnsettled):
            scene.verify(order, waits=0)

        assert (scene.now(order), scene.alerts) == (order, [])

    def test_after_its_time_the_order_expires(self, scene: Scene) -> None:
        order = scene.order(payment_link_expires_at=PASSED)
        scene.books = Books(status="abandoned")

        with pytest.raises(PaymentLinkExpired):
            scene.verify(order)

        assert scene.now(order).payment is None

    def test_what_became_good_while_paystack_was_asked_stays(self, scene: Scene) -> None:
        order = scene.order()
        assert order.payment is not None
        scene.books = Books(status="abandoned")
        payment = order.payment
        scene.books.meanwhile = lambda: scene.store.record_payment(order.order_id, payment)

        with pytest.raises(StoreUnavailable):
            scene.verify(order)

        assert scene.now(order).payment == order.payment
        assert scene.alerts == []

    def test_the_customer_may_pay_afterwards(self, scene: Scene) -> None:
        order = scene.order()
        assert order.payment is not None
        scene.books = Books(status="abandoned")
        with pytest.raises(PaymentNotConfirmed):
            scene.verify(order)
        scene.books = Books()

        assert scene.store.record_payment(order.order_id, order.payment)[1]

        assert scene.verify(order).payment is not None

    def test_an_alert_that_failed_is_sent_by_the_next_attempt_and_only_once(
        self, scene: Scene
    ) -> None:
        unconfirmed = UnconfirmedPayment(
            payment=a_payment(), paystack_answer="abandoned", at="2026-01-31T12:00:00.000Z"
        )
        order = scene.order(payment=None, unconfirmed_payments=[unconfirmed])
        scene.books = Books(status="abandoned")

        for _ in range(2):
            with pytest.raises(PaymentNotConfirmed):
                scene.verify(order)

        assert len(scene.alerts) == 1
        assert scene.now(order).unconfirmed_payments[0].notified_at is not None

    def test_the_latest_denials_are_kept(self, scene: Scene) -> None:
        unconfirmed = UnconfirmedPayment(
            payment=a_payment(), paystack_answer="abandoned", at=utc_now(), notified_at=utc_now()
        )
        order = scene.order(unconfirmed_payments=[unconfirmed] * 20)
        scene.books = Books(status="failed")

        with pytest.raises(PaymentNotConfirmed):
            scene.verify(order)

        assert [each.paystack_answer for each in scene.now(order).unconfirmed_payments] == [
            "abandoned"
        ] * 19 + ["failed"]


@pytest.mark.parametrize("status", ["ongoing", "pending", "processing", "queued", "new-word"])
def test_while_paystack_does_not_know_nothing_changes(scene: Scene, status: str) -> None:
    order = scene.order()
    scene.books = Books(status=status)

    with pytest.raises(PaymentUnsettled):
        scene.verify(order)

    assert scene.now(order) == order


def test_while_paystack_is_out_nothing_changes(scene: Scene) -> None:
    order = scene.order()
    scene.books = Books(error=PaystackUnavailable("503"))

    with pytest.raises(PaystackUnavailable):
        scene.verify(order)

    assert scene.now(order) == order


def test_a_payment_that_another_execution_dropped_meanwhile_is_asked_about_again(
    scene: Scene,
) -> None:
    order = scene.order()
    unpaid = order.model_copy(update={"payment": None})
    scene.books.meanwhile = lambda: stored(scene.store, unpaid)

    with pytest.raises(StoreUnavailable):
        scene.verify(order)


class TestUnpaid:
    """Nothing was reported: PayStack is asked before anything is decided."""

    @pytest.fixture(autouse=True)
    def _unpaid(self, scene: Scene) -> None:
        scene.books = Books(status="abandoned")

    def test_an_order_without_a_payment_waits_on(self, scene: Scene) -> None:
        order = scene.order(payment=None)

        with pytest.raises(PaymentNotConfirmed):
            scene.verify(order)

        assert (scene.now(order), scene.books.asked) == (order, [order.payment_reference])

    def test_one_that_never_had_a_link_is_not_asked_about(self, scene: Scene) -> None:
        order = scene.order(payment=None, payment_reference=None)

        with pytest.raises(PaymentNotConfirmed):
            scene.verify(order)

        assert scene.books.asked == []

    def test_one_that_failed_and_is_redriven_is_reopened(self, scene: Scene) -> None:
        order = scene.order(payment=None, status=S.FAILED)

        with pytest.raises(PaymentNotConfirmed):
            scene.verify(order)

        assert scene.now(order).status is S.PAYMENT_INITIATED

    @pytest.mark.parametrize("status", [S.PAYMENT_INITIATED, S.FAILED])
    @pytest.mark.parametrize("answer", [{"status": "abandoned"}, UNKNOWN])
    def test_after_its_time_it_expires(
        self, scene: Scene, status: OrderStatus, answer: dict[str, Any]
    ) -> None:
        order = scene.order(payment=None, status=status, payment_link_expires_at=PASSED)
        scene.books = Books(**answer)

        with pytest.raises(PaymentLinkExpired):
            scene.verify(order)

        assert (scene.now(order), len(scene.books.asked)) == (order, 1)

    @pytest.mark.parametrize("status", [S.PAYMENT_INITIATED, S.FAILED])
    def test_what_went_back_meanwhile_is_recorded_when_it_expires(
        self, scene: Scene, status: OrderStatus
    ) -> None:
        order = scene.order(payment=None, status=status, payment_link_expires_at=PASSED)
        scene.books = Books(status="reversed")

        for _ in range(2):
            with pytest.raises(PaymentLinkExpired):
                scene.verify(order)

        (refund,) = scene.now(order).refunds
        assert (refund.status, refund.by) == (RefundStatus.PROCESSED, None)
        ((subject, alert),) = scene.alerts
        assert "a refund is processed" in subject
        assert "₦" in alert
        assert "key" not in alert

    @pytest.mark.parametrize("expires_at", [PASSED, None], ids=["over", "open"])
    def test_one_that_is_to_be_cancelled_is_cancelled_with_the_wishs_reason(
        self, scene: Scene, expires_at: str | None
    ) -> None:
        order = scene.order(payment=None, cancel_requested=WISH, payment_link_expires_at=expires_at)

        with pytest.raises(OrderToBeCancelled, match="Changed my mind"):
            scene.verify(order)

        assert len(scene.books.asked) == 1

    @pytest.mark.parametrize("status", sorted(PREDECESSORS[S.REJECTED]))
    @pytest.mark.parametrize("answer", [{"status": "abandoned"}, UNKNOWN])
    def test_one_that_is_rejected_is_rejected_under_the_reference_that_was_asked_about(
        self, scene: Scene, status: OrderStatus, answer: dict[str, Any]
    ) -> None:
        order = scene.order(payment=None, status=status)
        scene.books = Books(**answer)

        with pytest.raises(OrderToBeRejected) as ending:
            scene.verify(order, rejected=True)

        assert str(ending.value) == order.payment_reference
        assert (scene.now(order), scene.books.asked) == (order, [order.payment_reference])

    @pytest.mark.parametrize("status", sorted(PREDECESSORS[S.REJECTED]))
    def test_what_went_back_meanwhile_is_recorded_when_it_is_rejected(
        self, scene: Scene, status: OrderStatus
    ) -> None:
        order = scene.order(payment=None, status=status)
        scene.books = Books(status="reversed")

        for _ in range(2):
            with pytest.raises(OrderToBeRejected):
                scene.verify(order, rejected=True)

        (refund,) = scene.now(order).refunds
        assert (refund.reference, refund.status) == (
            order.payment_reference,
            RefundStatus.PROCESSED,
        )
        ((subject, _),) = scene.alerts
        assert "a refund is processed" in subject

    def test_one_whose_customer_may_be_paying_is_not_rejected(self, scene: Scene) -> None:
        order = scene.order(payment=None, status=S.PAYMENT_INITIATED)

        with pytest.raises(PaymentNotConfirmed):
            scene.verify(order, rejected=True)

    def test_a_wish_to_cancel_comes_before_the_rejection(self, scene: Scene) -> None:
        order = scene.order(payment=None, status=S.FAILED, cancel_requested=WISH)

        with pytest.raises(OrderToBeCancelled):
            scene.verify(order, rejected=True)

    def test_a_denied_payment_does_not_keep_an_order_from_its_rejection(self, scene: Scene) -> None:
        order = scene.order(status=S.FAILED)
        scene.books = Books(status="abandoned")

        with pytest.raises(OrderToBeRejected):
            scene.verify(order, waits=1, rejected=True)

        assert scene.now(order).payment is None

    def test_a_decline_is_learnt_and_recorded_once(self, scene: Scene) -> None:
        order = scene.order(payment=None)
        scene.books = Books(status="failed", gateway_response="Insufficient Funds")

        for _ in range(2):
            with pytest.raises(PaymentNotConfirmed):
                scene.verify(order)
            declined = scene.now(order).declined
            assert declined is not None
            assert declined.reason == "Insufficient Funds"

        assert scene.now(order).declined == declined

    @pytest.mark.parametrize("status", ["ongoing", "pending", "processing", "queued", "new-word"])
    @pytest.mark.parametrize("changes", [EXPIRED, WISHED])
    def test_while_paystack_does_not_know_nothing_ends(
        self, scene: Scene, status: str, changes: dict[str, Any]
    ) -> None:
        order = scene.order(payment=None, **changes)
        scene.books = Books(status=status)

        with pytest.raises(PaymentUnsettled):
            scene.verify(order)

        assert scene.now(order) == order

    def test_one_that_has_no_business_here_is_a_fault(self, scene: Scene) -> None:
        order = stored(scene.store, a_matched_order())

        with pytest.raises(IllegalTransitionError):
            scene.verify(order)

    @pytest.mark.parametrize("status", sorted(CLOSED))
    def test_an_order_that_has_ended_stays_as_it_is(
        self, scene: Scene, status: OrderStatus
    ) -> None:
        order = scene.order(status=status)

        with pytest.raises(OrderAlreadyClosed):
            scene.verify(order)

        assert (scene.now(order), scene.books.asked) == (order, [])

    def test_one_that_is_cancelled_at_this_very_moment_too(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = scene.order(payment=None, status=S.FAILED)
        reopen = scene.store.reopen_link

        def reopen_too_late(order_id: str) -> Order:
            scene.store.cancel(order_id, "Changed my mind.", order.payment_reference)
            return reopen(order_id)

        monkeypatch.setattr(scene.store, "reopen_link", reopen_too_late)

        with pytest.raises(OrderAlreadyClosed):
            scene.verify(order)


class TestLostWebhook:
    """PayStack knows of a payment that nobody reported."""

    @pytest.mark.parametrize(
        "status", [S.PAYMENT_INITIATED, S.FAILED, S.PAYMENT_DELAYED, S.MATCHED]
    )
    @pytest.mark.parametrize("changes", [{}, EXPIRED, WISHED])
    def test_it_is_recorded_as_confirmed(
        self, scene: Scene, status: OrderStatus, changes: dict[str, Any]
    ) -> None:
        order = scene.order(payment=None, payment_reports=0, status=status, **changes)

        verified = scene.verify(order, waits=0)

        assert verified == scene.now(order)
        assert verified.payment is not None
        assert verified.payment.verified_at is not None
        assert verified.payment.amount_kobo == order.total_kobo
        assert (scene.books.asked, scene.alerts) == ([order.payment_reference], [])

    def test_one_that_differs_is_to_be_given_back_and_the_order_waits_on(
        self, scene: Scene
    ) -> None:
        order = scene.order(payment=None)
        scene.books = Books(amount=100)

        with pytest.raises(PaymentNotConfirmed):
            scene.verify(order)

        (refund,) = scene.now(order).refunds_due
        assert (refund.amount, refund.reason) == (100, RefundReason.DIFFERS)
        ((_, alert),) = scene.alerts
        assert "₦1.00" in alert

    def test_one_of_an_order_that_ends_meanwhile_is_to_be_given_back(self, scene: Scene) -> None:
        order = scene.order(payment=None)
        scene.books.meanwhile = lambda: scene.store.cancel(
            order.order_id, "Changed my mind.", order.payment_reference
        )

        with pytest.raises(OrderAlreadyClosed):
            scene.verify(order)

        (refund,) = scene.now(order).refunds_due
        assert refund.reason is RefundReason.ORDER_ENDED
        assert refund.notified_at is not None

    def test_fees_that_the_customer_bears_are_kept(self, scene: Scene) -> None:
        order = scene.order(payment=None)
        scene.books = Books(amount=250_000, requested_amount=240_100, fees=9_900)

        payment = scene.verify(order).payment

        assert payment is not None
        assert (payment.amount_kobo, payment.charged_kobo, payment.fees_kobo) == (
            240_100,
            250_000,
            9_900,
        )
        assert scene.alerts == []


class TestUndecided:
    """Operations are alerted once where PayStack leaves a payment undecided for too long."""

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"payment": None, "payment_link_expires_at": LONG_AGO},
            {"payment": None, "cancel_requested": OLD_WISH},
        ],
    )
    def test_after_the_bound_once(self, scene: Scene, changes: dict[str, Any]) -> None:
        order = scene.order(updated_at=LONG_AGO, **changes)
        scene.books = Books(status="pending")

        for _ in range(3):
            with pytest.raises(PaymentUnsettled):
                scene.verify(order)

        ((subject, alert),) = scene.alerts
        assert "undecided" in subject
        assert str(order.payment_reference) in alert

    @pytest.mark.parametrize(
        "changes",
        [
            {"updated_at": PASSED},
            {"payment": None, "updated_at": LONG_AGO, "payment_link_expires_at": PASSED},
            {"payment": None, "updated_at": LONG_AGO},
        ],
    )
    def test_before_it_not(self, scene: Scene, changes: dict[str, Any]) -> None:
        order = scene.order(**changes)
        scene.books = Books(status="pending")

        with pytest.raises(PaymentUnsettled):
            scene.verify(order)

        assert scene.alerts == []


def test_a_payment_that_went_back_is_no_forgery(scene: Scene) -> None:
    """Staff refund a payment in PayStack's dashboard while it is verified."""
    order = scene.order()
    scene.books = Books(status="reversed")

    with pytest.raises(PaymentNotConfirmed):
        scene.verify(order)

    ((subject, alert),) = scene.alerts
    assert "went back" in subject
    assert "key" not in alert
    (refund,) = scene.now(order).refunds
    assert refund.status is RefundStatus.PROCESSED
