"""Deployment packages, built once a session from the locked requirements."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cdk.constructs.functions import bundling
from cdk.constructs.functions.bundling import (
    AWS_LAMBDA,
    ROOT,
    BundlingError,
    Target,
    bundle,
    local_target,
)

FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of the local Lambda runtime: the runtime client and boto3."""
    folder = tmp_path_factory.mktemp("runtime")
    bundling.install(folder, local_target(), bundling.locked_requirements("lambda-runtime"))
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project that the test may edit."""
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "functions", tmp_path / "functions")
    monkeypatch.setattr(bundling, "ROOT", tmp_path)
    monkeypatch.setattr(bundling, "CACHE", tmp_path / "cache")
    return tmp_path


def modules_of_a_cold_start(function: str, runtime: Path) -> set[str]:
    """All modules that its handler loads, with its package and the runtime alone on the path."""
    bundled = bundle(function, local_target())
    package = bundled.path
    path = (package, *bundled.shared, runtime)
    ran = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import {function}.handler as h, sys; h.lambda_handler\nprint(*sys.modules)",
        ],
        cwd=package,
        env={
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_REGION": "eu-west-1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_imports_with_its_package_and_the_runtime_alone(
    function: str, runtime: Path
) -> None:
    loaded = modules_of_a_cold_start(function, runtime)

    assert f"{function}.handler" in loaded
    # What the function does not need costs every cold start.
    assert loaded.isdisjoint(unneeded_by(function))


def unneeded_by(function: str) -> set[str]:
    unneeded = {"s3transfer", "multiprocessing", "aws_xray_sdk"}
    if function not in {"api", "operations_api"}:
        unneeded.add("aws_lambda_powertools.event_handler")
        if function not in {"handle_dead_letters", "recover_orders", "send_status_emails"}:
            unneeded.add("asyncio")  # Powertools' batches bring it
    return unneeded


def importable(function: str, target: Target) -> set[str]:
    """The names at the top of a package, and of the folders that it shares with others."""
    package = bundle(function, target)
    return {path.name for folder in (package.path, *package.shared) for path in folder.iterdir()}


@pytest.mark.parametrize("target", [local_target(), AWS_LAMBDA], ids=lambda target: target.name)
def test_a_package_contains_the_dependencies_of_its_function_alone(target: Target) -> None:
    notify, match = importable("send_payment_link", target), importable("match_products", target)
    assert {"jinja2", "send_payment_link"} <= notify
    assert {"rapidfuzz", "match_products"} <= match
    assert notify.isdisjoint({"rapidfuzz", "match_products"})
    assert match.isdisjoint({"jinja2", "send_payment_link"})


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_package_omits_the_packages_of_the_runtime(function: str) -> None:
    names = importable(function, local_target())
    assert names.isdisjoint({"boto3", "botocore", "s3transfer", "dateutil", "six.py"})
    assert {"pydantic", "aws_lambda_powertools", "orderflow", function} <= names


def test_a_package_contains_its_locked_dependencies_even_if_the_runtime_has_other_versions() -> (
    None
):
    assert {"urllib3", "jmespath"} <= importable("create_payment_link", local_target())
    assert "urllib3" not in importable("api", local_target())


def test_a_package_for_aws_has_wheels_for_its_processor_and_python() -> None:
    package = bundle("match_products", AWS_LAMBDA).path
    compiled = {path.name for path in package.rglob("*.so")}
    assert compiled
    assert all("cpython-313-aarch64" in name for name in compiled)
    assert not (package / "bootstrap").exists()
    assert {"orderflow", "pydantic", "match_products"} <= {path.name for path in package.iterdir()}


def test_packages_for_this_machine_share_the_library_and_equal_dependencies() -> None:
    first, second = (bundle(name, local_target()) for name in ("payment_webhook", "parse_order"))

    assert first.shared == second.shared
    assert first.path != second.path
    assert sum(path.stat().st_size for path in first.path.rglob("*")) < 100_000


@pytest.mark.parametrize("target", [local_target(), AWS_LAMBDA], ids=lambda target: target.name)
def test_a_package_has_no_leftovers(target: Target) -> None:
    package = bundle("api", target)
    leftovers = [
        path
        for folder in (package.path, *package.shared)
        for path in folder.rglob("*")
        if path.suffix in {".pyi", ".graphql"} or path.name in {"RECORD", "resolvers"}
    ]
    assert leftovers == []


def test_a_package_for_this_python_brings_bytecode_that_holds_wherever_it_is_unpacked() -> None:
    package = bundle("api", local_target())
    unchecked_hash = b"\x01\x00\x00\x00"  # PEP 552: the flags after the magic number

    sources = [file for each in (package.path, *package.shared) for file in each.rglob("*.py")]
    assert {"handler.py", "errors.py", "main.py"} <= {source.name for source in sources}
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(str(source)))
        assert compiled.read_bytes()[4:8] == unchecked_hash


def test_a_package_for_another_python_brings_no_bytecode() -> None:
    another = replace(AWS_LAMBDA, python=(3, 10))

    assert not list(bundle("api", another).path.rglob("*.pyc"))


def test_an_unchanged_package_is_not_built_again() -> None:
    first = bundle("api", local_target())
    built = first.path.stat().st_ctime_ns
    assert bundle("api", local_target()) == first
    assert first.path.stat().st_ctime_ns == built


def test_two_builds_at_once_give_one_complete_package(project: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        packages = list(pool.map(lambda _: bundle("api", local_target()), range(2)))
    assert packages[0] == packages[1]
    assert (packages[0].path / "bootstrap").is_file()
    complete = {packages[0].path, *packages[0].shared}
    assert {*(project / "cache").glob("[!.]*")} == complete


@pytest.mark.parametrize("file", ["api/handler.py", "orderflow/errors.py", "orderflow/new.py"])
def test_an_edit_makes_a_new_package(project: Path, file: str) -> None:
    before = bundle("api", local_target())
    with (project / "functions" / file).open("a") as source:
        source.write("\n# edited\n")
    after = bundle("api", local_target())
    assert after.digest != before.digest
    edited = [path for each in (after.path, *after.shared) for path in each.glob(file)]
    assert [path.read_text().endswith("# edited\n") for path in edited] == [True]


def _compiled(project: Path) -> None:
    cache = project / "functions" / "orderflow" / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "errors.cpython-311.pyc").write_bytes(b"compiled")


def _other_function(project: Path) -> None:
    (project / "functions" / "parse_order" / "extra.py").touch()


def _schema(project: Path) -> None:
    (project / "functions" / "api" / "schema.graphql").write_text("type Query { now: String }")


@pytest.mark.parametrize("change", [_compiled, _other_function, _schema])
def test_a_change_of_files_that_are_not_deployed_makes_no_new_package(
    project: Path, change: Callable[[Path], None]
) -> None:
    before = bundle("api", local_target())
    change(project)
    assert bundle("api", local_target()) == before


def test_a_function_without_a_handler_is_refused() -> None:
    with pytest.raises(BundlingError, match=r"functions/nothing/handler.py does not exist"):
        bundle("nothing", local_target())


def test_a_function_without_a_dependency_group_is_refused_with_the_message_of_uv(
    project: Path,
) -> None:
    (project / "functions" / "unlisted").mkdir()
    (project / "functions" / "unlisted" / "handler.py").touch()
    with pytest.raises(BundlingError, match="unlisted"):
        bundle("unlisted", local_target())


def test_the_error_for_a_missing_uv_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundling._exported.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(BundlingError, match="make setup"):
        bundle("api", AWS_LAMBDA)


def test_a_failed_build_leaves_nothing_behind(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise BundlingError("no such wheel")

    monkeypatch.setattr(bundling, "install", fail)
    with pytest.raises(BundlingError, match="no such wheel"):
        bundle("api", AWS_LAMBDA)
    assert list((project / "cache").glob("[!.]*")) == []


def test_a_local_package_explains_how_it_is_started() -> None:
    package = bundle("api", local_target()).path
    ran = subprocess.run(
        [package / "bootstrap"], env={}, capture_output=True, text=True, check=False
    )
    assert ran.returncode != 0
    assert "orders local up" in ran.stderr
