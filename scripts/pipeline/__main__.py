"""``python -m scripts.pipeline``: what the pipelines' steps run, here and there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from cdk.constructs.functions.bundling import ROOT
from scripts.cli.deployment import connect
from scripts.cli.releases.deploy import ringing_alarms
from scripts.pipeline import artefact
from scripts.pipeline.soak import SoakError, soak

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Folder = Annotated[Path, typer.Argument(help="The artefact's folder.")]


@app.command("build")
def build_artefact(folder: Folder) -> None:
    """Synthesize all stages into one artefact; prints its digest, and hands it to the next job."""
    digest = artefact.build(folder, _synthesize)
    typer.echo(digest)
    if outputs := os.environ.get("GITHUB_OUTPUT"):
        with Path(outputs).open("a", encoding="utf-8") as file:
            file.write(f"digest={digest}\n")


@app.command()
def check(folder: Folder, digest: Annotated[str, typer.Option()]) -> None:
    """Check that the artefact has the digest that its build reported."""
    artefact.check(folder, digest)
    typer.echo(f"This is the artefact that was built: {digest}.")


@app.command("soak")
def soak_stage(
    stage: Annotated[str, typer.Option()], minutes: Annotated[float, typer.Option(min=0)]
) -> None:
    """Watch a stage's alarms for so long."""
    deployment = connect(stage)

    def ringing() -> list[str]:
        try:
            return ringing_alarms(deployment)
        except (BotoCoreError, ClientError) as error:
            raise OSError(str(error)) from error

    looks = soak(minutes, ringing, time.monotonic, time.sleep)
    typer.echo(f"No alarm of the release rang in {minutes:g} minutes ({looks} looks).")


def _synthesize(stage: str, folder: Path) -> None:
    python = Path(sys.executable)
    command: list[str] = [
        *(str(ROOT / "cdk" / "node_modules" / ".bin" / "cdk"), "synth", "--quiet"),
        *("--context", f"stage={stage}", "--output", str(folder.absolute())),
        *("--app", f"'{python}' -P -m cdk.app"),
    ]
    environment = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(command, cwd=ROOT / "cdk", env=environment, check=True)  # noqa: S603  # nosec B603


if __name__ == "__main__":
    try:
        app()
    except (artefact.ArtefactError, SoakError) as error:
        sys.exit(f"error: {error}")
