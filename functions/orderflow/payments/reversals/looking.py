"""A payment as PayStack has it now: for operators to look at; nothing is recorded."""

from __future__ import annotations

from orderflow.errors import PaystackUnavailable
from orderflow.orders.model import Order
from orderflow.payments.reversals.api import MadeRefund, ReversalsApi
from orderflow.payments.reversals.events import DisputeReport, readable_time
from orderflow.records import Record, Timestamp


class ShownRefund(Record, frozen=True):
    """A refund as PayStack lists it. ``by_us`` is whether a request of ours made it."""

    refund_id: int
    amount: int
    currency: str
    status: str
    by_us: bool

    @classmethod
    def of(cls, refund: MadeRefund) -> ShownRefund:
        """What is shown of PayStack's entry."""
        return cls(
            refund_id=refund.id,
            amount=refund.amount,
            currency=refund.currency,
            status=refund.status,
            by_us=refund.request_id is not None,
        )


class ShownDispute(Record, frozen=True):
    """A dispute as PayStack lists it. ``refund_amount`` is what the customer wants back."""

    dispute_id: int
    status: str
    category: str | None = None
    resolution: str | None = None
    refund_amount: int | None = None
    due_at: Timestamp | None = None

    @classmethod
    def of(cls, dispute: DisputeReport) -> ShownDispute:
        """What is shown of PayStack's entry."""
        return cls(
            dispute_id=dispute.id,
            status=dispute.status,
            category=dispute.category,
            resolution=dispute.resolution,
            refund_amount=dispute.refund_amount,
            due_at=dispute.due_at,
        )


class ShownPayment(Record, frozen=True):
    """A transaction with its refunds and disputes; amounts in the currency's minor unit (kobo).

    ``status`` is PayStack's word: "success", "abandoned", "failed", "reversed" ...
    """

    reference: str
    status: str
    amount: int
    requested_amount: int | None
    currency: str
    fees: int | None
    channel: str | None
    gateway_response: str | None
    paid_at: Timestamp | None
    refunds: list[ShownRefund]
    disputes: list[ShownDispute]


def look_at(order: Order, reference: str, api: ReversalsApi) -> ShownPayment:
    """Ask PayStack about a payment, its refunds and its disputes.

    Raises:
        UnknownTransactionError: PayStack knows no such payment.
        BreakerOpen, PaystackUnavailable: PayStack can't be asked now.
    """
    charge = api.verify(reference)
    if charge.id is None:
        raise PaystackUnavailable("PayStack's answer names no transaction")
    requested = charge.requested_amount
    refunds = api.refunds(charge.id, charge.time_paid(order.created_at))
    return ShownPayment(
        reference=charge.reference,
        status=charge.status,
        amount=charge.amount,
        requested_amount=requested if isinstance(requested, int) else None,
        currency=charge.currency,
        fees=charge.fees,
        channel=charge.channel,
        gateway_response=charge.gateway_response,
        paid_at=readable_time(charge.paid_at),
        refunds=[ShownRefund.of(each) for each in refunds],
        disputes=[ShownDispute.of(each) for each in api.disputes(charge)],
    )
