"""``orders deploy``: what a stage runs, and the way back to the release before."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from cdk.alarm_names import release_alarm_names
from cdk.settings import Settings
from scripts.cli.console import CommandError, ExitCode, out, print_field, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Reason, Stage
from scripts.releases.record import Release, before

app = typer.Typer(
    help="What a stage runs, and the way back to the release before.", no_args_is_help=True
)

_ALIAS: Final = "live"
_ALL: Final = 100


@app.command()
def status(json: Json = False, stage: Stage = LOCAL) -> None:
    """Show the release, where new orders go, and the alarms that would stop a deployment.

    Exit code 1 while an alarm rings or new orders are shared between two versions.
    """
    deployment = connect(stage)
    release = Release.current(deployment.client("ssm"), deployment.output("ReleaseParameter"))
    shares, ringing = shares_of(deployment), ringing_alarms(deployment)
    if json:
        print_json({"release": release.name, "shares": shares, "alarms": ringing})
    else:
        print_field("Release", release.name)
        for number, weight in shares.items():
            print_field(f"Version {number} of the workflow", f"{weight} % of new orders")
        print_field("Alarms", ", ".join(ringing) or "none")
    raise typer.Exit(ExitCode.FAILED if ringing or len(shares) > 1 else ExitCode.OK)


@app.command()
def rollback(
    *,
    reason: Reason,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Lead new orders and calls back to the release before, at once.

    Orders under way end on the version that they started with. Settings, tables and the API's
    schema stay: deploy the earlier artefact to bring those back, too.
    """
    deployment = connect(stage)
    target = _earlier(deployment)
    if not dry_run:
        with AuditTrail(deployment).act("rollback", stage, reason, release=target.name):
            _lead_to(deployment, target)
    if json:
        print_json({"release": target.name, "version": target.number, "done": not dry_run})
        return
    verb = "would go" if dry_run else "go"
    out.print(f"New orders {verb} to version {target.number} ({target.name}).", soft_wrap=True)


def _earlier(deployment: Deployment) -> Release:
    history = Release.history(deployment.client("ssm"), deployment.output("ReleaseParameter"))
    # While a deployment shifts the alias, the way back is from the version that comes.
    newest = max(int(number) for number in shares_of(deployment))
    target = before(history, newest)
    if target is None:
        raise CommandError(
            f"Stage {deployment.stage} has no release before version {newest}.", ExitCode.NOT_FOUND
        )
    return target


def _lead_to(deployment: Deployment, release: Release) -> None:
    """The workflow's alias first: it decides what new orders run."""
    deployment.client("stepfunctions").update_state_machine_alias(
        stateMachineAliasArn=deployment.output("LiveStateMachineArn"),
        routingConfiguration=[{"stateMachineVersionArn": release.machine_version, "weight": _ALL}],
    )
    functions = deployment.client("lambda")
    for name, version in release.functions.items():
        functions.update_alias(
            FunctionName=name,
            Name=_ALIAS,
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": {}},
        )


def shares_of(deployment: Deployment) -> dict[str, int]:
    """The percentage of new orders by the number of the workflow's version."""
    answer = deployment.client("stepfunctions").describe_state_machine_alias(
        stateMachineAliasArn=deployment.output("LiveStateMachineArn")
    )
    return {
        each["stateMachineVersionArn"].rpartition(":")[2]: each["weight"]
        for each in answer["routingConfiguration"]
        if each["weight"]
    }


def ringing_alarms(deployment: Deployment) -> list[str]:
    """The names of the alarms that ring and would stop a deployment."""
    names = release_alarm_names(Settings.for_stage(deployment.stage, {}))
    answer: dict[str, Any] = deployment.client("cloudwatch").describe_alarms(
        AlarmNames=names, StateValue="ALARM"
    )
    return [each["AlarmName"] for each in answer["MetricAlarms"]]
