"""The actions of operations staff, through the command line."""

from __future__ import annotations

import json
from typing import Any

from typer.testing import CliRunner

from scripts.cli.main import app


def command(*arguments: str, succeeds: bool = True) -> dict[str, Any]:
    """Runs ``orders`` as a script does; what it prints as JSON, empty where that is nothing.

    Args:
        arguments: the command's.
        succeeds: whether another exit code than 0 fails the test.
    """
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert not succeeds or result.exit_code == 0, f"orders {' '.join(arguments)}: {result.output}"
    answer: dict[str, Any] = json.loads(result.stdout) if result.stdout.strip() else {}
    return answer


def replay(order_id: str) -> list[str]:
    """Run ``orders replay``; the result for each order."""
    done = command("replay", "--order", order_id, "--yes")
    return [each["outcome"] for each in done["results"] or []]


def replay_failed() -> set[str]:
    """Replays until no execution is left that failed; the ids of their orders."""
    replayed: set[str] = set()
    for _ in range(5):
        done = command("replay", "--status", "FAILED", "--yes")
        found = {each["orderId"] for each in done["results"] or []}
        if not found:
            break
        replayed |= found
    return replayed
