"""MatchProducts and MatchByName: products and prices for an order's lines."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import tracer
from orderflow.wiring.matching import basket_filling


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId, useModel}`` -> ``{orderId, matchedCount, unmatchedCount, totalKobo}``.

    With ``useModel`` the event holds ``breaker`` and ``retryCount``, too.
    """
    logger.append_keys(order_id=event["orderId"])
    order, usage = basket_filling(event)(event["orderId"])
    metrics.add_metric("ModelInputTokens", MetricUnit.Count, usage.input_tokens)
    metrics.add_metric("ModelOutputTokens", MetricUnit.Count, usage.output_tokens)
    return {
        "orderId": order.order_id,
        "matchedCount": len(order.lines),
        "unmatchedCount": len(order.unmatched),
        "totalKobo": order.total_kobo,
    }
