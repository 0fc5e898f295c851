"""Records what is reported about refunds and disputes on their orders, and alerts operations.

Each change is recorded and alerted about once, however often it is reported. The alert follows the
record: a crash between the two repeats the alert with the next report, instead of losing it.
"""

from __future__ import annotations

from typing import Final

from orderflow.clock import Clock, iso, utc_now
from orderflow.money import amount_in_words
from orderflow.orders.model import Order
from orderflow.orders.money_records import Dispute, Refund, RefundStatus
from orderflow.orders.ports import Orders
from orderflow.payments.paystack import Charge
from orderflow.payments.reversals.dispute_changes import with_dispute
from orderflow.payments.reversals.events import DisputeReport, RefundReport, RejectedTransfer
from orderflow.payments.reversals.refund_changes import (
    SeenRefund,
    with_refund,
    with_reversed_charge,
)
from orderflow.payments.reversals.times import ReversalTimes
from orderflow.payments.settlement import order_of
from orderflow.platform.alerts import Alerts
from orderflow.platform.observability import logger, metrics

_RUNBOOK: Final = "See the runbook refunds.md."

#: What operations do about a refund in each state.
_REFUND_ADVICE: Final = {
    RefundStatus.PENDING: "PayStack will process it; nothing is to be done.",
    RefundStatus.PROCESSING: "PayStack is processing it; nothing is to be done.",
    RefundStatus.PROCESSED: "The customer's bank has it; nothing is to be done.",
    RefundStatus.NEEDS_ATTENTION: "PayStack needs the customer's bank account: give it to them in "
    "the dashboard. The payment is due until then: orders refunds list",
    RefundStatus.FAILED: "The money is back with us, and is due again: orders refunds list",
    RefundStatus.REFUSED: "PayStack did not make it. The payment is still due: orders refunds list",
}

_NOT_US: Final = "staff in PayStack's dashboard, or the bank; no command of ours"

#: States that operations hear of from the command that leads to them.
_UNANNOUNCED: Final = frozenset({RefundStatus.REQUESTED})


