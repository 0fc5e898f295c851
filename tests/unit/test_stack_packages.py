"""`make demo` installs the group `stack` alone: what runs then imports nothing else."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.support.paths import PROJECT

OURS = {"cdk", "functions", "scripts", "orderflow", "tests"}
#: Run by other targets of the Makefile, after `make setup`.
OTHERS = {"bootstrap", "evaluation", "import_contracts.py", "pipeline", "security"}
#: Brought by the Lambda runtime, which is installed into a folder of its own.
OF_THE_RUNTIME = {"awslambdaric", "snapshot_restore_py"}


def installed_for_the_stack() -> set[str]:
    """The distributions of the group and of the project itself, by their normalized names."""
    exported = subprocess.run(
        [
            Path(sys.executable).with_name("uv"),
            *("export", "--frozen", "--quiet", "--no-hashes", "--no-annotate", "--no-header"),
            *("--no-default-groups", "--group", "stack", "--no-emit-project"),
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {_normal(line.partition("==")[0]) for line in exported.splitlines()}


def sources() -> Iterator[Path]:
    for folder in ("cdk", "functions", "scripts"):
        for file in (PROJECT / folder).rglob("*.py"):
            parts = file.relative_to(PROJECT).parts
            if "node_modules" not in parts and not (parts[0] == "scripts" and parts[1] in OTHERS):
                yield file


def imported(file: Path) -> Iterator[str]:
    """The packages at the top of what a file imports; not what only the type checker reads."""
    tree = ast.parse(file.read_text("utf-8"))
    unread = {
        node
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and "TYPE_CHECKING" in ast.unparse(test.test)
        for node in ast.walk(test)
    }
    for node in {*ast.walk(tree)} - unread:
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _normal(name: str) -> str:
    """As PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", name.partition("[")[0].strip()).lower()


def test_what_runs_the_local_stack_imports_only_what_make_demo_installs() -> None:
    available = installed_for_the_stack()
    distributions = packages_distributions()
    missing: dict[str, set[str]] = {}
    for file in sources():
        for name in imported(file):
            brought_by = {_normal(each) for each in distributions.get(name, ())}
            known = not brought_by or name in OURS | OF_THE_RUNTIME
            if not known and not brought_by & available:
                missing.setdefault(name, set()).add(str(file.relative_to(PROJECT)))

    assert missing == {}
