"""The local stage is synthesized once for the same sources and settings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from cdk.constructs.functions.bundling import BundlingError
from cdk.settings import SettingsError
from scripts.local.deployment import assembly as module
from scripts.local.errors import LocalStackError
from scripts.local.stack.state import Home

PATIENCE_SECONDS = 60
SETTINGS = {"ORDERS_LOCAL_PYTHON": "/bin/python", "ORDERS_LOCAL_RUNTIME_DIR": "/runtime"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with few sources."""
    project = tmp_path / "checkout"
    for name in ("cdk/cdk.json", "functions/f/handler.py", "workflows/w.yaml", "uv.lock"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text('{"context": {"@flag": true}}')
    monkeypatch.setenv("ORDERS_LOCAL_DIR", str(tmp_path / "stacks"))
    monkeypatch.setattr(module, "PROJECT", project)
    monkeypatch.setattr(module, "_CDK_JSON", project / "cdk" / "cdk.json")
    monkeypatch.setattr(module, "_KEPT", project / ".build" / "assemblies")
    monkeypatch.setattr(module, "bundle", MagicMock())
    return project


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Replaces the run of the CDK app."""

    def run(*_: Any, environment: dict[str, str], **__: Any) -> None:
        (Path(environment["CDK_OUTDIR"]) / "manifest.json").write_text("{}")

    recorder = MagicMock(side_effect=run)
    monkeypatch.setattr(module.processes, "run_tool", recorder)
    return recorder


def assembly(**settings: str) -> Path:
    return module.assembly(Home("here"), SETTINGS | settings)


def test_the_app_synthesizes_the_local_stage(project: Path, app: MagicMock) -> None:
    folder = assembly()

    assert (folder / "manifest.json").is_file()
    environment = app.call_args.kwargs["environment"]
    assert environment["CDK_CONTEXT_JSON"] == '{"@flag": true, "stage": "local"}'
    assert environment["ORDERS_LOCAL_RUNTIME_DIR"] == "/runtime"
    assert Path(environment["TMPDIR"]).is_relative_to(folder.parent)
    assert [each.name for each in folder.parent.glob("[!.]*")] == [folder.name]


def test_the_packages_are_built_beside_the_synthesis(
    project: Path, app: MagicMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = threading.Event()
    bundle = MagicMock(side_effect=lambda *_: bundled.set())
    monkeypatch.setattr(module, "bundle", bundle)
    synthesize = app.side_effect

    def waits_for_a_package(*_: Any, environment: dict[str, str], **__: Any) -> None:
        assert bundled.wait(PATIENCE_SECONDS)
        synthesize(environment=environment)

    app.side_effect = waits_for_a_package
    assembly()

    assert [call.args[0] for call in bundle.call_args_list] == ["f"]


def test_a_package_that_can_not_be_built_is_the_apps_to_report(
    project: Path, app: MagicMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "bundle", MagicMock(side_effect=BundlingError("no such wheel")))
    assert (assembly() / "manifest.json").is_file()


def test_an_assembly_of_the_same_sources_is_not_synthesized_again(
    project: Path, app: MagicMock
) -> None:
    first = assembly()
    for generated in ("cdk/node_modules/x.js", "cdk/__pycache__/x.pyc", "cdk/cdk.out/x.json"):
        (project / generated).parent.mkdir()
        (project / generated).touch()

    assert assembly() == first
    app.assert_called_once()


@pytest.mark.parametrize(
    "change",
    [
        lambda project: (project / "functions/f/handler.py").write_text("changed"),
        lambda project: (project / "workflows/w.yaml").rename(project / "workflows/v.yaml"),
        lambda project: (project / "cdk/more.py").touch(),
        lambda project: (project / "uv.lock").write_text("changed"),
    ],
    ids=["function", "renamed", "new file", "dependencies"],
)
def test_changed_sources_are_synthesized_again(
    project: Path, app: MagicMock, change: Callable[[Path], object]
) -> None:
    first = assembly()
    change(project)
    assert assembly() != first
    assert app.call_count == 2


def test_other_settings_are_synthesized_on_their_own(project: Path, app: MagicMock) -> None:
    assert assembly() != assembly(ORDERS_LOCAL_TIME_FACTOR="2")


def test_a_malformed_setting_is_named(project: Path, app: MagicMock) -> None:
    with pytest.raises(SettingsError, match="factor"):
        assembly(ORDERS_LOCAL_TIME_FACTOR="soon")
    app.assert_not_called()


def test_a_failed_synthesis_leaves_nothing(project: Path, app: MagicMock) -> None:
    app.side_effect = LocalStackError("python failed")
    with pytest.raises(LocalStackError, match="python failed"):
        assembly()
    assert list((project / ".build" / "assemblies").glob("[!.]*")) == []


def test_the_last_eight_assemblies_are_kept(project: Path, app: MagicMock) -> None:
    folders = [assembly(ORDERS_LOCAL_TIME_FACTOR=str(each)) for each in range(1, 10)]
    assert [each.is_dir() for each in folders] == [False, *[True] * 8]
