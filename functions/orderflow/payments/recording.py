"""The one path on which a charge gets to its order, whichever way it was found.

The webhook, the verification, the return of the customer and the reconciler all come here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from orderflow.clock import Clock, utc_now
from orderflow.money import amount_in_words
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.payments import refunds
from orderflow.payments.paystack import Charge, Unreadable
from orderflow.payments.reversals.recording import ReversalRecorder
from orderflow.payments.settlement import Settlement, settle
from orderflow.platform.alerts import Alerts
from orderflow.platform.observability import logger, metrics
from orderflow.workflow.task_tokens import answer

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: The alerts about payments that no order can take.
_ALERTS: Final = {
    Settlement.REFUND_DUE: "A payment came in for an order that had ended, or that is paid: "
    "give it back.",
    Settlement.MISMATCH: "A payment differs from what its order asked for: check it.",
    Settlement.UNKNOWN_ORDER: "A payment names no order of ours: check it.",
}

_OVERPAID: Final = (
    "A customer has paid more than the order's total and PayStack's fees. The order goes on; "
    "check the rest and give it back."
)

#: Lets an order's execution go on, which waits for the payment.
Resume = Callable[[Order], object]


def by_task_token(sfn: SFNClient) -> Resume:
    """Answers the order's task token, if AwaitPayment waits."""

    def resume(order: Order) -> None:
        # Without a token AwaitPayment does not wait yet; it will find the payment.
        if order.task_token is not None:
            answer(sfn, order.task_token, {"orderId": order.order_id})

    return resume


def by_caller(_order: Order) -> None:
    """Does nothing: the caller is a step of the order's execution, which goes on itself."""


class PaymentRecorder:
    """Records charges, lets executions go on, and alerts about money that no order can take."""

    def __init__(
        self, store: Orders, alerts: Alerts, resume: Resume, clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._alerts = alerts
        self._resume = resume
        self._clock = clock
        self._reversals = ReversalRecorder(store, alerts, clock=clock)

    def record(self, charge: Charge, *, verified: bool) -> tuple[Settlement, Order | None]:
        """Record one successful charge; doing so again changes nothing.

        Args:
            charge: the charge.
            verified: whether PayStack's API shows it, rather than a webhook.

        Raises:
            StoreUnavailable: nothing was recorded; try again.
            NotificationUnavailable: recorded, but not alerted; try again.
        """
        settlement, order = settle(charge, self._store, self._clock, verified=verified)
        logger.info(
            "payment reported", extra={"reference": charge.reference, "settlement": settlement}
        )
        metrics.add_metric(f"Payments{settlement.name.title().replace('_', '')}", "Count", 1)
        if settlement in _ALERTS:
            self._alert_once(_ALERTS[settlement], charge, order)
        elif order is not None:
            # Also for a repetition: the first report may have failed between the two steps.
            self._resume(order)
            if charge.excess_over(order.total_kobo):
                self._alert(_OVERPAID, charge)
        return settlement, order

    def record_reversal(self, order: Order, charge: Charge, *, alerted: bool = False) -> Order:
        """Record that PayStack shows an order's charge as reversed; again changes nothing.

        Args:
            order: the order.
            charge: the charge.
            alerted: whether operations were alerted about it already.

        Raises:
            StoreUnavailable: nothing was recorded; try again.
            NotificationUnavailable: recorded, but not alerted; try again.
        """
        return self._reversals.reversed_charge(order, charge, alerted=alerted)

    def _alert_once(self, message: str, charge: Charge, order: Order | None) -> None:
        refund = refunds.find(order, charge) if order else None
        if refund is not None and refund.notified_at is not None:
            return
        self._alert(message, charge)
        # Recorded after the alert: a crash between the two repeats it instead of losing it.
        if order is not None and refund is not None:
            refunds.operations_notified(order, refund, self._store, self._clock)

    def _alert(self, message: str, charge: Charge) -> None:
        asked, fees = charge.requested_amount, charge.fees
        more = [
            f"{name}: {_in_words(charge.currency, amount)}"
            for name, amount in (("Asked for", asked), ("PayStack's fees", fees))
            if amount is not None
        ]
        lines = [f"Amount: {amount_in_words(charge.currency, charge.amount)}", *more]
        self._alerts.publish(
            "Grocery orders: a payment needs a look",
            f"{message}\n\nReference: {charge.reference}\n" + "\n".join(lines) + "\n\n"
            "See the runbook refunds.md, and: orders refunds list",
        )


def _in_words(currency: str, amount: int | Unreadable) -> str:
    return amount if isinstance(amount, Unreadable) else amount_in_words(currency, amount)
