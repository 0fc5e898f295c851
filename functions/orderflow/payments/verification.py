"""Verifying a reported payment with PayStack's API before it completes an order.

A forger who knows the key that signs webhooks could report any payment; PayStack's API, called over
TLS, shows whether it was made. A payment that PayStack does not confirm is removed from the order,
which keeps waiting, and operations are alerted: the key may have leaked.

Source: https://paystack.com/docs/payments/verify-payments/ (the statuses of a transaction).
"""

from __future__ import annotations

from typing import Final, Protocol

from orderflow.clock import Clock, utc_now
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
from orderflow.orders.model import Order, Payment, UnconfirmedPayment
from orderflow.orders.ports import Orders
from orderflow.orders.status import PREDECESSORS, OrderStatus
from orderflow.payments.paystack import Charge
from orderflow.platform import audit
from orderflow.platform.alerts import Alerts
from orderflow.platform.observability import metrics

#: The transaction is over without a payment, or the payment went back. A link that was never paid
#: is "abandoned", too.
_OVER: Final = frozenset({"abandoned", "failed", "reversed"})

_SUCCESS: Final = "success"

_UNKNOWN: Final = "it knows no such transaction"

_ALERT: Final = """\
The webhook reported a payment under our own signature, and PayStack does not confirm it.
It was taken off its order, which waits on; nothing was completed.

Order: {order_id}
Reference: {reference}
Amount: {amount}
PayStack says: {answer}

Our secret key, which signs webhooks, may have leaked. See the runbook refunds.md.
"""


class Verifier(Protocol):
    """The part of :class:`~orderflow.payments.paystack.PaystackClient` that verifies."""

    def verify(self, reference: str) -> Charge:
        """The transaction as PayStack's API shows it now."""


class PaymentVerification:
    """Decides whether an order has a payment that PayStack confirms.

    Args:
        store: the orders.
        paystack: the API.
        alerts: alerts operations about unconfirmed payments.
        by: the actor, for the audit trail.
        clock: the time of what is recorded.
    """

    def __init__(
        self,
        store: Orders,
        paystack: Verifier,
        alerts: Alerts,
        by: str,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._paystack = paystack
        self._alerts = alerts
        self._by = by
        self._clock = clock

    def verify(self, order_id: str, waits: int) -> Order:
        """The order, with a payment that PayStack confirms.

        Args:
            order_id: the order.
            waits: how often the execution has waited and verified again. A payment is removed only
                after the first wait: PayStack's API may lag behind its webhooks.

        Raises:
            OrderAlreadyClosed: the order has ended.
            PaymentNotConfirmed: the order is not paid, and waits for its payment.
            PaymentLinkExpired: the order is not paid, and its link has expired.
            PaymentUnsettled: PayStack does not know yet, or did not confirm it before a wait.
            BreakerOpen, PaystackUnavailable: PayStack can't be called now.
            PaystackCredentialsError: PayStack refuses our key.
            StoreUnavailable: see :class:`~orderflow.orders.ports.Orders`; also where the
                payment was reported again while PayStack was called.
        """
        order = self._store.get(order_id)
        order.refuse_if_closed()
        self._alert_unconfirmed_payments(order)
        if order.payment is None:
            raise self._unpaid(order)
        if order.payment.verified_at is None:
            order = self._confirm(order, order.payment, waits)
        return self._completable(order)

    def _confirm(self, order: Order, payment: Payment, waits: int) -> Order:
        answer = self._contrary_answer(payment)
        if answer is None:
            verified = payment.model_copy(update={"verified_at": self._clock()})
            return _present(self._store.confirm_payment(order.order_id, verified))
        if waits == 0:
            raise PaymentUnsettled(f"PayStack does not confirm {payment.reference}: {answer}.")
        unconfirmed = UnconfirmedPayment(payment=payment, paystack_answer=answer, at=self._clock())
        dropped = self._drop(order, unconfirmed)
        self._alert_unconfirmed_payments(dropped)
        raise self._unpaid(dropped)

    def _contrary_answer(self, payment: Payment) -> str | None:
        """What PayStack answers instead, or None if it confirms the payment."""
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
                reason=unconfirmed.paystack_answer,
                details=unconfirmed.payment.model_dump(by_alias=True),
            )
        )
        return dropped

    def _alert_unconfirmed_payments(self, order: Order) -> None:
        """Alert about each one once, also about those that an attempt that crashed has left."""
        pending = [each for each in order.unconfirmed_payments if each.notified_at is None]
        for unconfirmed in pending:
            self._alerts.publish(
                "Grocery orders: PayStack denies a payment",
                _ALERT.format(
                    order_id=order.order_id,
                    reference=unconfirmed.payment.reference,
                    amount=naira(unconfirmed.payment.amount_kobo),
                    answer=unconfirmed.paystack_answer,
                ),
            )
        if pending:
            notified = {"notified_at": self._clock()}
            self._store.record_unconfirmed_payments(
                order,
                [
                    each if each.notified_at else each.model_copy(update=notified)
                    for each in order.unconfirmed_payments
                ],
            )

    def _unpaid(self, order: Order) -> OrderflowError:
        """The error that directs the execution of an order that is not paid."""
        if order.has_expired(self._clock()):
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
            self._store.get(order_id).refuse_if_closed()
            raise


def _present(order: Order | None) -> Order:
    if order is None:
        # PayStack may know more of it the next time.
        raise StoreUnavailable("The order's payment changed while PayStack was asked.")
    return order
