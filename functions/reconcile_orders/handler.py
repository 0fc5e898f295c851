"""reconcile_orders: every few minutes, orders that should be moving and are not."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field

from orderflow.breakers.reminders import ForcedBreakers
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.operations.failures import FailureRecorder
from orderflow.operations.reconciler import Reconciler
from orderflow.orders.store import OrderStore
from orderflow.platform import alerts, aws, snapshots
from orderflow.platform.environment import (
    BreakersEnvironment,
    OrdersEnvironment,
    RecoveryEnvironment,
    WorkflowEnvironment,
    load_environment,
)
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import tracer
from orderflow.recovery.settings import load_recovery_settings

snapshots.prepare(aws.dynamodb, aws.step_functions, aws.sns, aws.ssm_parameters)


class ReconcileEnvironment(
    OrdersEnvironment, WorkflowEnvironment, BreakersEnvironment, RecoveryEnvironment
):
    """What this function needs."""

    stage: str = Field(alias="STAGE", min_length=1)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A scheduled event -> a :class:`~orderflow.operations.reconciler.Reconciliation`."""
    result = _reconciler(load_environment(ReconcileEnvironment)).reconcile()
    stuck = sum(finding.status is not None for finding in result.reported)
    logger.info("reconciled", extra={"checked": result.checked, "unchecked": result.unchecked})
    metrics.add_metric("OrdersReconciled", MetricUnit.Count, len(result.repaired))
    metrics.add_metric("OrdersStuck", MetricUnit.Count, stuck)
    metrics.add_metric("OrdersUnchecked", MetricUnit.Count, result.unchecked)
    return result.model_dump(by_alias=True, mode="json")


def _reconciler(environment: ReconcileEnvironment) -> Reconciler:
    store = OrderStore(aws.table(environment.orders_table), by="reconcile_orders")
    breakers = aws.table(environment.breakers_table)
    sfn, sns, topic_arn = aws.step_functions(), aws.sns(), environment.operations_topic_arn
    settings = load_recovery_settings(environment.recovery_parameter)
    return Reconciler(
        store=store,
        breakers=DynamoBreakerStore(breakers),
        forced=ForcedBreakers(breakers),
        sfn=sfn,
        failures=FailureRecorder(store, sfn, sns, topic_arn, environment.stage),
        tell_operations=partial(alerts.publish, sns, topic_arn),
        state_machine_arn=environment.state_machine_arn,
        stuck_after=timedelta(seconds=settings.stuck_after_seconds),
        stage=environment.stage,
    )
