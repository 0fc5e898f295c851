"""The command of a deployment into the emulator."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from scripts.local.stack import deploy
from scripts.local.stack.state import Home, Urls

URLS = Urls(
    aws="http://127.0.0.1:4566",
    paystack="http://127.0.0.1:1",
    bedrock="http://127.0.0.1:2",
    front_door="http://127.0.0.1:3",
    dynamodb="http://127.0.0.1:4",
    cognito="http://127.0.0.1:6",
    xray="http://127.0.0.1:7",
)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An assembly with four stacks, of which two are not for the emulator."""
    folder = tmp_path / "assembly"
    folder.mkdir()
    stack = {"type": "aws:cloudformation:stack"}
    artifacts = {f"grocery-local-{name}": stack for name in ("data", "orders", "guard", "paging")}
    artifacts["Tree"] = {"type": "cdk:tree"}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    for name in ("guard", "paging"):
        (folder / f"grocery-local-{name}.template.json").write_text('{"Resources": {}}')
    return folder


@pytest.fixture
def assembly(monkeypatch: pytest.MonkeyPatch, app: Path) -> MagicMock:
    """Replaces the synthesis."""
    recorder = MagicMock(return_value=app)
    monkeypatch.setattr(deploy, "assembly", recorder)
    return recorder


@pytest.fixture
def cdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assembly: MagicMock) -> MagicMock:
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


def test_the_deployment_passes_the_addresses_of_the_local_stack(cdk: MagicMock) -> None:
    assert deploy_here() == {"Table": "orders"}

    command = cdk.call_args.args[0]
    assert {each for each in command if each.startswith("--parameters")} == {
        f"--parameters=AwsUrl={URLS.aws}",
        f"--parameters=PaystackUrl={URLS.paystack}",
        f"--parameters=BedrockUrl={URLS.bedrock}",
        f"--parameters=DynamodbUrl={URLS.dynamodb}",
        f"--parameters=FrontDoorUrl={URLS.front_door}",
        f"--parameters=CognitoUrl={URLS.cognito}",
    }
    assert cdk.call_args.kwargs["environment"]["AWS_ENDPOINT_URL"] == URLS.aws


def test_the_stacks_factor_of_time_reaches_the_local_stage_whatever_the_caller_has(
    cdk: MagicMock, assembly: MagicMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERS_LOCAL_TIME_FACTOR", "7")
    deploy_here()
    assert assembly.call_args.args[1]["ORDERS_LOCAL_TIME_FACTOR"] == "1.5"


def test_the_deployment_takes_the_assembly_for_this_python_and_runtime(
    cdk: MagicMock, assembly: MagicMock, app: Path
) -> None:
    deploy_here()

    command = cdk.call_args.args[0]
    assert command[command.index("--app") + 1] == str(app)
    settings = assembly.call_args.args[1]
    assert settings["ORDERS_LOCAL_PYTHON"] == sys.executable
    assert settings["ORDERS_LOCAL_RUNTIME_DIR"] == "/somewhere/runtime"


def test_what_the_emulator_lacks_is_not_deployed_but_can_be_read(cdk: MagicMock) -> None:
    deploy_here()

    command = cdk.call_args.args[0]
    assert [each for each in command if each.startswith("grocery-local-")] == [
        "grocery-local-data",
        "grocery-local-orders",
    ]
    assert "--all" not in command
    assert deploy.template_of(Home("here"), "guard").read_text() == '{"Resources": {}}'
