"""Links that are not paid are asked about on a schedule, and whatever is found is recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from orderflow.errors import (
    BreakerOpen,
    NotificationUnavailable,
    PaystackUnavailable,
    UnknownTransactionError,
)
from orderflow.operations import link_checks
from orderflow.operations.link_checks import LinkChecks, LinkChecksResult
from orderflow.orders.model import CancelRequest, LinkTimes, Order, StatusChange
from orderflow.orders.money_records import RefundReason
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.links import reference_of, unpaid_references
from orderflow.payments.paystack import Charge
from orderflow.payments.recording import PaymentRecorder
from tests.support.factories import a_payment, an_order, an_order_id
from tests.support.memory_orders import InMemoryOrders

S = OrderStatus
BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)
TIMES = LinkTimes()
FIRST = timedelta(minutes=15)
ENDED_UNPAID = sorted(CLOSED - {S.PAYMENT_COMPLETED})


class Scene:
    """Orders, PayStack's books, and the time."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.times = TIMES
        self.orders = InMemoryOrders(by="tests", clock=self.clock)
        self.answers: dict[str | None, Any] = {}
        self.asked: list[tuple[str, timedelta]] = []
        self.resumed: list[str] = []
        self.alerts: list[str] = []
        self.alerts_fail = False

    def clock(self) -> datetime:
        return self.now

    def order(self, **changes: Any) -> Order:
        """An order whose link was made at the beginning and is due."""
        status = changes.get("status", S.PAYMENT_INITIATED)
        history = [StatusChange(status=S.PAYMENT_INITIATED, at=BEGIN, by="tests")]
        if status is not S.PAYMENT_INITIATED:
            history.append(StatusChange(status=status, at=BEGIN, by="tests"))
        fields = {
            "history": history,
            "link_check_at": BEGIN,
            "created_at": BEGIN,
            "task_token": "token",
        }
        order = an_order(**fields | changes)
        self.orders.put(order)
        return order

    def verify(self, reference: str) -> Charge:
        self.asked.append((reference, self.now - BEGIN))
        answer = self.answers.get(reference, "abandoned")
        if isinstance(answer, Exception):
            raise answer
        fields = answer if isinstance(answer, dict) else {"status": answer}
        return Charge(
            reference=reference,
            **{"amount": 240_100, "currency": "NGN", "status": "success"} | fields,
        )

    def publish(self, subject: str, message: str) -> None:
        if self.alerts_fail:
            raise NotificationUnavailable("SNS is out")
        self.alerts.append(f"{subject}\n{message}")

    def run(self) -> LinkChecksResult:
        recorder = PaymentRecorder(
            self.orders, self, lambda order: self.resumed.append(order.order_id), self.clock
        )
        inquiry = PaymentInquiry(self.orders, self, recorder)
        return LinkChecks(self.orders, inquiry, self.times, self.clock).run()


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(
    "status", [S.PAYMENT_INITIATED, S.FAILED, S.PAYMENT_DELAYED, S.NEEDS_ATTENTION]
)
def test_a_payment_that_nobody_reported_is_recorded_and_the_execution_goes_on(
    scene: Scene, status: OrderStatus
) -> None:
    order = scene.order(status=status)
    scene.answers[order.payment_reference] = "success"

    assert scene.run() == LinkChecksResult(checked=1, found=1)

    payment = scene.orders.get(order.order_id).payment
    assert payment is not None
    assert payment.verified_at is not None
    assert scene.resumed == [order.order_id]
    assert scene.run() == LinkChecksResult()


@pytest.mark.parametrize("status", ENDED_UNPAID)
def test_one_of_an_order_that_has_ended_is_to_be_given_back(
    scene: Scene, status: OrderStatus
) -> None:
    order = scene.order(status=status)
    scene.answers[order.payment_reference] = "success"

    assert scene.run() == LinkChecksResult(checked=1, found=1)

    (refund,) = scene.orders.get(order.order_id).refunds_due
    assert refund.reason is RefundReason.ORDER_ENDED
    assert len(scene.alerts) == 1
    assert scene.resumed == []
    assert scene.run() == LinkChecksResult()


