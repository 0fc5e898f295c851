"""Asking PayStack whether a reported payment is real, before it completes an order.

Whoever knows the key that signs webhooks could report any payment; only PayStack's own books,
asked over TLS, tell whether it was made. What PayStack denies is taken off the order, which waits
on, and operations are told: somebody may know our key.

Source: https://paystack.com/docs/payments/verify-payments/ (the statuses of a transaction).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

from orderflow.clock import iso
from orderflow.errors import (
    IllegalTransitionError,
    OrderflowError,
    PaymentLinkExpired,
    PaymentNotConfirmed,
    PaymentUnsettled,
    StoreUnavailable,
    UnknownTransactionError,
)
from orderflow.money import naira
from orderflow.orders.model import Order, Payment, UnconfirmedPayment, refuse_closed
from orderflow.orders.status import PREDECESSORS, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.payments.paystack import Charge
from orderflow.platform import audit
from orderflow.platform.observability import metrics

#: The transaction is over, and no money came in, or it went back. "abandoned" is also what a link
#: that nobody has paid is called.
_OVER: Final = frozenset({"abandoned", "failed", "reversed"})

_SUCCESS: Final = "success"

_UNKNOWN: Final = "it knows no such transaction"

_ALERT: Final = """\
The webhook reported a payment under our own signature, and PayStack does not confirm it.
It was taken off its order, which waits on; nothing was completed.

Order: {order_id}
Reference: {reference}
Amount: {amount}
PayStack says: {said}

Somebody may know our secret key, which signs webhooks. See the runbook refunds.md.
"""


class Verifier(Protocol):
    """The part of :class:`~orderflow.payments.paystack.PaystackClient` that asking takes."""

    def verify(self, reference: str) -> Charge:
        """The transaction as PayStack's own books hold it now."""


class PaymentVerification:
    """Lets an order be completed only by a payment that PayStack confirms.

    Args:
        tell_operations: sends an alert: subject, message.
        by: who asks, for the audit trail.
    """

    def __init__(
        self,
        store: OrderStore,
        paystack: Verifier,
        tell_operations: Callable[[str, str], None],
        by: str,
    ) -> None:
        self._store = store
        self._paystack = paystack
        self._tell_operations = tell_operations
        self._by = by

    def verify(self, order_id: str, waits: int) -> Order:
        """The order, with a payment that PayStack confirms.

        Args:
            waits: how often the execution has waited before it asked again. A denial counts only
                after the first wait: PayStack's books may lag behind its webhooks.

        Raises:
            OrderAlreadyClosed: the order has ended.
            PaymentNotConfirmed: the order is still to be paid, and waits for that.
            PaymentLinkExpired: the order is still to be paid, and its time is over.
            PaymentUnsettled: PayStack does not know yet, or denies it at once.
            BreakerOpen, PaystackUnavailable: PayStack can't be asked now.
            PaystackCredentialsError: PayStack refuses our key.
            StoreUnavailable: see :class:`~orderflow.orders.store.OrderStore`; also where the
                payment was reported again while PayStack was asked.
        """
        order = self._store.get(order_id)
        refuse_closed(order)
        self._alert_unconfirmed_payments(order)
        if order.payment is None:
            raise self._unpaid(order)
        if order.payment.verified_at is None:
            order = self._ask(order, order.payment, waits)
        return self._completable(order)

    def _ask(self, order: Order, payment: Payment, waits: int) -> Order:
        denied = self._denial(payment)
        if denied is None:
            verified = payment.model_copy(update={"verified_at": _now()})
            return _present(self._store.confirm_payment(order.order_id, verified))
        if waits == 0:
            raise PaymentUnsettled(f"PayStack does not confirm {payment.reference}: {denied}.")
        dropped = self._drop(order, UnconfirmedPayment(payment=payment, said=denied, at=_now()))
        self._alert_unconfirmed_payments(dropped)
        raise self._unpaid(dropped)

    def _denial(self, payment: Payment) -> str | None:
        """What PayStack says instead, or None if it confirms the payment."""
        try:
            charge = self._paystack.verify(payment.reference)
        except UnknownTransactionError:
            return _UNKNOWN
        if charge.status in _OVER:
            return charge.status
        if charge.status != _SUCCESS:
            raise PaymentUnsettled(f"PayStack says of {payment.reference}: {charge.status}.")
        if (charge.amount, charge.currency) != (payment.amount_kobo, payment.currency):
            return f"another amount: {charge.amount} of the minor unit of {charge.currency}"
        return None

    def _drop(self, seen: Order, unconfirmed: UnconfirmedPayment) -> Order:
        dropped = _present(self._store.drop_payment(seen, unconfirmed))
        metrics.add_metric("PaymentsDenied", "Count", 1)
        audit.record(
            audit.AuditEntry(
                actor=self._by,
                action="dropped a payment that PayStack denies",
                subject=seen.order_id,
                reason=unconfirmed.said,
                details=unconfirmed.payment.model_dump(by_alias=True),
            )
        )
        return dropped

    def _alert_unconfirmed_payments(self, order: Order) -> None:
        """Also of those that an earlier attempt, which died, dropped without a word."""
        untold = [each for each in order.unconfirmed_payments if each.notified_at is None]
        for unconfirmed in untold:
            self._tell_operations(
                "Grocery orders: PayStack denies a payment",
                _ALERT.format(
                    order_id=order.order_id,
                    reference=unconfirmed.payment.reference,
                    amount=naira(unconfirmed.payment.amount_kobo),
                    said=unconfirmed.said,
                ),
            )
        if untold:
            told = {"notified_at": _now()}
            self._store.record_unconfirmed_payments(
                order,
                [
                    each if each.notified_at else each.model_copy(update=told)
                    for each in order.unconfirmed_payments
                ],
            )

    def _unpaid(self, order: Order) -> OrderflowError:
        """What the execution is to do about an order that is still to be paid."""
        if _time_is_over(order):
            if order.status not in PREDECESSORS[OrderStatus.EXPIRED]:
                return IllegalTransitionError(order.order_id, order.status, OrderStatus.EXPIRED)
            return PaymentLinkExpired(f"Order {order.order_id} was not paid in time.")
        if order.status is not OrderStatus.PAYMENT_INITIATED:
            self._reopen(order.order_id)
        return PaymentNotConfirmed(f"Order {order.order_id} is still to be paid.")

    def _completable(self, order: Order) -> Order:
        if order.status in PREDECESSORS[OrderStatus.PAYMENT_COMPLETED]:
            return order
        return self._reopen(order.order_id)

    def _reopen(self, order_id: str) -> Order:
        try:
            return self._store.reopen_link(order_id)
        except IllegalTransitionError:
            refuse_closed(self._store.get(order_id))
            raise


def _time_is_over(order: Order) -> bool:
    ends = order.payment_link_expires_at
    return ends is None or ends <= _now()


def _present(order: Order | None) -> Order:
    if order is None:
        # Asked again, PayStack may know more of it.
        raise StoreUnavailable("The order's payment changed while PayStack was asked.")
    return order


def _now() -> str:
    return iso(datetime.now(UTC))
