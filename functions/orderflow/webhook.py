"""What happens to an event that PayStack signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from orderflow.errors import OrderflowError
from orderflow.observability import logger, metrics
from orderflow.order import Order
from orderflow.payments import Settlement, settle
from orderflow.paystack import Charge, WebhookEvent
from orderflow.store import OrderStore
from orderflow.task_tokens import answer

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient

#: What people have to look at: money came in that no order can take.
_ALERTS: Final = {
    Settlement.REFUND_DUE: "A payment came in for an order that had ended: refund it.",
    Settlement.MISMATCH: "A payment differs from what its order asked for: check it.",
    Settlement.UNKNOWN_ORDER: "A payment names no order of ours: check it.",
}


class UnreadableEventError(OrderflowError):
    """The body carries a good signature, but is not an event as PayStack documents it."""


class WebhookReceiver:
    """Settles events and wakes the executions that wait for them."""

    def __init__(
        self, store: OrderStore, sfn: SFNClient, sns: SNSClient, operations_topic_arn: str
    ) -> None:
        self._store = store
        self._sfn = sfn
        self._sns = sns
        self._operations_topic_arn = operations_topic_arn

    def receive(self, body: bytes) -> str:
        """Handle one event; doing so again changes nothing.

        Returns:
            What became of it: a :class:`~orderflow.payments.Settlement`, or ``ignored``.

        Raises:
            UnreadableEventError: see there.
            StoreUnavailable: nothing was recorded; the event must be sent again.
        """
        try:
            event = WebhookEvent.model_validate_json(body)
            if event.event != "charge.success":
                logger.info("webhook ignored", extra={"event_name": event.event})
                metrics.add_metric("WebhooksIgnored", "Count", 1)
                return "ignored"
            charge = Charge.model_validate(event.data)
        except ValidationError as error:
            raise UnreadableEventError("not a PayStack event") from error
        return self._settle(charge)

    def _settle(self, charge: Charge) -> str:
        settlement, order = settle(charge, self._store)
        logger.info(
            "payment reported", extra={"reference": charge.reference, "settlement": settlement}
        )
        metrics.add_metric(f"Payments{settlement.name.title().replace('_', '')}", "Count", 1)
        if settlement in _ALERTS:
            self._alert(_ALERTS[settlement], charge)
        elif order is not None:
            # Also for a repetition: the first delivery may have died between the two steps.
            self._wake(order)
        return str(settlement)

    def _wake(self, order: Order) -> None:
        if order.task_token is None:
            return  # not waiting yet: AwaitPayment will see that the payment is there
        answer(self._sfn, order.task_token, {"orderId": order.order_id})

    def _alert(self, message: str, charge: Charge) -> None:
        self._sns.publish(
            TopicArn=self._operations_topic_arn,
            Subject="Grocery orders: a payment needs a look",
            Message=f"{message}\n\nReference: {charge.reference}\n"
            f"Amount: {charge.amount} kobo ({charge.currency})",
        )
