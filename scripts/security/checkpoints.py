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
        inputs: so many inputs the tests have to try, by the property ``inputs`` that they record.
    """

    name: str
    tests: tuple[str, ...]
    inputs: int = 0


_UNIT: Final = "tests/unit"
_TEMPLATES: Final = "tests/infrastructure"
_DEPLOYED: Final = "tests/integration"
_ATTEMPTS: Final = f"{_DEPLOYED}/test_attempts.py"
_WEBHOOK: Final = f"{_UNIT}/handlers/test_payment_webhook.py"

CHECKPOINTS: Final = (
    Checkpoint(
        "WAF blocks malicious traffic and passes customers",
        (
            f"{_TEMPLATES}/test_guard.py",
            f"{_TEMPLATES}/test_waf_traffic.py",
            f"{_UNIT}/local/cognito/test_sign_in_acl.py",
            f"{_DEPLOYED}/test_waf.py",
        ),
    ),
    # Before the attempts, which ring the same alarms for five minutes.
    Checkpoint(
        "Alarms fire on test events",
        (
            f"{_TEMPLATES}/test_security_alarms.py",
            f"{_DEPLOYED}/test_security_alarms.py",
            f"{_DEPLOYED}/test_waf.py::test_a_flood_is_blocked_and_operations_hear_of_it",
        ),
    ),
    Checkpoint(
        "10,000 malformed requests through WAF and front door: no 5xx, no leak",
        (f"{_DEPLOYED}/fuzz/test_waf.py",),
        inputs=10_000,
    ),
    Checkpoint(
        "The MFA flow",
        (f"{_UNIT}/local/cognito/test_proxy.py", f"{_DEPLOYED}/test_identity.py"),
    ),
    Checkpoint(
        "All input is validated",
        (f"{_DEPLOYED}/fuzz/test_graphql.py", f"{_DEPLOYED}/fuzz/test_webhook.py"),
    ),
    Checkpoint(
        "Every attempt of OWASP's table is refused",
        (
            f"{_UNIT}/security/test_attempts.py",
            f"{_ATTEMPTS}::test_every_attempt_on_the_deployed_stack_is_refused",
        ),
    ),
    Checkpoint(
        "The limit of one customer holds under 100 parallel clients",
        (f"{_ATTEMPTS}::test_a_hundred_clients_of_one_customer_get_no_more_orders_than_are_left",),
    ),
    Checkpoint(
        "CloudTrail collects",
        (
            f"{_TEMPLATES}/test_trail.py",
            f"{_DEPLOYED}/test_audit.py::test_cloudtrail_shows_the_calls_about_an_order",
        ),
    ),
    Checkpoint(
        "Every act and every write has its audit line",
        (
            f"{_UNIT}/api/test_audited.py",
            f"{_UNIT}/orders/test_audited.py",
            f"{_UNIT}/cli/operations/test_every_act_is_audited.py",
            f"{_WEBHOOK}::test_every_outcome_has_its_audit_line",
            f"{_WEBHOOK}::test_an_outage_has_its_audit_line",
            f"{_UNIT}/handlers/test_payment_return.py::test_every_return_has_its_audit_line",
        ),
    ),
    Checkpoint(
        "Each call is allowed, and each statement of a policy is needed",
        (f"{_TEMPLATES}/test_policies.py", f"{_TEMPLATES}/test_permissions.py"),
    ),
    Checkpoint(
        "cdk-nag finds nothing that is not acknowledged with its reason",
        (f"{_TEMPLATES}/test_app.py",),
    ),
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
