"""Asks PayStack whether an order's reference is paid, and records what it finds.

Source: https://paystack.com/docs/payments/verify-payments/ (the statuses of a transaction).
"""

from __future__ import annotations

from typing import Final, Protocol

from orderflow.errors import PaymentUnsettled, UnknownTransactionError
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.payments.paystack import REVERSED, SUCCESS, Charge
from orderflow.payments.recording import PaymentRecorder
from orderflow.payments.settlement import note_decline

_FAILED: Final = "failed"

#: The transaction is over without a payment, or the payment went back. A link that was never paid
#: is "abandoned", too.
OVER: Final = frozenset({"abandoned", _FAILED, REVERSED})


class Verifier(Protocol):
    """The part of :class:`~orderflow.payments.paystack.PaystackClient` that verifies."""

    def verify(self, reference: str) -> Charge:
        """The transaction as PayStack's API shows it now."""


class PaymentInquiry:
    """Asks about orders before anything ends them, on a schedule, and when customers come back."""

    def __init__(self, store: Orders, paystack: Verifier, recorder: PaymentRecorder) -> None:
        self._store = store
        self._paystack = paystack
        self._recorder = recorder

    def ask(self, order: Order) -> Order:
        """The order as it is after PayStack was asked about its reference, if it has one.

        It has a payment where PayStack shows one that the order can take. Other money is recorded
        as a refund that is due.

        Raises:
            PaymentUnsettled: PayStack does not know yet.
            BreakerOpen, PaystackUnavailable: PayStack can't be called now.
            StoreUnavailable, NotificationUnavailable: see :class:`PaymentRecorder`.
        """
        reference = order.payment_reference
        return order if reference is None else self.ask_about(order, reference)

    def ask_about(self, order: Order, reference: str) -> Order:
        """As :meth:`ask`, about this reference of the order: the present one or an earlier one."""
        try:
            charge = self._paystack.verify(reference)
        except UnknownTransactionError:
            return order
        if charge.status == SUCCESS:
            _, settled = self._recorder.record(charge, verified=True)
            return settled or order
        if charge.status == _FAILED:
            note_decline(order, reference, charge.gateway_response, self._store)
        elif charge.status == REVERSED:
            return self._recorder.record_reversal(order, charge)
        elif charge.status not in OVER:
            raise PaymentUnsettled(f"PayStack says of {charge.reference}: {charge.status}.")
        return order
