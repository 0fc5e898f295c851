"""Verifying with PayStack's API before an order is completed, cancelled or expires.

A forger who knows the key that signs webhooks could report any payment; PayStack's API, called over
TLS, shows whether it was made. A payment that PayStack does not confirm is removed from the order,
which keeps waiting, and operations are alerted: the key may have leaked. A payment whose webhook
was lost is found by asking.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from orderflow.clock import Clock, iso, utc_now
from orderflow.errors import (
    IllegalTransitionError,
    OrderflowError,
    OrderToBeCancelled,
    OrderToBeRejected,
    PaymentLinkExpired,
    PaymentNotConfirmed,
    PaymentUnsettled,
    StoreUnavailable,
    UnknownTransactionError,
)
from orderflow.money import amount_in_words
from orderflow.orders.model import Order
from orderflow.orders.money_records import Payment, UnconfirmedPayment
from orderflow.orders.ports import Orders
from orderflow.orders.status import PREDECESSORS, OrderStatus
from orderflow.payments.inquiry import OVER, PaymentInquiry, Verifier
from orderflow.payments.paystack import REVERSED, SUCCESS, Charge
from orderflow.payments.recording import PaymentRecorder, by_caller
from orderflow.platform import audit
from orderflow.platform.alerts import Alerts
from orderflow.platform.observability import metrics

#: Operations are alerted about an order that PayStack leaves undecided for so long.
DEFAULT_PATIENCE: Final = timedelta(hours=6)

_UNKNOWN: Final = "it knows no such transaction"

_DENIED: Final = """\
The webhook reported a payment under our own signature, and PayStack does not confirm it.
It was taken off its order, which waits on; nothing was completed.

Order: {order_id}
Reference: {reference}
Amount: {amount}
PayStack says: {answer}

Our secret key, which signs webhooks, may have leaked. See the runbook refunds.md.
"""

_WENT_BACK: Final = """\
A payment was reported, and has gone back to the customer since: our staff refunded it, or the
bank took it back. It was taken off its order, which waits on; nothing was completed.

Order: {order_id}
Reference: {reference}
Amount: {amount}
PayStack says: {answer}

Where staff refunded it, cancel the order, too. See the runbook refunds.md.
"""

_UNSETTLED: Final = """\
PayStack has neither confirmed nor denied a payment for too long. The order waits on, and PayStack
is asked again every hour.

Order: {order_id}
Status: {status}
Reference: {reference}
Undecided since: {since}

