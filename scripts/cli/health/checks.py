"""``orders health``: whether a stage works, and which version it runs."""

from __future__ import annotations

from datetime import UTC, datetime

import typer
from rich.table import Table

from scripts.cli.console import ExitCode, out, plain, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.options import Json, Stage
from scripts.health import Verdict, health

_STYLES = {Verdict.OK: "green", Verdict.FAILED: "bold red", Verdict.UNKNOWN: "dim"}


def show_health(json: Json = False, stage: Stage = LOCAL) -> None:
    """Show whether the stage works: API, workflow, version, canary, providers and pages.

    Exit codes: 0 healthy; 1 a check failed; 3 the stage can't be reached; 4 there is no such stage.
    """
    found = health(connect(stage), datetime.now(UTC))
    if json:
        print_json(found.as_json())
    else:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for check in found.checks:
            table.add_row(
                plain(check.verdict, _STYLES[check.verdict]), check.name, plain(check.text)
            )
        out.print(table)
    raise typer.Exit(ExitCode.OK if found.is_healthy else ExitCode.FAILED)
