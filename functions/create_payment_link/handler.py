"""CreatePaymentLink: a PayStack transaction and its link."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.clock import utc_now
from orderflow.payments.links import link_wanted_since
from orderflow.platform.observability import LINKS, logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.payments import link_creation


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId, breaker, retryCount}`` -> ``{orderId, paymentLink, reference}``."""
    logger.append_keys(order_id=event["orderId"])
    order = link_creation(event)(event["orderId"])
    if not order.synthetic:
        metrics.add_metric("PaymentLinksReady", MetricUnit.Count, 1)
        LINKS.measure(link_wanted_since(order), utc_now())
    return {
        "orderId": order.order_id,
        "paymentLink": order.payment_link,
        "reference": order.payment_reference,
    }
