"""The scanners of code, templates and secrets, with the project's own settings."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from scripts.security.row import ROOT, Result, Row, last_line, run

PART: Final = "Scanners"
#: What detect-secrets ends with after it has only written new line numbers to its baseline.
_LINES_MOVED: Final = 3
_BIN: Final = Path(sys.executable).parent


def rows() -> list[Row]:
    """Runs all of them."""
    tracked = run(["git", "ls-files"]).stdout.split("\n")
    files = [name for name in tracked if name and (ROOT / name).is_file()]
    bandit = ["--quiet", "--recursive", "--configfile", "pyproject.toml"]
    return [
        scan("bandit", [_tool("bandit"), *bandit, "functions", "scripts", "cdk"]),
        _secrets(files),
        scan("cfn-lint: the templates of all stages", ["make", "--silent", "lint-templates"]),
    ]


def _secrets(files: Sequence[str]) -> Row:
    """With a copy of the baseline: the hook writes moved lines to it, which are no finding."""
    with tempfile.TemporaryDirectory() as folder:
        baseline = shutil.copy(ROOT / ".secrets.baseline", folder)
        return scan(
            "detect-secrets: all tracked files",
            [_tool("detect-secrets-hook"), "--no-verify", "--baseline", baseline, *files],
            clean=(0, _LINES_MOVED),
        )


def scan(check: str, command: Sequence[str], clean: Collection[int] = (0,)) -> Row:
    """Green where the tool ends with one of the codes ``clean``."""
    try:
        done = run(command)
    except OSError as error:
        return Row(PART, check, Result.RED, f"{command[0]} could not be run: {error.strerror}")
    if done.returncode not in clean:
        return Row(PART, check, Result.RED, last_line(done.stdout or done.stderr))
    return Row(PART, check, Result.GREEN, "no finding")


def _tool(name: str) -> str:
    return str(_BIN / name)
