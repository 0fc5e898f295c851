"""``orders reconcile``: finds and repairs orders that are stuck, as the scheduled function does."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from orderflow.breakers.reminders import ForcedBreakers
from orderflow.operations.diagnosis import EXPLANATIONS, Finding, Problem
from orderflow.operations.failures import FailureRecorder
from orderflow.operations.reconciler import Reconciler, Reconciliation
from orderflow.platform.alerts import SnsAlerts
from orderflow.platform.observability import logger
from orderflow.recovery.settings import RecoverySettings
from scripts.cli.console import ExitCode, err, out, plain, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Stage
from scripts.cli.orders.views import listing, status_text


def reconcile_orders(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look only.")] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Find stuck orders; repair those that can be repaired, report the others to operations."""
    deployment = connect(stage)
    trail = AuditTrail(deployment)
    reconciler = _reconciler(deployment, trail.actor)
    if dry_run:
        found = _run(reconciler, dry_run=True)
    else:
        with trail.act("reconcile", deployment.stage, "An operator asked for it."):
            found = _run(reconciler, dry_run=False)
    if json:
        print_json(found.model_dump(by_alias=True, mode="json"))
    else:
        _show(found, dry_run=dry_run)
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
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "GroceryOrders")
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
        err.print("Nothing is wrong.")
    err.print(f"{found.checked} orders were looked into, {found.unchecked} were not.")


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
