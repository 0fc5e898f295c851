"""The checks that look at a mutant: parts of lint and tests, the quickest first.

They need no emulator, but for the branches of the definition, which run on the emulator's engine.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutation.tree import Tree

#: What a test belongs to, by the start of its name.
_LABELS: Final = {
    "tests/workflow/test_definition.py": "rules of the definition",
    "tests/workflow/test_judges.py": "judges of the definition",
    "tests/workflow/": "branches on the emulator's engine",
    "tests/infrastructure/test_policies.py": "policy proofs",
    "tests/infrastructure/test_resolver_rules.py": "AppSync's ESLint rules",
    "tests/infrastructure/test_resolvers.py": "tests of the resolvers",
    "tests/infrastructure/": "assertions on the templates",
    "tests/unit/": "tests of the store",
}


@dataclass(frozen=True)
class Failure:
    """What has caught a mutant: the kind of check, and its first test that fails."""

    label: str
    test: str


@dataclass(frozen=True)
class Run:
    """One run of pytest: test files, and its other arguments."""

    files: Sequence[str]
    options: Sequence[str] = ()

    def failure(self, tree: Tree) -> Failure | None:
        """The first test that fails; None if all pass, or the tree has none of the files."""
        files = [each for each in self.files if (tree.folder / each).exists()]
        if not files:
            return None
        test = tree.first_failing_test([*files, *self.options])
        return test and Failure(_label(test, files[0]), test)


_LINT_TEMPLATES: Final = Path(__file__).with_name("lint_templates.py")


@dataclass(frozen=True)
class CfnLint:
    """cfn-lint on production's templates."""

    def failure(self, tree: Tree) -> Failure | None:
        """Its finding; None if it has none."""
        command = [sys.executable, _LINT_TEMPLATES]
        ran = subprocess.run(
            command,
            cwd=tree.folder,
            env=tree.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Failure("cfn-lint", ran.stdout.strip()[:200]) if ran.returncode else None


Check = Run | CfnLint


def _label(test: str, file: str) -> str:
    """The kind of check of a failing test, or else of the run's first file."""
    return next(label for name in (test, file) for start, label in _LABELS.items()
                if f"{name}/".startswith(start))  # fmt: skip


def _infrastructure(*names: str) -> list[str]:
    return [f"tests/infrastructure/test_{name}.py" for name in names]


#: One stage for AWS. The stages differ in settings, which other tests compare.
_PRODUCTION: Final = ("-k", "prod or not (local or dev or staging or a_warning_warn)")

_TEMPLATES: Final = (
    "event_sources", "emailed_changes", "permissions", "functions", "orders", "api", "data",
    "workflow_resource",
)  # fmt: skip

_DEFINITION: Final = Run(
    ["tests/workflow/test_definition.py", "tests/workflow/test_judges.py"],
    [
        "-k",
        "not emulator and not evaluated and not arguments and not a_fault_of and not dynamodb_takes",
    ],
)
_BRANCHES: Final = Run(["tests/workflow"])
_ASSERTIONS: Final = Run(_infrastructure(*_TEMPLATES, "policies"), _PRODUCTION)
_PROOFS: Final = Run(_infrastructure("policies", *_TEMPLATES), _PRODUCTION)
_RESOLVERS: Final = Run(_infrastructure("resolver_rules", "resolvers", *_TEMPLATES), _PRODUCTION)
_STORE: Final = Run(["tests/unit/orders", "tests/unit/test_store.py", "tests/unit/test_api.py"])

#: By the kind of mutant; the first that fails has caught it.
CHECKS: Mapping[str, Sequence[Check]] = {
    "definition": [_DEFINITION, _PROOFS, _BRANCHES, CfnLint()],
    "template": [_ASSERTIONS, CfnLint()],
    "policy": [_PROOFS],
    "resolver": [_RESOLVERS],
    "query": [_STORE],
}
