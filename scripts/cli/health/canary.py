"""``orders canary``: the account of the synthetic customer, and a run of it by hand."""

from __future__ import annotations

import typer

from scripts import canary
from scripts.cli.console import ExitCode, err, out, print_json, working
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Reason, Stage

app = typer.Typer(
    help="The synthetic customer who orders every five minutes.", no_args_is_help=True
)


@app.command("set-up")
def set_up(*, reason: Reason, stage: Stage = LOCAL) -> None:
    """Give the canary a new account, with a password and an authenticator app of its own.

    They are kept in the stage's secret; nobody sees them. An account that it had is deleted.
    """
    deployment = connect(stage)
    with AuditTrail(deployment).act("canary set-up", deployment.stage, reason):
        address = canary.set_up(deployment)
    out.print(f"The canary signs in as {address}.", soft_wrap=True)


@app.command()
def run(json: Json = False, stage: Stage = LOCAL) -> None:
    """Run the canary once: it orders, sees the update and the link, and cancels.

    Exit code 1 where it missed. The run counts as one of the schedule's.
    """
    deployment = connect(stage)
    with working("The canary orders ...", quiet=json):
        found = canary.run(deployment)
    if json:
        print_json(found)
    elif found["passed"]:
        out.print(f"The canary passed in {found['seconds']:.1f} s.")
    else:
        err.print(
            f"The canary missed at the step {found['failedStep']}: {found['problem']}",
            soft_wrap=True,
        )
    raise typer.Exit(ExitCode.OK if found["passed"] else ExitCode.FAILED)
