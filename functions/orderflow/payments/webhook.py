"""Handling the events that PayStack signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from orderflow.clock import Clock, utc_now
from orderflow.errors import OrderflowError
from orderflow.orders.access import is_order_id
from orderflow.orders.ports import Orders
from orderflow.payments.paystack import Charge, FailedCharge, WebhookEvent
from orderflow.payments.recording import PaymentRecorder, by_task_token
from orderflow.payments.reversals.events import (
    DISPUTE_EVENTS,
    DISPUTE_REMINDER,
    REFUND_EVENTS,
    REJECTED_TRANSFER,
    DisputeReport,
    RefundReport,
    RejectedTransfer,
)
from orderflow.payments.reversals.recording import ReversalRecorder
from orderflow.payments.reversals.times import ReversalTimes
from orderflow.payments.settlement import record_decline
from orderflow.platform.alerts import Alerts
from orderflow.platform.audit import NO_SUBJECT
from orderflow.platform.observability import logger, metrics

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: PayStack's events have about 3 KB.
MAX_BODY_BYTES: Final = 64 * 1024


class UnreadableEventError(OrderflowError):
    """The body has a valid signature, but is not an event as PayStack documents it."""


def comes_from(source: str, allowed: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether an address is in one of the networks. With no networks, every address is."""
    networks = [*allowed]
    try:
        return not networks or any(ip_address(source) in network for network in networks)
    except ValueError:
        return False


def order_in(body: bytes) -> str:
    """The id of the order that a signed event names, for the audit; :data:`NO_SUBJECT` for none."""
    try:
        data = WebhookEvent.model_validate_json(body).data
    except ValidationError:
        return NO_SUBJECT
    ids = (str(reference).rpartition("-")[0] for reference in _references(data))
    return next(filter(is_order_id, ids), NO_SUBJECT)


def _references(data: dict[str, Any]) -> Iterator[object]:
    """Where events name a payment: those of charges, of refunds and of disputes."""
    yield data.get("reference")
    yield data.get("transaction_reference")
    transaction = data.get("transaction")
    if isinstance(transaction, dict):
        yield transaction.get("reference")


class WebhookReceiver:
    """Records events and resumes the executions that wait for them."""

    def __init__(
        self,
        store: Orders,
        sfn: SFNClient,
        alerts: Alerts,
        clock: Clock = utc_now,
        times: ReversalTimes | None = None,
    ) -> None:
        self._store = store
        self._recorder = PaymentRecorder(store, alerts, by_task_token(sfn), clock)
        self._reversals = ReversalRecorder(store, alerts, times, clock)
        self._clock = clock

    def receive(self, body: bytes) -> str:
        """Handle one event; doing so again changes nothing.

        Returns:
            The outcome: a :class:`~orderflow.payments.settlement.Settlement`, one of
            :class:`~orderflow.payments.reversals.recording.ReversalRecorder`, ``declined`` or
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
                case name if name in REFUND_EVENTS:
                    refund = RefundReport.model_validate(event.data)
                    return self._reversals.refund(refund, REFUND_EVENTS[name])
                case name if name in DISPUTE_EVENTS:
                    dispute = DisputeReport.model_validate(event.data)
                    return self._reversals.dispute(dispute, reminds=name == DISPUTE_REMINDER)
                case name if name == REJECTED_TRANSFER:
                    transfer = RejectedTransfer.model_validate(event.data)
                    return self._reversals.rejected_transfer(transfer)
        except ValidationError as error:
            raise UnreadableEventError("not a PayStack event") from error
        logger.info("webhook ignored")
        metrics.add_metric("WebhooksIgnored", "Count", 1)
        return "ignored"

    def _settle(self, charge: Charge) -> str:
        settlement, _ = self._recorder.record(charge, verified=False)
        return str(settlement)

    def _decline(self, charge: FailedCharge) -> str:
        if not record_decline(charge, self._store, self._clock):
            return "ignored"
        logger.info("payment declined", extra={"reference": charge.reference})
        metrics.add_metric("PaymentsDeclined", "Count", 1)
        return "declined"
