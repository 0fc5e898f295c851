"""The checkpoints of the security plan: which tests show each of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from scripts.security.row import ROOT


@dataclass(frozen=True)
class Checkpoint:
    """One line of the plan.

    Attributes:
        name: what is shown.
        tests: what shows it: node ids of pytest (``file::test``, ``file::Class::test``) or files.
        missing: what is not shown yet, and why; empty if nothing.
    """

    name: str
    tests: tuple[str, ...] = ()
    missing: str = ""


_UNIT: Final = "tests/unit"
_TEMPLATES: Final = "tests/infrastructure"
_DEPLOYED: Final = "tests/integration"

CHECKPOINTS: Final = (
    Checkpoint(
        "WAF blocks malicious traffic",
        missing="no web ACL in this version",
    ),
    Checkpoint(
        "The MFA flow",
        (f"{_UNIT}/demo_shop/test_app.py",),
        missing="sign-up, lost devices and refresh tokens in this version",
    ),
    Checkpoint(
        "All input is validated",
        (
            f"{_UNIT}/security/test_attempts.py::test_every_attempt_is_refused",
            f"{_DEPLOYED}/fuzz/test_graphql.py",
            f"{_DEPLOYED}/fuzz/test_webhook.py",
        ),
    ),
    Checkpoint(
        "Every attempt of OWASP's table is refused",
        (
            f"{_UNIT}/security/test_attempts.py",
            f"{_DEPLOYED}/test_attempts.py::test_every_attempt_on_the_deployed_stack_is_refused",
        ),
    ),
    Checkpoint(
        "The limit of one customer holds under 100 parallel clients",
        (
            f"{_DEPLOYED}/test_attempts.py"
            "::test_a_hundred_clients_of_one_customer_get_no_more_orders_than_are_left",
        ),
    ),
    Checkpoint("CloudTrail collects", missing="no trail in this version"),
    Checkpoint("Alarms fire on test events", missing="no security alarms in this version"),
    Checkpoint("Each permission is needed, and each call allowed", (f"{_TEMPLATES}/test_policies.py",)),
    Checkpoint("cdk-nag finds nothing that is not acknowledged", (f"{_TEMPLATES}/test_app.py",)),
)


def unknown(tests: Iterable[str], root: Path = ROOT) -> list[str]:
    """The tests of these that do not exist."""
    return [test for test in tests if not _exists(test, root)]


def _exists(test: str, root: Path) -> bool:
    path, *names = test.split("::")
    file = root / path
    return file.is_file() and (not names or "::".join(names) in _tests_of(file))


@cache
def _tests_of(file: Path) -> frozenset[str]:
    """The tests of a file, those of classes as ``Class::test``."""
    found: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            inner = (each for each in node.body if isinstance(each, ast.FunctionDef))
            found |= {f"{node.name}::{each.name}" for each in inner}
    return frozenset(found)
