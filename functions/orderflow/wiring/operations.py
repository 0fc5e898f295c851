"""For ``record_failures`` and ``reconcile_orders``."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from orderflow.breakers.events import measure_no_outage
from orderflow.breakers.providers import ProviderName
from orderflow.breakers.reminders import ForcedBreakers
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.clock import utc_now
from orderflow.operations.failures import FailureRecorder
from orderflow.operations.reconciler import Reconciler
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    BreakersEnvironment,
    OperationsEnvironment,
    OrdersEnvironment,
    RecoveryEnvironment,
    WorkflowEnvironment,
    load_environment,
)
from orderflow.recovery.settings import load_recovery_settings
from orderflow.recovery.waiting import measure_waiting
from orderflow.wiring import common

snapshots.prepare(aws.step_functions, aws.sns, aws.ssm_parameters)


class _FailuresEnvironment(OrdersEnvironment, OperationsEnvironment):
    """What ``record_failures`` needs."""

    stage: str = Field(alias="STAGE", min_length=1)


class _ReconcileEnvironment(
    _FailuresEnvironment,
    WorkflowEnvironment,
    BreakersEnvironment,
    RecoveryEnvironment,
    common.LinksEnvironment,
):
    """What ``reconcile_orders`` needs."""


def failure_recorder() -> FailureRecorder:
    """Records executions that failed."""
    return _recorder(load_environment(_FailuresEnvironment), by="record_failures")


def _recorder(environment: _FailuresEnvironment, by: str) -> FailureRecorder:
    return FailureRecorder(
        common.orders(environment, by),
        aws.step_functions(),
        common.alerts(environment),
        environment.stage,
    )


def reconciler() -> Reconciler:
    """Looks for orders that do not move."""
    environment = load_environment(_ReconcileEnvironment)
    breakers = aws.table(environment.breakers_table)
    settings = load_recovery_settings(environment.recovery_parameter)
    by = "reconcile_orders"
    return Reconciler(
        store=common.orders(environment, by),
        breakers=DynamoBreakerStore(breakers),
        forced=ForcedBreakers(breakers),
        sfn=aws.step_functions(),
        failures=_recorder(environment, by),
        alerts=common.alerts(environment),
        state_machine_arn=environment.state_machine_arn,
        stuck_after=timedelta(seconds=settings.stuck_after_seconds),
        link_validity=environment.link_times.validity,
        stage=environment.stage,
        by=by,
    )


def measure_parked_orders() -> None:
    """Measures the parked orders, the open breakers and the providers that are not out."""
    environment = load_environment(_ReconcileEnvironment)
    breakers = DynamoBreakerStore(aws.table(environment.breakers_table))
    measure_waiting(common.orders(environment, "reconcile_orders"), breakers, utc_now())
    for provider in ProviderName:
        measure_no_outage(breakers.read(provider))