@pytest.mark.parametrize("status", [S.PAYMENT_INITIATED, *ENDED_UNPAID])
@pytest.mark.parametrize(
    "answer", ["abandoned", "failed", "reversed", UnknownTransactionError("r")]
)
def test_a_link_that_is_not_paid_is_asked_about_less_and_less_until_72_hours_after_its_end(
    scene: Scene, status: OrderStatus, answer: Any
) -> None:
    order = scene.order(status=status)
    scene.answers[order.payment_reference] = answer

    for _ in range(2 * 7 * 24 * 12):
        scene.run()
        scene.now += timedelta(minutes=5)

    times = [at for _, at in scene.asked]
    pauses = [after - before for before, after in pairwise(times)]
    assert pauses[:6] == [FIRST * 2**number for number in range(5)] + [timedelta(hours=6)]
    assert set(pauses[5:]) == {timedelta(hours=6)}
    end = timedelta(hours=24 + 72)
    assert end - timedelta(hours=6) <= times[-1] <= end
    assert len(times) < 25
    assert scene.orders.get(order.order_id).status is status


def test_the_schedule_is_as_fast_as_its_settings(scene: Scene) -> None:
    scene.times = LinkTimes(
        validity=TIMES.validity / 60,
        reuse_margin=TIMES.reuse_margin / 60,
        check_after=TIMES.check_after / 60,
        checked_after_end=TIMES.checked_after_end / 60,
    )
    scene.order()

    for _ in range(2 * 7 * 24 * 12):
        scene.run()
        scene.now += timedelta(seconds=5)

    times = [at for _, at in scene.asked]
    pauses = [after - before for before, after in pairwise(times)]
    assert pauses[:6] == [FIRST / 60 * 2**number for number in range(5)] + [timedelta(minutes=6)]
    assert times[-1] <= timedelta(minutes=24 + 72)


@pytest.mark.parametrize("status", ["ongoing", "pending", "processing", "queued"])
def test_one_that_is_being_paid_is_asked_about_again(scene: Scene, status: str) -> None:
    order = scene.order()
    scene.answers[order.payment_reference] = status

    assert scene.run() == LinkChecksResult(checked=1)

    assert scene.orders.get(order.order_id).link_check_at == BEGIN + FIRST


@pytest.mark.parametrize("outage", [PaystackUnavailable("503"), BreakerOpen("paystack")])
def test_while_paystack_is_out_the_links_stay_due(scene: Scene, outage: Exception) -> None:
    first, second = scene.order(), scene.order()
    for order in (first, second):
        scene.answers[order.payment_reference] = outage

    assert scene.run() == LinkChecksResult()
    assert len(scene.asked) == 1, "one refusal is enough"

    scene.answers.clear()
    assert scene.run() == LinkChecksResult(checked=2)


def test_a_run_is_bounded_and_the_next_one_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_checks, "MAX_CHECKS", 3)
    for _ in range(5):
        scene.order()

    assert [scene.run().checked for _ in range(3)] == [3, 2, 0]


