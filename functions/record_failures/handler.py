"""record_failures: executions that ended without success, as EventBridge reports them."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.operations import failure_recorder
from orderflow.workflow.executions import reported


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
@event_source(data_class=EventBridgeEvent)
def lambda_handler(event: EventBridgeEvent, context: LambdaContext) -> dict[str, Any]:
    """ "Step Functions Execution Status Change" -> the outcome."""
    execution = reported(event.detail)
    logger.append_keys(execution_arn=execution.arn)
    outcome = failure_recorder().record_reported(execution)
    logger.info("failure reported", extra={"outcome": outcome})
    metrics.add_metric(f"Failures{outcome.name.title().replace('_', '')}", MetricUnit.Count, 1)
    return {"outcome": outcome}
