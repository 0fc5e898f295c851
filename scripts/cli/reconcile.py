"""``orders reconcile``: look now for orders that should be moving and are not."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from functools import partial
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
from orderflow.platform import alerts
from orderflow.platform.observability import logger
from orderflow.recovery.settings import RecoverySettings
from scripts.cli.audit import AuditTrail
from scripts.cli.console import ExitCode, err, out, plain, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.options import Json, Stage
from scripts.cli.views import listing, status_text


def reconcile_orders(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look only.")] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Look for orders that do not move; repair what can be, report the rest to operations."""
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
    """As the scheduled function builds it."""
    sfn, sns = deployment.client("stepfunctions"), deployment.client("sns")
    topic = deployment.output("OperationsTopicArn")
    return Reconciler(
        store=deployment.orders,
        breakers=deployment.breakers,
        forced=ForcedBreakers(deployment.breakers_table),
        sfn=sfn,
        failures=FailureRecorder(deployment.orders, sfn, sns, topic, deployment.stage),
        tell_operations=partial(alerts.publish, sns, topic),
        state_machine_arn=deployment.output("StateMachineArn"),
        stuck_after=timedelta(seconds=_settings(deployment).stuck_after_seconds),
        stage=deployment.stage,
        by=actor,
    )


def _settings(deployment: Deployment) -> RecoverySettings:
    answer = deployment.client("ssm").get_parameter(Name=deployment.output("RecoveryParameter"))
    return RecoverySettings.model_validate_json(answer["Parameter"]["Value"])


def _run(reconciler: Reconciler, *, dry_run: bool) -> Reconciliation:
    with _kept_off_standard_output():
        return reconciler.reconcile(dry_run=dry_run)


@contextmanager
def _kept_off_standard_output() -> Iterator[None]:
    """The domain's log lines and metrics are for CloudWatch, which takes them from functions."""
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "GroceryOrders")
    handler: Any = logger.registered_handler
    unread = io.StringIO()
    before = handler.setStream(unread)
    try:
        with redirect_stdout(unread):
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
    """A table for each problem, under what that is."""
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
