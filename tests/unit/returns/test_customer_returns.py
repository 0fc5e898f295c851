"""A customer comes back from the checkout: what PayStack is asked, and what becomes of it."""

from __future__ import annotations

import io
from typing import Any

import pytest

from orderflow.errors import (
    BreakerOpen,
    ConfigurationError,
    NotificationUnavailable,
    PaystackRefusedUs,
    PaystackUnavailable,
    StoreUnavailable,
    UnknownTransactionError,
)
from orderflow.orders.model import Order
from orderflow.orders.money_records import RefundReason
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.paystack import Charge
from orderflow.payments.recording import PaymentRecorder
from orderflow.returns.customer_returns import CustomerReturns, Outcome, reference_in
from tests.support.factories import (
    CUSTOMER_EMAIL,
    a_matched_order,
    a_payment,
    an_order,
    client_error,
)
from tests.support.memory_orders import InMemoryOrders

S = OrderStatus
ADDRESS = "198.51.100.7"
OPEN = sorted(set(S) - CLOSED)


class Scene:
    """Orders, PayStack's books, and the limits."""

    def __init__(self) -> None:
        self.orders = InMemoryOrders(by="tests")
        self.answer: Any = "success"
        self.asked: list[str] = []
        self.resumed: list[str] = []
        self.alerts: list[str] = []
        self.admitted: list[str] = []
        self.admits: bool | Exception = True
        self.setting_up: Exception | None = None
        self.alerts_fail = False

    def order(self, **changes: Any) -> Order:
        order = an_order(**{"task_token": "token"} | changes)
        self.orders.put(order)
        return order

    def admit(self, address: str) -> bool:
        self.admitted.append(address)
        if isinstance(self.admits, Exception):
            raise self.admits
        return self.admits

    def verify(self, reference: str) -> Charge:
        self.asked.append(reference)
        if isinstance(self.answer, Exception):
            raise self.answer
        fields = {"amount": 240_100, "currency": "NGN", "status": self.answer}
        return Charge(reference=reference, **fields)

    def publish(self, subject: str, message: str) -> None:
        if self.alerts_fail:
            raise NotificationUnavailable("SNS is out")
        self.alerts.append(f"{subject}\n{message}")

    def inquiry(self) -> PaymentInquiry:
        if self.setting_up is not None:
            raise self.setting_up
        recorder = PaymentRecorder(
            self.orders, self, lambda order: self.resumed.append(order.order_id)
        )
        return PaymentInquiry(self.orders, self, recorder)

    def come_back(self, reference: str | None) -> Outcome:
        query = {"trxref": reference or "", "reference": reference or ""}
        return CustomerReturns(self.orders, self, self.inquiry).receive(query, ADDRESS)


@pytest.fixture
def scene() -> Scene:
    return Scene()


class TestPaid:
    @pytest.mark.parametrize(
        "status", [S.PAYMENT_INITIATED, S.FAILED, S.PAYMENT_DELAYED, S.NEEDS_ATTENTION, S.MATCHED]
    )
    def test_the_payment_is_recorded_as_confirmed_and_the_execution_goes_on(
        self, scene: Scene, status: OrderStatus
    ) -> None:
        order = scene.order(status=status)

        assert scene.come_back(order.payment_reference) is Outcome.PAID

        payment = scene.orders.get(order.order_id).payment
        assert payment is not None
        assert payment.verified_at is not None
        assert (scene.asked, scene.resumed) == ([order.payment_reference], [order.order_id])
        assert scene.admitted == [ADDRESS]

    def test_coming_back_again_asks_nothing(self, scene: Scene) -> None:
        order = scene.order()
        scene.come_back(order.payment_reference)

        assert scene.come_back(order.payment_reference) is Outcome.NOT_ASKED

        assert len(scene.asked) == 1

    def test_a_reported_payment_is_not_lost_to_a_denial_that_is_under_way(
        self, scene: Scene
    ) -> None:
        """It counts as reported again, so that the verification asks once more."""
        order = scene.order(payment=a_payment(), payment_reports=1)
        reported = a_payment(order.payment_reference or "")
        order = scene.order(order_id=order.order_id, payment=reported, payment_reports=1)

        assert scene.come_back(order.payment_reference) is Outcome.PAID

        assert scene.orders.get(order.order_id).payment_reports == 2
        assert scene.resumed == [order.order_id]

    def test_an_order_that_is_to_be_cancelled_is_asked_about(self, scene: Scene) -> None:
        wish = {"at": "2026-01-31T12:00:00.000Z", "by": "customer", "reason": "No."}
        order = scene.order(cancel_requested=wish)

        assert scene.come_back(order.payment_reference) is Outcome.PAID

    def test_an_earlier_link_that_is_paid_is_money_to_give_back(self, scene: Scene) -> None:
        order = scene.order(payment_attempts=2)
        order = scene.order(
            order_id=order.order_id,
            payment_attempts=2,
            payment_reference=f"{order.order_id}-2",
        )
        earlier = f"{order.order_id}-1"

        assert scene.come_back(earlier) is Outcome.NOT_PAID

        after = scene.orders.get(order.order_id)
        assert after.payment is None
        assert [(each.reference, each.reason) for each in after.refunds_due] == [
            (earlier, RefundReason.DIFFERS)
        ]
        assert len(scene.alerts) == 1


