"""The workflows of `.github/workflows`, and their shell steps run here."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.paths import PROJECT

FOLDER = PROJECT / ".github" / "workflows"

#: What GitHub fills in, by the expressions that our workflows use.
VALUES = {
    "github.sha": "0123456789abcdef0123456789abcdef01234567",
    "github.token": "token",
    "inputs.digest": "d" * 64,
    "inputs.reason": 'It\'s slow; "quoted" $(false)',
    "inputs.run_id": "17",
    "inputs.stage": "dev",
    "matrix.target": "audit-packages",
    "needs.build.outputs.digest": "d" * 64,
    "secrets.SMOKE_EMAIL": "smoke@example.com",
    "secrets.SMOKE_PASSWORD": "password",
    "secrets.SMOKE_TOTP_SECRET": "JBSWY3DPEHPK3PXP",
}

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")

#: Reports the call, and lets make check its targets and variables without running them.
_MAKE = """#!/bin/sh
printf 'make' >> "$CALLS"; printf ' [%s]' "$@" >> "$CALLS"; echo >> "$CALLS"
exec env PATH="$REAL_PATH" make --dry-run --no-print-directory -C "$PROJECT" "$@"
"""

#: Answers with the number of a pull request.
_GH = """#!/bin/sh
printf 'gh' >> "$CALLS"; printf ' [%s]' "$@" >> "$CALLS"; echo >> "$CALLS"
case "$1" in api) echo "$PULL_REQUEST";; esac
"""


@dataclass(frozen=True)
class Step:
    """One step of a job, with the variables that it gets."""

    workflow: str
    job: str
    content: Mapping[str, Any]
    variables: Mapping[str, str]

    @property
    def script(self) -> str | None:
        """Its shell script; None for a step that uses an action."""
        script: str | None = self.content.get("run")
        return script

    def __str__(self) -> str:
        name = self.content.get("name") or self.script or self.content.get("uses")
        return f"{self.workflow}/{self.job}: {name}"


@dataclass(frozen=True)
class Outcome:
    """What a step did: its exit code, its output, and the commands that it called."""

    code: int
    output: str
    calls: list[str]


def load(path: Path) -> dict[str, Any]:
    """A workflow. YAML reads its key ``on`` as True."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def steps() -> Iterator[Step]:
    """Every step of every workflow."""
    for path in sorted(FOLDER.glob("*.yml")):
        for name, job in load(path)["jobs"].items():
            for content in job["steps"]:
                variables = {**job.get("env", {}), **content.get("env", {})}
                yield Step(path.stem, name, content, {k: _fill(v) for k, v in variables.items()})


def run(step: Step, folder: Path, *, pull_request: str = "7") -> Outcome:
    """Runs a step's script as a runner does, with stubs of make and gh in front."""
    assert step.script is not None
    calls = folder / "calls"
    calls.touch()
    for name, text in (("make", _MAKE), ("gh", _GH)):
        stub = folder / name
        stub.write_text(text, encoding="utf-8")
        stub.chmod(0o755)
    (folder / ".build").mkdir(exist_ok=True)
    (folder / ".build" / "diff.md").write_text("### Changes\n", encoding="utf-8")
    environment = {
        "CALLS": str(calls),
        "GITHUB_REPOSITORY": "grocery/orders",
        "GITHUB_SHA": VALUES["github.sha"],
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "HOME": str(folder),
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PROJECT": str(PROJECT),
        "PULL_REQUEST": pull_request,
        "REAL_PATH": os.environ["PATH"],
        **step.variables,
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout + done.stderr, calls.read_text().splitlines())


def _fill(value: Any) -> str:
    """Raises KeyError for an expression that has no value here."""
    return _EXPRESSION.sub(lambda found: VALUES[found[1]], str(value))
