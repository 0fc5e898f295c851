"""VerifyPayment: asks PayStack whether an order is paid, before it is completed or ends."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.platform.observability import PAYMENTS, logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.payments import verification


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId, breaker, retryCount, waits, rejected}`` -> ``{orderId, reference}``."""
    logger.append_keys(order_id=event["orderId"])
    order = verification(event).verify(event["orderId"], event["waits"], rejected=event["rejected"])
    metrics.add_metric("PaymentsConfirmed", MetricUnit.Count, 1)
    if order.payment is not None and order.payment.verified_at is not None:
        PAYMENTS.measure(order.payment.paid_at, order.payment.verified_at)
    return {"orderId": order.order_id, "reference": order.payment and order.payment.reference}
