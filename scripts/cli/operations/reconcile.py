"""``orders reconcile``: finds and repairs orders that are stuck, as the scheduled function does."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cdk.alarm_names import METRICS_NAMESPACE
from orderflow.breakers.reminders import ForcedBreakers
from orderflow.money import naira
from orderflow.operations.diagnosis import EXPLANATIONS, Finding, Problem
from orderflow.operations.failures import FailureRecorder
from orderflow.operations.reconciler import Reconciler, Reconciliation
from orderflow.platform.alerts import SnsAlerts
from orderflow.platform.observability import logger
from orderflow.recovery.settings import RecoverySettings
from scripts.cli.console import ExitCode, err, out, plain, print_json, print_reading
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.durations import age
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Stage
from scripts.cli.orders.views import listing, status_text
from scripts.inspection.waiting import Waiting, WaitingOrders, waiting_orders


def reconcile_orders(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look only.")] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Repair stuck orders, or report them to operations; show what all others wait for."""
    deployment = connect(stage)
    trail = AuditTrail(deployment)
    reconciler = _reconciler(deployment, trail.actor)
    if dry_run:
        found = _run(reconciler, dry_run=True)
    else:
        with trail.act("reconcile", deployment.stage, "An operator asked for it."):
            found = _run(reconciler, dry_run=False)
    waiting = waiting_orders(deployment.orders, deployment.breakers, datetime.now(UTC))
    if json:
        groups = [group.as_json() for group in waiting.groups]
        print_json(found.model_dump(by_alias=True, mode="json") | {"waiting": groups})
    else:
        _show(found, dry_run=dry_run)
        _show_waiting(waiting)
    raise typer.Exit(ExitCode.FAILED if found.reported else ExitCode.OK)


def _reconciler(deployment: Deployment, actor: str) -> Reconciler:
    """The same reconciler as that of the scheduled function."""
    sfn = deployment.client("stepfunctions")
    alerts = SnsAlerts(deployment.client("sns"), deployment.output("OperationsTopicArn"))
    return Reconciler(
        store=deployment.orders,
        breakers=deployment.breakers,
        forced=ForcedBreakers(deployment.breakers_table),
        sfn=sfn,
        failures=FailureRecorder(deployment.orders, sfn, alerts, deployment.stage),
        alerts=alerts,
        state_machine_arn=deployment.output("LiveStateMachineArn"),
        stuck_after=timedelta(seconds=_settings(deployment).stuck_after_seconds),
        link_validity=timedelta(seconds=float(deployment.output("LinkValiditySeconds"))),
        stage=deployment.stage,
        by=actor,
    )


def _settings(deployment: Deployment) -> RecoverySettings:
    answer = deployment.client("ssm").get_parameter(Name=deployment.output("RecoveryParameter"))
    return RecoverySettings.model_validate_json(answer["Parameter"]["Value"])


def _run(reconciler: Reconciler, *, dry_run: bool) -> Reconciliation:
    with _discard_logs():
        return reconciler.reconcile(dry_run=dry_run)


@contextmanager
def _discard_logs() -> Iterator[None]:
    """Discards log lines and metrics: only functions write them, for CloudWatch."""
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", METRICS_NAMESPACE)
    handler: Any = logger.registered_handler
    discarded = io.StringIO()
    before = handler.setStream(discarded)
    try:
        with redirect_stdout(discarded):
            yield
    finally:
        handler.setStream(before)


def _show(found: Reconciliation, *, dry_run: bool) -> None:
    if found.repaired or found.reported:
        out.print(findings_tables(found, dry_run=dry_run))
    else:
        err.print("Nothing needs a repair.")
    err.print(f"{found.checked} orders were looked into, {found.unchecked} were not.")


def _show_waiting(waiting: WaitingOrders) -> None:
    if not waiting.groups:
        err.print("No order waits.")
        return
    out.print(waiting_view(waiting.groups, datetime.now(UTC)))
    print_reading(waiting.reading)


def waiting_view(groups: list[Waiting], now: datetime) -> Group:
    """Each group of orders that wait: how many, whose, how much, how long, and what for."""
    parts: list[RenderableType] = []
    for group in groups:
        more, least = ("", "") if group.is_complete else ("+", "at least ")
        orders = "order waits" if f"{group.count}{more}" == "1" else "orders wait"
        number = f"{group.customers}{more}"
        customers = f"{number} customer{'' if number == '1' else 's'}"
        heading = Text.assemble(
            (f"{group.count}{more} {orders}", "bold"),
            f" ({customers}, {least}{naira(group.total_kobo)}, "
            f"the first for {least}{age(group.since, now)})",
        )
        parts += [heading, Padding(plain(group.why), (0, 0, 0, 2))]
    return Group(*parts)


def findings_tables(found: Reconciliation, *, dry_run: bool) -> Group:
    """One table for each problem, below its explanation."""
    repaired = "Would repair" if dry_run else "Repaired"
    parts: list[Text | Table] = []
    for label, style, findings in (
        ("Reported", "bold yellow", found.reported),
        (repaired, "bold green", found.repaired),
    ):
        for problem, alike in groupby(sorted(findings, key=_problem), _problem):
            group = list(alike)
            heading = Text.assemble((f"{label} {len(group)}: ", style), EXPLANATIONS[problem])
            parts += [heading, _table(group), Text()]
    return Group(*parts[:-1])


def _problem(finding: Finding) -> Problem:
    return finding.problem


def _table(findings: list[Finding]) -> Table:
    table = listing()
    table.add_column("Order", width=36, overflow="fold")
    table.add_column("Status", no_wrap=True)
    for finding in findings:
        table.add_row(plain(finding.subject), status_text(finding.status) if finding.status else "")
    return table
