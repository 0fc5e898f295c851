"""Handling the events that PayStack signed."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from orderflow.clock import Clock, utc_now
from orderflow.errors import OrderflowError
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.payments import refunds
from orderflow.payments.paystack import Charge, FailedCharge, WebhookEvent
from orderflow.payments.settlement import Settlement, record_decline, settle
from orderflow.platform.alerts import Alerts
from orderflow.platform.observability import logger, metrics
from orderflow.workflow.task_tokens import answer

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: PayStack's events have about 3 KB.
MAX_BODY_BYTES: Final = 64 * 1024

#: The alerts about payments that no order can take.
_ALERTS: Final = {
    Settlement.REFUND_DUE: "A payment came in for an order that had ended, or that is paid: "
    "give it back.",
    Settlement.MISMATCH: "A payment differs from what its order asked for: check it.",
    Settlement.UNKNOWN_ORDER: "A payment names no order of ours: check it.",
}


class UnreadableEventError(OrderflowError):
    """The body has a valid signature, but is not an event as PayStack documents it."""


def comes_from(source: str, allowed: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether an address is in one of the networks. With no networks, every address is."""
    networks = [*allowed]
    try:
        return not networks or any(ip_address(source) in network for network in networks)
    except ValueError:
        return False


class WebhookReceiver:
    """Records events and resumes the executions that wait for them."""

    def __init__(
        self, store: Orders, sfn: SFNClient, alerts: Alerts, clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._sfn = sfn
        self._alerts = alerts
        self._clock = clock

    def receive(self, body: bytes) -> str:
        """Handle one event; doing so again changes nothing.

        Returns:
            The outcome: a :class:`~orderflow.payments.settlement.Settlement`, ``declined`` or
            ``ignored``.

        Raises:
            UnreadableEventError: the body is not an event.
            StoreUnavailable: nothing was recorded; the event must be sent again.
            NotificationUnavailable: recorded, but not alerted; the event must be sent again.
        """
        try:
            event = WebhookEvent.model_validate_json(body)
            match event.event:
                case "charge.success":
                    return self._settle(Charge.model_validate(event.data))
                case "charge.failed":
                    return self._decline(FailedCharge.model_validate(event.data))
        except ValidationError as error:
            raise UnreadableEventError("not a PayStack event") from error
        logger.info("webhook ignored")
        metrics.add_metric("WebhooksIgnored", "Count", 1)
        return "ignored"

    def _settle(self, charge: Charge) -> str:
        settlement, order = settle(charge, self._store, self._clock)
        logger.info(
            "payment reported", extra={"reference": charge.reference, "settlement": settlement}
        )
        metrics.add_metric(f"Payments{settlement.name.title().replace('_', '')}", "Count", 1)
        if settlement in _ALERTS:
            self._alert_once(_ALERTS[settlement], charge, order)
        elif order is not None:
            # Also for a repetition: the first delivery may have failed between the two steps.
            self._resume(order)
        return str(settlement)

    def _decline(self, charge: FailedCharge) -> str:
        if not record_decline(charge, self._store, self._clock):
            return "ignored"
        logger.info("payment declined", extra={"reference": charge.reference})
        metrics.add_metric("PaymentsDeclined", "Count", 1)
        return "declined"

    def _resume(self, order: Order) -> None:
        if order.task_token is None:
            return  # AwaitPayment does not wait yet; it will find the payment
        answer(self._sfn, order.task_token, {"orderId": order.order_id})

    def _alert_once(self, message: str, charge: Charge, order: Order | None) -> None:
        refund = refunds.find(order, charge) if order else None
        if refund is not None and refund.notified_at is not None:
            return
        self._alerts.publish(
            "Grocery orders: a payment needs a look",
            f"{message}\n\nReference: {charge.reference}\n"
            f"Amount: {charge.amount} kobo ({charge.currency})\n\n"
            "See the runbook refunds.md, and: orders refunds list",
        )
        # Recorded after the alert: a crash between the two repeats it instead of losing it.
        if order is not None and refund is not None:
            refunds.operations_notified(order, refund, self._store, self._clock)
