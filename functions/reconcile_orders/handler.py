"""reconcile_orders: every few minutes, orders that should be moving and are not."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import tracer
from orderflow.wiring.operations import reconciler


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A scheduled event -> a :class:`~orderflow.operations.reconciler.Reconciliation`."""
    result = reconciler().reconcile()
    stuck = sum(finding.status is not None for finding in result.reported)
    logger.info("reconciled", extra={"checked": result.checked, "unchecked": result.unchecked})
    metrics.add_metric("OrdersReconciled", MetricUnit.Count, len(result.repaired))
    metrics.add_metric("OrdersStuck", MetricUnit.Count, stuck)
    metrics.add_metric("OrdersUnchecked", MetricUnit.Count, result.unchecked)
    return result.model_dump(by_alias=True, mode="json")