class ReversalRecorder:
    """Records reports about money that goes back.

    Args:
        store: the orders.
        alerts: alerts operations.
        times: when refunds and disputes are looked after.
        clock: the time of what is recorded.
    """

    def __init__(
        self,
        store: Orders,
        alerts: Alerts,
        times: ReversalTimes | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._alerts = alerts
        self.times = times or ReversalTimes()
        self._clock = clock

    def refund(self, report: RefundReport, status: RefundStatus) -> str:
        """Record a refund's event.

        Returns:
            ``refund-recorded``, ``refund-repeated`` or ``unknown-order``.

        Raises:
            StoreUnavailable: nothing was recorded; try again.
            NotificationUnavailable: recorded, but not alerted; try again.
        """
        order = order_of(report.transaction_reference, self._store)
        money = amount_in_words(report.currency, report.amount)
        if order is None:
            self._unknown(f"refund is {status}", report.transaction_reference, money)
            return "unknown-order"
        seen = SeenRefund(
            reference=report.transaction_reference,
            amount=report.amount,
            currency=report.currency,
            status=status,
            refund_id=report.id,
            refund_reference=report.refund_reference,
        )
        changed = with_refund(order, seen, self._clock(), self.times)
        self.record(order, changed)
        metrics.add_metric(f"Refunds{_camel(status)}", "Count", 1)
        return "refund-repeated" if changed is order else "refund-recorded"

    def dispute(self, report: DisputeReport, *, reminds: bool) -> str:
        """Record a dispute's event; see :meth:`refund` for the errors.

        Returns:
            ``dispute-recorded``, ``dispute-repeated`` or ``unknown-order``.
        """
        reference = report.transaction.reference
        order = order_of(reference, self._store)
        if order is None:
            due = f"; an answer is due at {iso(report.due_at)}" if report.due_at else ""
            currency = report.currency or report.transaction.currency
            what = f"dispute {report.id} is {report.status}{due}"
            self._unknown(what, reference, _money(currency, report.refund_amount))
            return "unknown-order"
        changed = with_dispute(order, report, self._clock(), self.times, reminds=reminds)
        self.record(order, changed)
        metrics.add_metric("DisputesReported", "Count", 1)
        return "dispute-repeated" if changed is order else "dispute-recorded"

    def rejected_transfer(self, report: RejectedTransfer) -> str:
        """Alert about a bank transfer that PayStack sent back; it names no order.

        Raises:
            NotificationUnavailable: try again.
        """
        transfer = report.bank_transfer
        metrics.add_metric("TransfersRejected", "Count", 1)
        self._alerts.publish(
            "Grocery orders: PayStack rejects a bank transfer",
            "A customer's bank transfer did not fit its payment, and PayStack sends it back. The "
            "order is still to be paid.\n\n"
            # The event names no currency, and its transaction is not known to us before it is paid.
            f"Amount in the account's currency: {transfer.amount // 100:,}."
            f"{transfer.amount % 100:02d}\n"
            f"PayStack's transaction: {transfer.transaction_id}\n"
            f"Why: {transfer.message_type}\n\n"
            "Look the transaction up in PayStack's dashboard where the customer asks.",
        )
        return "transfer-rejected"

    def reversed_charge(self, order: Order, charge: Charge, *, alerted: bool = False) -> Order:
        """Record that PayStack shows a payment as reversed; see :meth:`refund` for the errors.

        ``alerted`` tells that operations were alerted about it already.
        """
        changed = with_reversed_charge(order, charge, self._clock(), alerted=alerted)
        return self.record(order, changed)

    def record(self, seen: Order, changed: Order) -> Order:
        """Record a changed copy of an order, and alert about all of it that is news.

        Raises:
            StoreUnavailable: the order's refunds or disputes changed meanwhile; try again.
            NotificationUnavailable: recorded, but not alerted; try again.
        """
        recorded = seen
        if _kept(changed) != _kept(seen):
            logger.info("money goes back", extra={"order_id": seen.order_id})
            recorded = self._store.record_reversals(seen, changed)
        told = recorded.model_copy(
            update={
                "refunds": [self._told_refund(recorded, each) for each in recorded.refunds],
                "disputes": [self._told_dispute(recorded, each) for each in recorded.disputes],
            }
        )
        if _kept(told) == _kept(recorded):
            return recorded
        return self._store.record_reversals(recorded, told)

    def _told_refund(self, order: Order, refund: Refund) -> Refund:
        if refund.notified_status is refund.status or refund.status in _UNANNOUNCED:
            return refund
        lines = [
            f"Order: {order.order_id}",
            f"Payment: {refund.reference}",
            f"Amount: {amount_in_words(refund.currency, refund.amount)}",
            f"Asked for by: {refund.by or _NOT_US}",
            f"PayStack's number of it: {refund.refund_id or 'not known'}",
            f"The bank's reference: {refund.refund_reference or 'not known'}",
            *([f"Why: {refund.note}"] if refund.note else []),
        ]
        self._alerts.publish(
            f"Grocery orders: a refund is {refund.status}",
            f"A refund is {refund.status}. {_REFUND_ADVICE[refund.status]}\n\n"
            + "\n".join(lines)
            + f"\n\n{_RUNBOOK}",
        )
        return refund.model_copy(update={"notified_status": refund.status})

    def _told_dispute(self, order: Order, dispute: Dispute) -> Dispute:
        if dispute.notified == dispute.news:
            return dispute
        due = iso(dispute.due_at) if dispute.due_at else "not named"
        lines = [
            f"Order: {order.order_id}",
            f"Payment: {dispute.reference}",
            f"Amount: {_money(dispute.currency, dispute.amount)}",
            f"PayStack says: {' '.join(filter(None, (dispute.status, dispute.resolution)))}",
            f"An answer is due at: {due}" if dispute.is_open else f"It was due at: {due}",
        ]
        subject, text = _dispute_words(dispute)
        self._alerts.publish(
            subject,
            f"{text}\n\nDispute: {dispute.dispute_id}\n" + "\n".join(lines) + f"\n\n{_RUNBOOK}",
        )
        return dispute.model_copy(update={"notified": dispute.news})

    def _unknown(self, what: str, reference: str, money: str) -> None:
        self._alerts.publish(
            "Grocery orders: PayStack reports money that goes back",
            f"A {what}, and its payment names no order of ours.\n\nPayment: {reference}\n"
            f"Amount: {money}\n\n{_RUNBOOK}",
        )


def _kept(order: Order) -> tuple[object, ...]:
    return order.refunds_due, order.refunds, order.disputes


def _dispute_words(dispute: Dispute) -> tuple[str, str]:
    if not dispute.is_open:
        lost = "It was decided for the customer: the money went back."
        kept = "It is over; see PayStack's dashboard for what became of the money."
        return "Grocery orders: a dispute is over", lost if dispute.gives_money_back else kept
    text = (
        "A customer's bank disputes a payment. Answer it in PayStack's dashboard before its "
        "deadline: unanswered, the money goes back."
    )
    if dispute.notified is None:
        return "Grocery orders: a payment is disputed", text
    is_reminder = dispute.reminded_at is not None or dispute.own_reminder_at is not None
    what = "a dispute waits for an answer" if is_reminder else "a dispute has changed"
    return f"Grocery orders: {what}", text


def _money(currency: str | None, amount: int | None) -> str:
    return "not named" if amount is None else amount_in_words(currency or "(no currency)", amount)


def _camel(status: RefundStatus) -> str:
    return "".join(part.title() for part in status.split("-"))
