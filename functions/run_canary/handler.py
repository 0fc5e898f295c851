"""run_canary: orders as a synthetic customer, and measures whether everything was as expected."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.canary import journey


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A scheduled event -> ``{passed, seconds, orderId, failedStep, problem}``."""
    report = journey().run()
    metrics.add_metric("CanaryMissed", MetricUnit.Count, int(not report.passed))
    metrics.add_metric("CanarySeconds", MetricUnit.Seconds, report.seconds)
    answer = report.as_json()
    if report.passed:
        logger.info("canary passed", extra=answer)
    else:
        logger.error("canary missed", extra=answer)
    return answer