def test_a_slow_paystack_ends_a_run(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(10):
        scene.order()
    verify = scene.verify

    def slowly(reference: str) -> Charge:
        scene.now += timedelta(seconds=12)
        return verify(reference)

    monkeypatch.setattr(scene, "verify", slowly)

    assert scene.run().checked == 4


def test_a_check_that_fails_hides_no_other(scene: Scene) -> None:
    failing, paid = scene.order(), scene.order(link_check_at=BEGIN + timedelta(seconds=1))
    scene.now += timedelta(minutes=1)
    scene.alerts_fail = True
    scene.answers[failing.payment_reference] = {"amount": 5}
    scene.answers[paid.payment_reference] = "success"

    assert scene.run() == LinkChecksResult(checked=1, found=1, failed=1)

    scene.alerts_fail = False
    scene.now += FIRST
    assert scene.run() == LinkChecksResult(checked=1)
    assert "₦0.05" in scene.alerts[0]


class TestReplacedLinks:
    """A link that was replaced goes on taking money on PayStack's page."""

    def replaced(self, scene: Scene, **changes: Any) -> Order:
        order_id = an_order_id()
        return scene.order(
            order_id=order_id,
            payment_attempts=3,
            payment_reference=f"{order_id}-3",
            **changes,
        )

    @pytest.mark.parametrize("status", sorted({S.PAYMENT_INITIATED, S.FAILED} | CLOSED))
    @pytest.mark.parametrize("number", [1, 2])
    def test_one_that_is_paid_late_is_money_to_give_back(
        self, scene: Scene, status: OrderStatus, number: int
    ) -> None:
        payment = None
        order = self.replaced(scene, status=status)
        if status is S.PAYMENT_COMPLETED:
            payment = a_payment(reference_of(order, 3))
            scene.orders.put(order.model_copy(update={"payment": payment}))
        scene.answers[reference_of(order, number)] = "success"

        assert scene.run() == LinkChecksResult(checked=1, found=1)

        after = scene.orders.get(order.order_id)
        (refund,) = after.refunds_due
        assert refund.reference == reference_of(order, number)
        assert refund.notified_at is not None
        assert len(scene.alerts) == 1
        assert (after.status, after.payment, scene.resumed) == (status, payment, [])
        assert after.link_check_at == BEGIN + FIRST, "the others may be paid, too"

    def test_the_present_one_pays_the_order_and_the_others_are_asked_about_until_the_end(
        self, scene: Scene
    ) -> None:
        order = self.replaced(scene)
        scene.answers[reference_of(order, 3)] = "success"
        assert scene.run() == LinkChecksResult(checked=1, found=1)
        assert scene.resumed == [order.order_id]

        scene.now += timedelta(hours=90)
        scene.answers[reference_of(order, 1)] = "success"
        assert scene.run() == LinkChecksResult(checked=1, found=1)

        (refund,) = scene.orders.get(order.order_id).refunds_due
        assert refund.reference == reference_of(order, 1)
        for _ in range(10):
            scene.now += timedelta(hours=6)
            scene.run()
        assert scene.orders.get(order.order_id).link_check_at is None

    def test_once_all_are_paid_none_is_asked_about(self, scene: Scene) -> None:
        order = self.replaced(scene)
        for number in (1, 2, 3):
            scene.answers[reference_of(order, number)] = "success"

        assert scene.run() == LinkChecksResult(checked=1, found=1)

        after = scene.orders.get(order.order_id)
        assert len(after.refunds_due) == 2
        assert (unpaid_references(after), after.link_check_at) == ([], None)

    @pytest.mark.parametrize(("number", "cancelled"), [(1, 1), (3, 0)])
    def test_a_wish_to_cancel_waits_for_the_present_one_alone(
        self, scene: Scene, number: int, cancelled: int
    ) -> None:
        wish = CancelRequest(at=BEGIN, by="customer", reason="Changed my mind.")
        order = self.replaced(scene, status=S.FAILED, cancel_requested=wish)
        scene.answers[reference_of(order, number)] = "pending"

        assert scene.run() == LinkChecksResult(checked=1, cancelled=cancelled)


class TestWishes:
    """Where no execution decides over a wish to cancel, the reconciler does."""

    def wished(self, scene: Scene, ago: timedelta = timedelta(), **changes: Any) -> Order:
        wish = CancelRequest(at=BEGIN - ago, by="customer", reason="Changed my mind.")
        return scene.order(cancel_requested=wish, **changes)

    @pytest.mark.parametrize(
        ("status", "ago"),
        [(S.FAILED, timedelta()), (S.PAYMENT_INITIATED, FIRST * 2), (S.PAYMENT_DELAYED, FIRST * 2)],
    )
    def test_an_order_that_is_not_paid_is_cancelled(
        self, scene: Scene, status: OrderStatus, ago: timedelta
    ) -> None:
        order = self.wished(scene, ago, status=status)

        assert scene.run() == LinkChecksResult(checked=1, cancelled=1)

        after = scene.orders.get(order.order_id)
        assert (after.status, after.status_reason) == (S.CANCELLED, "Changed my mind.")
        assert after.link_check_at == BEGIN + FIRST, "a late payment is still looked for"

    def test_a_fresh_one_is_left_to_the_execution(self, scene: Scene) -> None:
        order = self.wished(scene)

        assert scene.run() == LinkChecksResult(checked=1)

        assert scene.orders.get(order.order_id).status is S.PAYMENT_INITIATED

    def test_a_paid_order_is_not_cancelled(self, scene: Scene) -> None:
        order = self.wished(scene, status=S.FAILED)
        scene.answers[order.payment_reference] = "success"

        assert scene.run() == LinkChecksResult(checked=1, found=1)

        assert scene.orders.get(order.order_id).status is S.FAILED

    def test_nor_one_that_is_being_paid(self, scene: Scene) -> None:
        order = self.wished(scene, status=S.FAILED)
        scene.answers[order.payment_reference] = "pending"

        assert scene.run() == LinkChecksResult(checked=1)

        assert scene.orders.get(order.order_id).status is S.FAILED

    def test_nor_one_that_is_paid_at_this_moment(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = self.wished(scene, status=S.FAILED)
        cancel: Callable[..., Order] = scene.orders.cancel

        def too_late(order_id: str, *rest: Any) -> Order:
            scene.orders.record_payment(order_id, a_payment(order.payment_reference or ""))
            return cancel(order_id, *rest)

        monkeypatch.setattr(scene.orders, "cancel", too_late)

        assert scene.run() == LinkChecksResult(checked=1)

        assert scene.orders.get(order.order_id).payment is not None
