"""Orders, PayStack's books of refunds and disputes, operations and the time, in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from orderflow.clock import iso
from orderflow.errors import NotificationUnavailable, UnknownTransactionError
from orderflow.orders.model import Order
from orderflow.orders.money_records import Payment, RefundDue, RefundReason
from orderflow.orders.status import OrderStatus
from orderflow.payments.paystack import Charge
from orderflow.payments.reversals.api import MadeRefund, NewRefund
from orderflow.payments.reversals.asking import ReversalInquiry
from orderflow.payments.reversals.events import DisputeReport
from orderflow.payments.reversals.recording import ReversalRecorder
from orderflow.payments.reversals.refunding import Refunding, RefundRequest
from tests.support.factories import an_order
from tests.support.memory_orders import InMemoryOrders

BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)
PAID = 240_100
REQUEST = "0d7b7c1e-52a4-4f39-8a3a-6f1d5c0a9e77"


class ReversalsScene:
    """PayStack is this object: it has the methods of its API."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.orders = InMemoryOrders(by="tests", clock=lambda: self.now)
        self.alerts: list[str] = []
        self.alerts_fail = False
        #: PayStack's books.
        self.charges: dict[str, str] = {}
        self.made: list[MadeRefund] = []
        self.disputed: list[DisputeReport] = []
        #: What the next calls of a method raise: before they act, or after.
        self.fails: dict[str, Exception] = {}
        self.answer_lost: Exception | None = None
        self.calls: list[str] = []

    @property
    def recorder(self) -> ReversalRecorder:
        return ReversalRecorder(self.orders, self, clock=lambda: self.now)

    @property
    def inquiry(self) -> ReversalInquiry:
        return ReversalInquiry(self, self.recorder, clock=lambda: self.now)

    @property
    def refunding(self) -> Refunding:
        return Refunding(self.orders, self, self.recorder, clock=lambda: self.now)

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)

    # Orders

    def paid_late(self, **changes: Any) -> Order:
        """An order that was cancelled, and was paid after that: its money is due."""
        order = an_order(**{"status": OrderStatus.CANCELLED} | changes)
        reference = str(order.payment_reference)
        due = RefundDue(
            reference=reference,
            amount=PAID,
            currency="NGN",
            reason=RefundReason.ORDER_ENDED,
            at=self.now,
            paid_at=self.now,
            notified_at=self.now,
        )
        self.orders.put(order.model_copy(update={"refunds_due": [due]}))
        self.charges[reference] = "success"
        return self.orders.get(order.order_id)

    def completed(self) -> Order:
        """An order that is paid."""
        order = an_order(status=OrderStatus.PAYMENT_COMPLETED)
        reference = str(order.payment_reference)
        payment = Payment(
            reference=reference,
            amount_kobo=PAID,
            currency="NGN",
            paid_at=self.now,
            verified_at=self.now,
        )
        self.orders.put(order.model_copy(update={"payment": payment}))
        self.charges[reference] = "success"
        return self.orders.get(order.order_id)

    def request(self, order: Order, **changes: Any) -> RefundRequest:
        fields = {
            "order_id": order.order_id,
            "reference": order.payment_reference,
            "by": "kemi",
            "reason": "The order had ended.",
            "request_id": REQUEST,
        }
        return RefundRequest(**fields | changes)

    # Operations

    def publish(self, subject: str, message: str) -> None:
        if self.alerts_fail:
            raise NotificationUnavailable("SNS is out")
        self.alerts.append(f"{subject}\n{message}")

    # PayStack

    def verify(self, reference: str) -> Charge:
        self._call("verify")
        if reference not in self.charges:
            raise UnknownTransactionError(reference)
        status = self.charges[reference]
        return Charge(
            id=self._number(reference), reference=reference, amount=PAID, currency="NGN",
            status=status,
            paid_at=iso(BEGIN),
        )  # fmt: skip

    def refunds(self, transaction: int, since: datetime) -> list[MadeRefund]:
        assert since <= self.now
        self._call("refunds")
        return [each for each in self.made if each.transaction == transaction]

    def disputes(self, charge: Charge) -> list[DisputeReport]:
        self._call("disputes")
        return [each for each in self.disputed if each.transaction.reference == charge.reference]

    def refund(self, refund: NewRefund) -> MadeRefund:
        self._call("refund")
        made = self.make(
            refund.reference, refund.amount, merchant_note=f"Refund request {refund.request_id}"
        )
        if self.answer_lost is not None:
            raise self.answer_lost
        return made

    def make(self, reference: str, amount: int, **fields: Any) -> MadeRefund:
        """A refund in PayStack's books."""
        made = MadeRefund(
            **{
                "id": 3_018_284 + len(self.made),
                "transaction": self._number(reference),
                "amount": amount,
                "currency": "NGN",
                "status": "pending",
            }
            | fields
        )
        self.made.append(made)
        return made

    def becomes(self, number: int, status: str) -> None:
        """Another state of one of PayStack's refunds."""
        self.made[number] = self.made[number].model_copy(update={"status": status})

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fails:
            raise self.fails[name]

    def _number(self, reference: str) -> int:
        return 1_000 + sorted(self.charges).index(reference)
