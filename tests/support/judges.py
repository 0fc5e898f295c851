"""Judges that are not ours: programs from npm, each run as a process of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from scripts.local.stack.processes import NODE
from tests.support.npm import installed
from tests.support.paths import TESTS

FOLDER = TESTS / "judges"


def ask(script: str, question: Any) -> Any:
    """What ``script`` answers, as JSON, to a question in JSON."""
    answer = subprocess.run(
        [NODE, installed(FOLDER) / script],
        input=question if isinstance(question, str) else json.dumps(question),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(answer.stdout)


def lint_resolvers(folder: Path) -> list[str]:
    """What AppSync's ESLint rules refuse in a folder's JavaScript, as ``rule: message``."""
    command = [NODE, installed(FOLDER) / "node_modules" / "eslint" / "bin" / "eslint.js"]
    options = ["--config", FOLDER / "eslint.config.mjs", "--format", "json", "."]
    done = subprocess.run(
        [*command, *options], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)
    reports = json.loads(done.stdout)
    assert reports, "ESLint looked at no file"
    return [f"{m['ruleId']}: {m['message']}" for report in reports for m in report["messages"]]
