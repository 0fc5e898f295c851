"""``orders versions``: what runs on which version, and the deletion of those that nothing needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from scripts.cli.console import err, out, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Stage
from scripts.releases.record import Release
from scripts.releases.versions import (
    KEPT_FOR_ROLL_BACK,
    Clearance,
    MachineVersion,
    clearance,
    function_versions,
    machine_versions,
)

app = typer.Typer(
    help="The versions of the workflow and of the functions, and what needs them.",
    no_args_is_help=True,
)

_ALIAS: Final = "live"
_WHY: Final = "Nothing needs them."


@app.command("list")
def list_versions(json: Json = False, stage: Stage = LOCAL) -> None:
    """Show each version: its share of new orders, the orders that run on it, and why it stays."""
    deployment = connect(stage)
    versions, found = _look(deployment)
    if json:
        print_json(
            {"versions": [_view(each, found) for each in versions], "functions": found.functions}
        )
        return
    table = Table("Version", "Published", "Share", "Running", "Stays because", box=None)
    for each in versions:
        table.add_row(
            str(each.number),
            f"{each.published:%Y-%m-%d %H:%M}",
            f"{each.weight} %",
            str(len(each.running)),
            found.kept.get(each.number, "it may go"),
        )
    out.print(table)
    if found.functions:
        out.print(f"{len(found.functions)} versions of functions may go: orders versions clean")


@app.command()
def clean(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Delete the versions that no order, no failed execution and no roll-back needs."""
    deployment = connect(stage)
    _, found = _look(deployment)
    if not dry_run:
        with AuditTrail(deployment).act("versions clean", deployment.stage, _WHY):
            _delete(deployment, found)
    gone = {
        "stateMachine": [each.number for each in found.machine],
        "functions": [f"{name}:{number}" for name, number in found.functions],
        "deleted": not dry_run,
    }
    if json:
        print_json(gone)
        return
    verb = "would go" if dry_run else "are deleted"
    out.print(
        f"{len(found.machine)} versions of the workflow and {len(found.functions)} of functions "
        f"{verb}."
    )
    if not found.machine and not found.functions:
        err.print("Everything that is there is needed.")


def _look(deployment: Deployment) -> tuple[list[MachineVersion], Clearance]:
    functions = deployment.client("lambda")
    history = Release.history(deployment.client("ssm"), deployment.output("ReleaseParameter"))
    names = sorted({name for each in history for name in each.functions})
    live = {
        name: functions.get_alias(FunctionName=name, Name=_ALIAS)["FunctionVersion"]
        for name in names
    }
    versions = machine_versions(
        deployment.client("stepfunctions"),
        deployment.output("StateMachineArn"),
        deployment.output("LiveStateMachineArn"),
        datetime.now(UTC),
    )
    recent = [each.functions for each in history[-1 - KEPT_FOR_ROLL_BACK :]]
    return versions, clearance(versions, function_versions(functions, names), recent, live)


def _delete(deployment: Deployment, found: Clearance) -> None:
    sfn, functions = deployment.client("stepfunctions"), deployment.client("lambda")
    # The definitions first: none may be left that calls a function's version which is gone.
    for version in found.machine:
        sfn.delete_state_machine_version(stateMachineVersionArn=version.arn)
    for name, number in found.functions:
        functions.delete_function(FunctionName=name, Qualifier=number)


def _view(version: MachineVersion, found: Clearance) -> dict[str, Any]:
    return {
        "version": version.number,
        "published": version.published.isoformat(),
        "weight": version.weight,
        "running": version.running,
        "redrivable": version.redrivable,
        "mayGo": version.number not in found.kept,
        "reason": found.kept.get(version.number),
    }
