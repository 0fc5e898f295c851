"""The import contracts in pyproject.toml fail when a forbidden import is added."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

LINT = Path(sys.executable).with_name("lint-imports")

#: By contract: the module that gets a line, the line, and a text that the report must hold.
FORBIDDEN = {
    "floors": [
        (
            "orderflow.orders.lines",
            "from orderflow.payments import links",
            "orderflow.orders.lines -> orderflow.payments.links",
        ),
        (
            "orderflow.platform.privacy",
            "import orderflow.orders.model",
            "orderflow.platform.privacy -> orderflow.orders.model",
        ),
        (
            "orderflow.units",
            "import orderflow.grocery_list.parser",
            "orderflow.units -> orderflow.grocery_list.parser",
        ),
    ],
    "circles": [
        ("orderflow.breakers.state", "import orderflow.breakers.store", ".state -> .store"),
    ],
    "exports": [
        (
            "orderflow.orders.lines",
            "import orderflow.grocery_list.scanning.tokens",
            "orderflow.orders.lines imports orderflow.grocery_list.scanning.tokens",
        ),
        (
            "api.handler",
            "from orderflow.breakers import transitions",
            "api.handler imports orderflow.breakers.transitions",
        ),
        (
            "cdk.settings",
            "from orderflow.recovery.events import ACTOR",
            "cdk.settings imports orderflow.recovery.events",
        ),
        (
            "scripts.commit_subject",
            "import orderflow.payments.settlement",
            "scripts.commit_subject imports orderflow.payments.settlement",
        ),
    ],
    "handlers": [
        ("orderflow.clock", "import api.handler", "orderflow.clock -> api.handler"),
        (
            "parse_order.handler",
            "import verify_payment.handler",
            "parse_order.handler -> verify_payment.handler",
        ),
        (
            "cdk.settings",
            "import record_failures.handler",
            "cdk.settings -> record_failures.handler",
        ),
        (
            "scripts.commit_subject",
            "from recover_orders.handler import handler",
            "scripts.commit_subject -> recover_orders.handler",
        ),
    ],
    "deployment": [
        (
            "orderflow.clock",
            "import scripts.commit_subject",
            "orderflow.clock -> scripts.commit_subject",
        ),
        ("api.handler", "import cdk.settings", "api.handler -> cdk.settings"),
    ],
    "domain": [
        ("orderflow.orders.status", "import boto3", "orderflow.orders.status loads boto3"),
        (
            "orderflow.catalog.product",
            "from orderflow.platform import aws_errors",
            "orderflow.catalog.product loads botocore",
        ),
    ],
    "parser": [
        (
            "orderflow.grocery_list.scanning.tokens",
            "import pydantic",
            "orderflow.grocery_list.scanning.tokens loads pydantic",
        ),
        (
            "orderflow.grocery_list.parser",
            "from orderflow.platform import dynamodb",
            "orderflow.grocery_list.parser loads botocore",
        ),
    ],
    "index": [
        (
            "orderflow.catalog.index.search",
            "from orderflow import records",
            "orderflow.catalog.index.search loads pydantic",
        ),
    ],
    "rapidfuzz": [
        (
            "orderflow.wiring.api",
            "import orderflow.catalog.index.search",
            "orderflow.catalog.index.search -> rapidfuzz",
        ),
    ],
    "jinja2": [
        ("parse_order.handler", "import jinja2", "parse_order.handler -> jinja2"),
    ],
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of all code that the contracts are about."""
    generated = shutil.ignore_patterns("node_modules", "cdk.out", "__pycache__")
    for folder in ("functions", "cdk", "scripts"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=generated)
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("contract", FORBIDDEN)
def test_forbidden_imports_break_the_contract(tree: Path, contract: str) -> None:
    for module, line, _ in FORBIDDEN[contract]:
        add_line(tree, module, line)

    run = lint(tree, contract)

    assert run.returncode == 1, run.stdout + run.stderr
    assert "0 kept, 1 broken." in run.stdout
    for _, _, problem in FORBIDDEN[contract]:
        assert problem in run.stdout


def test_an_exported_module_must_exist(tree: Path) -> None:
    package = tree / "functions/orderflow/workflow/__init__.py"
    package.write_text(package.read_text().replace('"executions"', '"executions", "gone"'))

    run = lint(tree, "exports")

    assert run.returncode == 1
    assert "orderflow.workflow.gone is exported but missing" in run.stdout


def test_a_new_package_needs_a_floor(tree: Path) -> None:
    package = tree / "functions/orderflow/discounts"
    package.mkdir()
    (package / "__init__.py").touch()

    run = lint(tree, "floors")

    assert run.returncode == 1
    assert "orderflow.discounts" in run.stdout


def add_line(tree: Path, module: str, line: str) -> None:
    source = module.replace(".", "/") + ".py"
    folder = tree if (tree / source).exists() else tree / "functions"
    with (folder / source).open("a") as file:
        file.write(f"\n{line}\n")


def lint(tree: Path, contract: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache", "--contract", contract],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "functions")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_package_holds_more_than_twelve_modules_and_no_module_more_than_300_lines() -> None:
    roots = (PROJECT / "functions", PROJECT / "cdk", PROJECT / "scripts")
    modules = [
        path
        for root in roots
        for path in root.rglob("*.py")
        if not {"node_modules", "cdk.out"} & {*path.parts}
    ]
    sizes = Counter(path.parent for path in modules if path.name != "__init__.py")

    # The composition root has one module for each handler that needs its own.
    del sizes[PROJECT / "functions" / "orderflow" / "wiring"]
    assert {str(folder): size for folder, size in sizes.items() if size > 12} == {}
    lines = {str(path): path.read_text(encoding="utf-8").count("\n") for path in modules}
    assert {path: count for path, count in lines.items() if count > 300} == {}
