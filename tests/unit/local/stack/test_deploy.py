"""The command and the settings of a deployment into the emulator."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from cdk.durations import Durations
from cdk.settings import Settings
from scripts.local.stack import deploy
from scripts.local.stack.state import Home, Urls

URLS = Urls(
    aws="http://127.0.0.1:4566",
    paystack="http://127.0.0.1:1",
    bedrock="http://127.0.0.1:2",
    front_door="http://127.0.0.1:3",
    dynamodb="http://127.0.0.1:4",
)


@pytest.fixture
def cdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Replaces the run of ``cdk deploy``; records its arguments."""

    def run(*_: Any, **__: Any) -> None:
        (tmp_path / "here" / "outputs.json").write_text(json.dumps({"data": {"Table": "orders"}}))

    recorder = MagicMock(side_effect=run)
    monkeypatch.setenv("ORDERS_LOCAL_DIR", str(tmp_path))
    monkeypatch.setattr(deploy.processes, "run_tool", recorder)
    monkeypatch.setattr(deploy.aws, "client", MagicMock())
    (tmp_path / "here").mkdir()
    return recorder


def deploy_here() -> dict[str, str]:
    return deploy.deploy(Home("here"), URLS, Path("/somewhere/runtime"), factor=1.5)


def local_settings(cdk: MagicMock) -> Settings:
    """The settings that the CDK app reads from its environment."""
    return Settings.for_stage("local", cdk.call_args.kwargs["environment"])


def test_the_cdk_app_receives_the_addresses_of_the_local_stack(cdk: MagicMock) -> None:
    assert deploy_here() == {"Table": "orders"}

    settings = local_settings(cdk)
    assert settings.paystack_base_url == URLS.paystack
    assert settings.emulator
    assert settings.emulator.bedrock_url == URLS.bedrock
    assert settings.emulator.dynamodb_url == URLS.dynamodb
    assert settings.emulator.front_door_url == URLS.front_door
    assert settings.emulator.runtime_dir == Path("/somewhere/runtime")


def test_the_stacks_factor_of_time_reaches_the_local_stage_whatever_the_caller_has(
    cdk: MagicMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERS_LOCAL_TIME_FACTOR", "7")
    deploy_here()
    assert local_settings(cdk).durations == Durations().divided_by(1.5)


def test_the_path_of_python_may_contain_a_space(
    cdk: MagicMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/my projects/.venv/bin/python")

    deploy_here()

    command = cdk.call_args.args[0]
    app = command[command.index("--app") + 1]
    assert shlex.split(app)[0] == "/my projects/.venv/bin/python"
