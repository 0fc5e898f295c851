"""record_failures: executions that ended without success, as EventBridge tells of them."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field

from orderflow.operations.failures import FailureRecorder
from orderflow.orders.store import OrderStore
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    OperationsEnvironment,
    OrdersEnvironment,
    load_environment,
)
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import tracer

snapshots.prepare(aws.dynamodb, aws.step_functions, aws.sns)


class FailuresEnvironment(OrdersEnvironment, OperationsEnvironment):
    """What this function needs."""

    stage: str = Field(alias="STAGE", min_length=1)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
@event_source(data_class=EventBridgeEvent)
def lambda_handler(event: EventBridgeEvent, context: LambdaContext) -> dict[str, Any]:
    """ "Step Functions Execution Status Change" -> what became of it."""
    environment = load_environment(FailuresEnvironment)
    execution_arn = event.detail["executionArn"]
    logger.append_keys(execution_arn=execution_arn)
    recorder = FailureRecorder(
        OrderStore(aws.table(environment.orders_table), by="record_failures"),
        aws.step_functions(),
        aws.sns(),
        environment.operations_topic_arn,
        environment.stage,
    )
    outcome = recorder.record(execution_arn)
    logger.info("failure reported", extra={"outcome": outcome})
    metrics.add_metric(f"Failures{outcome.name.title().replace('_', '')}", MetricUnit.Count, 1)
    return {"outcome": outcome}
