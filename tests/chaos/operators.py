"""What operations staff do, by the commands that they type."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from scripts.cli.main import app


def replay(order_id: str) -> list[str]:
    """``orders replay``, as a script runs it; what became of each order."""
    result = CliRunner().invoke(app, ["replay", "--order", order_id, "--yes", "--json"])
    assert result.exit_code == 0, result.output
    return [each["outcome"] for each in json.loads(result.stdout)["results"] or []]
