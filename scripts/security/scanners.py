"""The scanners of code, templates and secrets, with the project's own settings."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scripts.security.row import ROOT, Result, Row, last_line, run

PART: Final = "Scanners"
_BIN: Final = Path(sys.executable).parent


def rows() -> list[Row]:
    """Runs all of them."""
    tracked = run(["git", "ls-files"]).stdout.split("\n")
    files = [name for name in tracked if name and (ROOT / name).is_file()]
    bandit = ["--quiet", "--recursive", "--configfile", "pyproject.toml"]
    return [
        scan("bandit", [_tool("bandit"), *bandit, "functions", "scripts", "cdk"]),
        scan(
            "detect-secrets: all tracked files",
            [
                _tool("detect-secrets-hook"),
                "--no-verify",
                "--baseline",
                ".secrets.baseline",
                *files,
            ],
        ),
        scan("cfn-lint: the templates of all stages", ["make", "--silent", "lint-templates"]),
    ]


def scan(check: str, command: Sequence[str]) -> Row:
    """Green where the tool ends with 0."""
    try:
        done = run(command)
    except OSError as error:
        return Row(PART, check, Result.RED, f"{command[0]} could not be run: {error.strerror}")
    if done.returncode:
        return Row(PART, check, Result.RED, last_line(done.stdout or done.stderr))
    return Row(PART, check, Result.GREEN, "no finding")


def _tool(name: str) -> str:
    return str(_BIN / name)
