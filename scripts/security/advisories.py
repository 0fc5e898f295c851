"""Look-ups of published advisories for all locked packages: pip-audit and npm audit.

Both tools can end without an error though nothing was looked up: pip-audit skips packages that its
service does not know, and a registry's mirror may answer without advisories. So each look-up begins
with a package whose advisories are old and known. A service that has none of them was not asked,
and the result is "not looked up", never "green".

``python -m scripts.security.advisories`` prints the rows and fails unless all of them are green: in
the workflow, a failed look-up is a failure.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Final

from cdk.constructs.functions.bundling import locked_requirements
from scripts.security.row import ROOT, Result, Row, last_line, run

PART: Final = "Advisories"

#: CVE-2020-28493 and CVE-2020-7598, published in 2021 and 2020.
KNOWN_PYTHON: Final = "jinja2==2.11.2"
KNOWN_NODE: Final = ("minimist", "0.0.8")

#: The folders with a lock file of npm.
NODE_FOLDERS: Final = ("cdk", "tests/judges", "tests/clients", "tests/integration/amplify")

Done = CompletedProcess[str]


class NotLookedUpError(Exception):
    """The service gave no answer for all packages; the message says why."""


@dataclass(frozen=True)
class Findings:
    """Advisories by package, of so many packages that were looked up."""

    looked_up: int
    advisories: tuple[str, ...]


def read_pip_audit(done: Done) -> Findings:
    """What ``pip-audit --format json`` answered.

    Raises:
        NotLookedUpError: it failed, or skipped a package.
    """
    packages = _read(done).get("dependencies")
    if not packages:
        raise NotLookedUpError(last_line(done.stderr))
    found = tuple(
        f"{each['name']} {each['version']}: {vulnerability['id']}"
        for each in packages
        for vulnerability in each.get("vulns", ())
    )
    skipped = [each for each in packages if "skip_reason" in each]
    if skipped and not found:
        first = skipped[0]["skip_reason"]
        raise NotLookedUpError(f"{len(skipped)} of {len(packages)} packages skipped: {first}")
    return Findings(len(packages) - len(skipped), found)


def read_npm_audit(done: Done) -> Findings:
    """What ``npm audit --json`` answered.

    Raises:
        NotLookedUpError: it failed.
    """
    answer = _read(done)
    try:
        looked_up = int(answer["metadata"]["dependencies"]["total"])
        found = tuple(
            f"{name} {each['range']}: {each['severity']}"
            for name, each in answer["vulnerabilities"].items()
        )
    except (KeyError, TypeError) as error:
        status = answer.get("statusCode")
        refused = f"the service answered {status}" if status else last_line(done.stderr)
        raise NotLookedUpError(refused) from error
    return Findings(looked_up, found)


def look_up(check: str, known: Callable[[], Findings], wanted: Callable[[], Findings]) -> Row:
    """Asks about a package with known advisories, and only then about ours."""
    try:
        if not known().advisories:
            reason = "the service has no advisories: it knows none of a package that has some"
            return Row(PART, check, Result.NOT_LOOKED_UP, reason)
        found = wanted()
    except NotLookedUpError as error:
        return Row(PART, check, Result.NOT_LOOKED_UP, str(error))
    if found.advisories:
        return Row(PART, check, Result.RED, "; ".join(found.advisories))
    return Row(PART, check, Result.GREEN, f"{found.looked_up} packages, no advisory")


def rows() -> list[Row]:
    """Looks up all locked packages."""
    return [
        look_up(
            "pip-audit: all groups of uv.lock",
            lambda: _pip_audit(KNOWN_PYTHON, "--no-deps"),
            lambda: _pip_audit(locked_requirements("dev")),
        ),
        *(_node_row(folder) for folder in NODE_FOLDERS),
    ]


def _node_row(folder: str) -> Row:
    return look_up(f"npm audit: {folder}", _npm_audit_of_known, lambda: _npm_audit(ROOT / folder))


def _pip_audit(requirements: str, *options: str) -> Findings:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text(requirements)
        tool = str(Path(sys.executable).parent / "pip-audit")
        command = [tool, "--requirement", str(file), "--disable-pip", "--format", "json"]
        return read_pip_audit(run([*command, "--progress-spinner", "off", *options]))


def _npm_audit(folder: Path) -> Findings:
    return read_npm_audit(run(["npm", "audit", "--json", "--package-lock-only"], folder))


def _npm_audit_of_known() -> Findings:
    name, version = KNOWN_NODE
    project: dict[str, Any] = {"name": "known", "version": "1.0.0", "dependencies": {name: version}}
    packages = {"": project, f"node_modules/{name}": {"version": version}}
    lock = {**project, "lockfileVersion": 3, "requires": True, "packages": packages}
    del lock["dependencies"]
    with tempfile.TemporaryDirectory() as created:
        folder = Path(created)
        (folder / "package.json").write_text(json.dumps(project))
        (folder / "package-lock.json").write_text(json.dumps(lock))
        return _npm_audit(folder)


def _read(done: Done) -> dict[str, Any]:
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise NotLookedUpError(last_line(done.stderr)) from error
    if not isinstance(answer, dict):
        raise NotLookedUpError("the answer is no object")
    return answer


def main() -> int:
    """Prints the rows; 0 if all are green."""
    found = rows()
    for row in found:
        sys.stdout.write(f"{row.check}: {row.result} ({row.reason})\n")
    return int(any(row.result is not Result.GREEN for row in found))


if __name__ == "__main__":
    sys.exit(main())
