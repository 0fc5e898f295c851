"""reconcile_orders: every few minutes, orders that should be moving and are not."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.inquiries import link_checks, reversal_checks, session_timeout_check
from orderflow.wiring.operations import measure_parked_orders, reconciler


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A scheduled event -> what was found.

    It is a :class:`~orderflow.operations.reconciler.Reconciliation`, with a
    :class:`~orderflow.operations.link_checks.LinkChecksResult` as ``links`` and a
    :class:`~orderflow.operations.reversal_checks.ReversalChecksResult` as ``reversals``.
    """
    result = reconciler().reconcile()
    stuck = sum(finding.status is not None for finding in result.reported)
    logger.info("reconciled", extra={"checked": result.checked, "unchecked": result.unchecked})
    metrics.add_metric("OrdersReconciled", MetricUnit.Count, len(result.repaired))
    metrics.add_metric("OrdersStuck", MetricUnit.Count, stuck)
    metrics.add_metric("LinkChecksScheduled", MetricUnit.Count, result.scheduled)
    metrics.add_metric("OrdersUnchecked", MetricUnit.Count, result.unchecked)
    measure_parked_orders()
    links = link_checks().run()
    logger.info("links checked", extra=links.model_dump())
    metrics.add_metric("LinksChecked", MetricUnit.Count, links.checked)
    metrics.add_metric("LinksFoundPaid", MetricUnit.Count, links.found)
    metrics.add_metric("LinksUnchecked", MetricUnit.Count, links.failed)
    reversals = reversal_checks().run()
    logger.info("reversals checked", extra=reversals.model_dump())
    metrics.add_metric("ReversalsChecked", MetricUnit.Count, reversals.checked)
    metrics.add_metric("ReversalsUnchecked", MetricUnit.Count, reversals.failed)
    session_timeout_check().run()
    return {
        **result.model_dump(by_alias=True, mode="json"),
        "links": links.model_dump(by_alias=True, mode="json"),
        "reversals": reversals.model_dump(by_alias=True, mode="json"),
    }
