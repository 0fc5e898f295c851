"""Asks PayStack what became of a payment: whether it stands, its refunds and its disputes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from orderflow.clock import Clock, utc_now
from orderflow.errors import PaystackUnavailable
from orderflow.orders.model import Order
from orderflow.orders.money_records import Refund, RefundStatus
from orderflow.payments.paystack import REVERSED, Charge
from orderflow.payments.reversals.api import MadeRefund, ReversalsApi
from orderflow.payments.reversals.dispute_changes import with_dispute
from orderflow.payments.reversals.recording import ReversalRecorder
from orderflow.payments.reversals.refund_changes import (
    SeenRefund,
    with_checked_refunds,
    with_refund,
    with_reversed_charge,
)

#: PayStack's list shows a refund that it was asked for before this long ago, if it has made it.
LISTED_AFTER: Final = timedelta(minutes=5)


class ReversalInquiry:
    """Asks about a payment and records what PayStack shows."""

    def __init__(
        self, api: ReversalsApi, recorder: ReversalRecorder, clock: Clock = utc_now
    ) -> None:
        self._api = api
        self._recorder = recorder
        self._clock = clock

    def ask(self, order: Order, reference: str) -> tuple[Charge, Order]:
        """The payment as PayStack shows it, and the order as it is after that.

        Raises:
            UnknownTransactionError: PayStack knows no such payment.
            BreakerOpen, PaystackUnavailable: PayStack can't be asked now.
            StoreUnavailable, NotificationUnavailable: see :class:`ReversalRecorder`.
        """
        charge = self._api.verify(reference)
        if charge.id is None:
            raise PaystackUnavailable("PayStack's answer names no transaction")
        now, times = self._clock(), self._recorder.times
        changed = order
        for refund in self._api.refunds(charge.id, charge.time_paid(order.created_at)):
            changed = with_refund(changed, seen(refund, reference), now, times)
        for dispute in self._api.disputes(charge):
            changed = with_dispute(changed, dispute, now, times)
        if charge.status == REVERSED:
            changed = with_reversed_charge(changed, charge, now)
        changed = with_checked_refunds(changed, reference, now, times)
        changed = _without_lost_requests(changed, reference, now)
        return charge, self._recorder.record(order, changed)


def seen(refund: MadeRefund, reference: str, request_id: str | None = None) -> SeenRefund:
    """A refund of PayStack's API, of the payment with this reference."""
    return SeenRefund(
        reference=reference,
        amount=refund.amount,
        currency=refund.currency,
        status=refund.known_status,
        refund_id=refund.id,
        request_id=refund.request_id or request_id,
        is_listed=True,
    )


def is_unclear(refund: Refund, now: datetime) -> bool:
    """Whether PayStack may have made a requested refund that its list does not show yet."""
    return refund.status is RefundStatus.REQUESTED and now - refund.updated_at < LISTED_AFTER


def _without_lost_requests(order: Order, reference: str, now: datetime) -> Order:
    """The order with the requests given up that never came to PayStack: its list has none."""
    refunds = [
        refund.model_copy(
            update={
                "status": RefundStatus.REFUSED,
                "note": "the request did not come to PayStack",
                "updated_at": now,
                "check_at": None,
            }
        )
        if refund.reference == reference
        and refund.status is RefundStatus.REQUESTED
        and not is_unclear(refund, now)
        else refund
        for refund in order.refunds
    ]
    return order.model_copy(update={"refunds": refunds})
