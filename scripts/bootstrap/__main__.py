"""``python -m scripts.bootstrap --stage dev``: brings a stage up, or says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import boto3
import typer
from rich.text import Text

from cdk.constructs.functions.bundling import ROOT
from cdk.settings import Settings, SettingsError
from scripts.bootstrap.account import account_steps
from scripts.bootstrap.stage import Given, stage_steps
from scripts.bootstrap.steps import Finding, Result, State, Step, StepError, missing, ready, run
from scripts.cli.console import CommandError, ExitCode, err, out
from scripts.cli.deployment import connect

_CDK = ROOT / "cdk" / "node_modules" / ".bin" / "cdk"
_COLOURS = {
    State.READY: "green",
    State.MISSING: "yellow",
    State.BY_HAND: "yellow",
    State.BLOCKED: "red",
    State.REFUSED: "red",
}


def main(
    stage: Annotated[str, typer.Option(help="dev, staging or prod.")],
    plan: Annotated[bool, typer.Option("--plan", help="Only look; change nothing.")] = False,
) -> None:
    """Bring a stage up: run it again until nothing is left.

    Asks for what it needs, or takes it from PAYSTACK_KEY, ALERTS_EMAIL, STAFF_EMAIL and CATALOG.
    """
    settings = Settings.for_stage(stage, {})

    def client(service: str, region: str | None = None) -> Any:
        session = boto3.Session(region_name=region or settings.region)
        return session.client(service)  # type: ignore[call-overload]

    before = [
        *account_steps(settings, client, lambda region: _bootstrap(client, region)),
        Step("The stacks", lambda: _stacks(stage), lambda: _deploy(stage)),
    ]
    results = run(before, plan=plan, report=_report)
    if results[-1].finding.state is State.READY:
        steps = stage_steps(settings, connect(stage), _given())
        results += run(steps, plan=plan, report=_report)
    _finish(results, plan=plan)


def _report(result: Result) -> None:
    done = " (done now)" if result.acted else ""
    out.print(
        Text.assemble(
            (f"{result.finding.state:<8}", _COLOURS[result.finding.state]),
            f" {result.name}: {result.finding.text}{done}",
        ),
        soft_wrap=True,
    )


def _finish(results: tuple[Result, ...], *, plan: bool) -> None:
    left = [each for each in results if each.finding.state is not State.READY]
    if not left:
        out.print("Everything is ready: `make smoke` with this stage tries it.")
        return
    again = "`make bootstrap` does what is missing." if plan else "Run it again after that."
    err.print(f"{len(left)} steps are left. {again}")
    raise typer.Exit(ExitCode.FAILED)


def _stacks(stage: str) -> Finding:
    try:
        connect(stage)
    except CommandError as error:
        if error.code is not ExitCode.NOT_FOUND:
            raise StepError(str(error)) from error
        return missing("the stage is not deployed")
    return ready("they are deployed")


def _deploy(stage: str) -> None:
    app = f"'{sys.executable}' -P -m cdk.app"
    options = ("--context", f"stage={stage}", "--require-approval", "never")
    _cdk("deploy", "--all", "--app", app, *options)


def _bootstrap(client: Callable[..., Any], region: str) -> None:
    account = client("sts").get_caller_identity()["Account"]
    _cdk("bootstrap", f"aws://{account}/{region}")


def _cdk(*arguments: str) -> None:
    python = Path(sys.executable)
    path = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    try:
        subprocess.run(  # noqa: S603  # nosec B603 # our own command
            [str(_CDK), *arguments],
            cwd=ROOT / "cdk",
            env={**os.environ, "PATH": path},
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise StepError(f"cdk {arguments[0]} failed (exit code {error.returncode}).") from error


def _given() -> Given:
    return Given(
        paystack_key=_asked("PAYSTACK_KEY", "PayStack's secret key", hide=True),
        alerts_email=_asked("ALERTS_EMAIL", "Who gets operations' alerts (e-mail)"),
        staff_email=_asked("STAFF_EMAIL", "The first member of operations staff (e-mail)"),
        catalog=lambda: Path(_asked("CATALOG", "The catalog (CSV file)")()),
        show=lambda text: out.print(text, soft_wrap=True),
    )


def _asked(variable: str, question: str, *, hide: bool = False) -> Callable[[], str]:
    def ask() -> str:
        given = os.environ.get(variable)
        return given or str(typer.prompt(question, hide_input=hide, err=True))

    return ask


if __name__ == "__main__":
    try:
        typer.run(main)
    except (SettingsError, CommandError) as error:
        sys.exit(f"error: {error}")