Look the transaction up in PayStack's dashboard. See the runbook refunds.md.
"""


class PaymentVerification:
    """Decides whether an order has a payment that PayStack confirms.

    Args:
        store: the orders.
        paystack: the API.
        alerts: alerts operations about unconfirmed payments.
        by: the actor, for the audit trail.
        patience: operations are alerted about an order that PayStack leaves undecided for so long.
        clock: the time of what is recorded.
    """

    def __init__(
        self,
        store: Orders,
        paystack: Verifier,
        alerts: Alerts,
        by: str,
        patience: timedelta = DEFAULT_PATIENCE,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._paystack = paystack
        self._recorder = PaymentRecorder(store, alerts, by_caller, clock)
        self._inquiry = PaymentInquiry(store, paystack, self._recorder)
        self._alerts = alerts
        self._patience = patience
        self._by = by
        self._clock = clock

    def verify(self, order_id: str, waits: int, *, rejected: bool = False) -> Order:
        """The order, with a payment that PayStack confirms.

        Args:
            order_id: the order.
            waits: how often the execution has waited and verified again. A payment is removed only
                after the first wait: PayStack's API may lag behind its webhooks.
            rejected: whether the execution can't go on with the order, unless it is paid.

        Raises:
            OrderAlreadyClosed: the order has ended.
            PaymentNotConfirmed: the order is not paid, and waits for its payment.
            OrderToBeCancelled: the order is not paid, and its cancellation is wished.
            OrderToBeRejected: the order is not paid, and ``rejected``.
            PaymentLinkExpired: the order is not paid, and its link has expired.
            PaymentUnsettled: PayStack does not know yet, or did not confirm it before a wait.
            BreakerOpen, PaystackUnavailable: PayStack can't be called now.
            StoreUnavailable: see :class:`~orderflow.orders.ports.Orders`; also where the
                payment was reported again while PayStack was called.
        """
        order = self._store.get(order_id)
        order.refuse_if_closed()
        self._alert_unconfirmed_payments(order)
        try:
            order = self._with_payment(order, waits)
            if order.payment is None:
                raise self._unpaid(order, rejected=rejected)
            return self._completable(order)
        except PaymentUnsettled:
            self._alert_if_long_undecided(order)
            raise

    def _with_payment(self, order: Order, waits: int) -> Order:
        """The order with the payment that PayStack confirms or knows of, or without any."""
        if order.payment is None:
            order = self._inquiry.ask(order)
            order.refuse_if_closed()
        if order.is_unverified and order.payment is not None:
            order = self._confirm(order, order.payment, waits)
        return order

    def _confirm(self, order: Order, payment: Payment, waits: int) -> Order:
        charge, answer = self._look_up(payment)
        if answer is None:
            verified = payment.model_copy(update={"verified_at": self._clock()})
            return _present(self._store.confirm_payment(order.order_id, verified))
        if waits == 0:
            raise PaymentUnsettled(f"PayStack does not confirm {payment.reference}: {answer}.")
        unconfirmed = UnconfirmedPayment(payment=payment, paystack_answer=answer, at=self._clock())
        dropped = self._drop(order, unconfirmed)
        self._alert_unconfirmed_payments(dropped)
        if charge is not None and charge.status == SUCCESS:
            # Another amount was paid, which must not be lost.
            self._recorder.record(charge, verified=True)
        if charge is not None and charge.status == REVERSED:
            return self._recorder.record_reversal(dropped, charge, alerted=True)
        return dropped

    def _look_up(self, payment: Payment) -> tuple[Charge | None, str | None]:
        """PayStack's charge, and what it answers instead; None if it confirms the payment."""
        try:
            charge = self._paystack.verify(payment.reference)
        except UnknownTransactionError:
            return None, _UNKNOWN
        if charge.status in OVER:
            return charge, charge.status
        if charge.status != SUCCESS:
            raise PaymentUnsettled(f"PayStack says of {payment.reference}: {charge.status}.")
        if not charge.pays(payment.amount_kobo, payment.currency):
            return charge, f"another amount: {amount_in_words(charge.currency, charge.amount)}"
        return charge, None

    def _drop(self, seen: Order, unconfirmed: UnconfirmedPayment) -> Order:
        dropped = _present(self._store.drop_payment(seen, unconfirmed))
        went_back = unconfirmed.paystack_answer == REVERSED
        metrics.add_metric("PaymentsReversed" if went_back else "PaymentsDenied", "Count", 1)
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
            went_back = unconfirmed.paystack_answer == REVERSED
            payment = unconfirmed.payment
            self._alerts.publish(
                "Grocery orders: a payment went back"
                if went_back
                else "Grocery orders: PayStack denies a payment",
                (_WENT_BACK if went_back else _DENIED).format(
                    order_id=order.order_id,
                    reference=payment.reference,
                    amount=amount_in_words(payment.currency, payment.amount_kobo),
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

    def _alert_if_long_undecided(self, order: Order) -> None:
        now = self._clock()
        since = order.undecided_since(now)
        if since is None or order.unsettled_alerted_at or now - since < self._patience:
            return
        metrics.add_metric("PaymentsUndecided", "Count", 1)
        self._alerts.publish(
            "Grocery orders: PayStack leaves a payment undecided",
            _UNSETTLED.format(
                order_id=order.order_id,
                status=order.status,
                reference=order.payment_reference,
                since=iso(since),
            ),
        )
        self._store.record_unsettled_alert(order.order_id)

    def _unpaid(self, order: Order, *, rejected: bool) -> OrderflowError:
        """The error that directs the execution of an order that is not paid."""
        if order.cancel_requested is not None:
            return OrderToBeCancelled(order.cancel_requested.reason)
        # In PAYMENT_INITIATED an order is not rejected: its customer may be paying.
        if rejected and order.status in PREDECESSORS[OrderStatus.REJECTED]:
            return OrderToBeRejected(order.payment_reference or "")
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