class TestNotPaid:
    @pytest.mark.parametrize(
        "answer", ["abandoned", "failed", "reversed", UnknownTransactionError("r")]
    )
    def test_nothing_ends(self, scene: Scene, answer: Any) -> None:
        order = scene.order()
        scene.answer = answer

        assert scene.come_back(order.payment_reference) is Outcome.NOT_PAID

        after = scene.orders.get(order.order_id)
        assert (after.status, after.payment, scene.resumed) == (order.status, None, [])

    @pytest.mark.parametrize("answer", ["ongoing", "pending", "processing", "queued", "new-word"])
    def test_while_paystack_does_not_know_nothing_changes(self, scene: Scene, answer: str) -> None:
        order = scene.order()
        scene.answer = answer

        assert scene.come_back(order.payment_reference) is Outcome.UNSETTLED

        assert scene.orders.get(order.order_id) == order


class TestNotAsked:
    @pytest.mark.parametrize("status", sorted(CLOSED))
    def test_an_order_that_has_ended(self, scene: Scene, status: OrderStatus) -> None:
        order = scene.order(status=status)

        assert scene.come_back(order.payment_reference) is Outcome.NOT_ASKED
        assert scene.asked == []

    def test_an_unknown_order(self, scene: Scene) -> None:
        assert scene.come_back("0b5c7c1e-52a4-5f39-8a3a-6f1d5c0a9e77-1") is Outcome.NOT_ASKED
        assert scene.asked == []

    @pytest.mark.parametrize("number", [2, 10, 9999])
    def test_a_link_that_was_never_made(self, scene: Scene, number: int) -> None:
        order = scene.order()

        assert scene.come_back(f"{order.order_id}-{number}") is Outcome.NOT_ASKED
        assert scene.asked == []

    def test_an_order_without_a_link(self, scene: Scene) -> None:
        order = a_matched_order()
        scene.orders.put(order)

        assert scene.come_back(f"{order.order_id}-1") is Outcome.NOT_ASKED
        assert scene.asked == []

    @pytest.mark.parametrize(
        "reference",
        [
            None,
            "",
            "-1",
            "order",
            "order-",
            "order-0",
            "order-01",
            "order-1x",
            "order-12345",
            "order-\u0661",
            "order 1-1",
            "order-1\n",
            "../../transaction-1",
            "order-1,order-1",
            f"{'x' * 81}-1",
            "x" * 100_000,
        ],
        ids=lambda text: repr(text)[:20],
    )
    def test_what_is_no_reference_of_ours_is_not_even_counted(
        self, scene: Scene, reference: str | None
    ) -> None:
        assert scene.come_back(reference) is Outcome.NOT_ASKED
        assert (scene.asked, scene.admitted) == ([], [])


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "reference"),
        [
            ({"trxref": "order-1", "reference": "order-1"}, "order-1"),
            ({"reference": "order-1"}, "order-1"),
            ({"trxref": "order-1"}, "order-1"),
            ({"trxref": "order-2", "reference": "order-1"}, "order-1"),
            ({"redirect": "https://elsewhere.example"}, None),
            ({}, None),
        ],
        ids=str,
    )
    def test_the_reference_is_taken_from_either_name(
        self, query: dict[str, str], reference: str | None
    ) -> None:
        assert reference_in(query) == reference


class TestFailures:
    def test_beyond_the_limit_nothing_is_read_or_asked(self, scene: Scene) -> None:
        order = scene.order()
        scene.admits = False

        assert scene.come_back(order.payment_reference) is Outcome.LIMITED
        assert scene.asked == []

    @pytest.mark.parametrize(
        "error", [BreakerOpen("open"), PaystackUnavailable("out"), PaystackRefusedUs("key")]
    )
    def test_while_paystack_is_out_the_customer_goes_on(
        self, scene: Scene, error: Exception
    ) -> None:
        order = scene.order()
        scene.answer = error

        assert scene.come_back(order.payment_reference) is Outcome.UNAVAILABLE
        assert scene.orders.get(order.order_id) == order

    @pytest.mark.parametrize(
        "error", [StoreUnavailable("DynamoDB is out"), client_error("AccessDeniedException")]
    )
    def test_where_it_cant_be_counted_nothing_is_asked(
        self, scene: Scene, error: Exception
    ) -> None:
        order = scene.order()
        scene.admits = error

        assert scene.come_back(order.payment_reference) is Outcome.UNAVAILABLE
        assert scene.asked == []

    @pytest.mark.parametrize(
        "error", [StoreUnavailable("no secret"), ConfigurationError("Secret x: malformed")]
    )
    def test_without_paystacks_key_the_customer_goes_on(
        self, scene: Scene, error: Exception
    ) -> None:
        order = scene.order()
        scene.setting_up = error

        assert scene.come_back(order.payment_reference) is Outcome.UNAVAILABLE

    def test_an_alert_that_is_not_sent_is_sent_the_next_time(self, scene: Scene) -> None:
        order = scene.order(total_kobo=100)
        scene.alerts_fail = True
        assert scene.come_back(order.payment_reference) is Outcome.UNAVAILABLE

        scene.alerts_fail = False
        assert scene.come_back(order.payment_reference) is Outcome.NOT_PAID

        assert len(scene.alerts) == 1
        assert len(scene.orders.get(order.order_id).refunds_due) == 1

    def test_logs_hold_neither_the_address_nor_the_customer(
        self, scene: Scene, log_output: io.StringIO
    ) -> None:
        order = scene.order()
        scene.come_back(order.payment_reference)
        scene.answer = PaystackUnavailable("out")
        scene.come_back(scene.order().payment_reference)

        assert "PaystackUnavailable" in log_output.getvalue()
        assert ADDRESS not in log_output.getvalue()
        assert CUSTOMER_EMAIL not in log_output.getvalue()
