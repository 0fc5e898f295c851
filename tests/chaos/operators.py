"""The actions of operations staff, through the command line."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from scripts.cli.main import app


def replay(order_id: str) -> list[str]:
    """Run ``orders replay`` as a script does; the result for each order."""
    result = CliRunner().invoke(app, ["replay", "--order", order_id, "--yes", "--json"])
    assert result.exit_code == 0, result.output
    return [each["outcome"] for each in json.loads(result.stdout)["results"] or []]
