"""What is built for the emulator, and what is deployed into it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from scripts.local.errors import LocalStackError
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


@dataclass
class Deployed:
    """What the emulator was given: the assembly, and the parameters of each stack."""

    where: list[tuple[str, Path]] = field(default_factory=list)
    stacks: dict[str, dict[str, str]] = field(default_factory=dict)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An assembly with four stacks, of which two are not for the emulator."""
    folder = tmp_path / "assembly"
    folder.mkdir()
    for name in ("guard", "paging"):
        (folder / f"grocery-local-{name}.template.json").write_text('{"Resources": {}}')
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {}}))
    return folder


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """Replaces CloudFormation."""
    seen = Deployed()

    class Deployment:
        stacks = tuple(f"grocery-local-{each}" for each in ("data", "guard", "orders", "paging"))

        def __init__(self, aws_url: str, app: Path) -> None:
            seen.where.append((aws_url, app))

        def deploy(self, stack: str, parameters: dict[str, str]) -> dict[str, str]:
            seen.stacks[stack] = parameters
            return {f"Name of {stack}": "1"}

    monkeypatch.setenv("ORDERS_LOCAL_DIR", str(tmp_path))
    monkeypatch.setattr(deploy, "Deployment", Deployment)
    monkeypatch.setattr(deploy.aws, "client", MagicMock())
    (tmp_path / "here").mkdir()
    return seen


def test_the_outputs_of_all_stacks_are_returned(deployed: Deployed, app: Path) -> None:
    outputs = deploy.deploy(Home("here"), URLS, app)
    assert outputs == {"Name of grocery-local-data": "1", "Name of grocery-local-orders": "1"}


def test_the_deployment_passes_the_addresses_of_the_local_stack(
    deployed: Deployed, app: Path
) -> None:
    deploy.deploy(Home("here"), URLS, app)

    assert deployed.where == [(URLS.aws, app)]
    assert deployed.stacks["grocery-local-orders"] == {
        "AwsUrl": URLS.aws,
        "PaystackUrl": URLS.paystack,
        "BedrockUrl": URLS.bedrock,
        "DynamodbUrl": URLS.dynamodb,
        "FrontDoorUrl": URLS.front_door,
        "CognitoUrl": URLS.cognito,
    }


def test_what_the_emulator_lacks_is_not_deployed_but_can_be_read(
    deployed: Deployed, app: Path
) -> None:
    deploy.deploy(Home("here"), URLS, app)

    assert list(deployed.stacks) == ["grocery-local-data", "grocery-local-orders"]
    assert deploy.template_of(Home("here"), "guard").read_text() == '{"Resources": {}}'


@pytest.fixture
def assembly(monkeypatch: pytest.MonkeyPatch, app: Path, tmp_path: Path) -> MagicMock:
    """Replaces the synthesis; the runtime is installed by a tool that does nothing."""
    recorder = MagicMock(return_value=app)
    monkeypatch.setattr(deploy, "assembly", recorder)
    monkeypatch.setattr(deploy, "_BUILD", tmp_path / "build")
    monkeypatch.setattr(deploy.processes, "run_tool", MagicMock())
    return recorder


def test_the_stacks_factor_of_time_reaches_the_local_stage_whatever_the_caller_has(
    assembly: MagicMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERS_LOCAL_TIME_FACTOR", "7")
    deploy.build(Home("here"), factor=1.5)
    assert assembly.call_args.args[1]["ORDERS_LOCAL_TIME_FACTOR"] == "1.5"


def test_the_app_is_synthesized_for_this_python_and_the_runtime_that_is_installed(
    assembly: MagicMock, app: Path
) -> None:
    built = deploy.build(Home("here"), factor=1.0)

    assert built.app == app
    assert b"awslambdaric==" in (built.runtime / "requirements.txt").read_bytes()
    settings = assembly.call_args.args[1]
    assert settings["ORDERS_LOCAL_PYTHON"] == sys.executable
    assert settings["ORDERS_LOCAL_RUNTIME_DIR"] == str(built.runtime)


def test_a_runtime_that_can_not_be_installed_fails_the_build(
    assembly: MagicMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = MagicMock(side_effect=LocalStackError("no such wheel"))
    monkeypatch.setattr(deploy.processes, "run_tool", failing)
    with pytest.raises(LocalStackError, match="no such wheel"):
        deploy.build(Home("here"), factor=1.0)
