"""What a deployment into the emulator is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

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
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of the last ``cdk deploy``, which does nothing here."""
    environment: dict[str, str] = {}

    def run(*_: Any, **given: Any) -> None:
        environment.update(given["environment"])
        (tmp_path / "here" / "outputs.json").write_text(json.dumps({"data": {"Table": "orders"}}))

    monkeypatch.setenv("ORDERS_LOCAL_DIR", str(tmp_path))
    monkeypatch.setattr(deploy.tools, "run", run)
    monkeypatch.setattr(deploy.aws, "client", MagicMock())
    (tmp_path / "here").mkdir()
    return environment


def deploy_here() -> dict[str, str]:
    return deploy.deploy(Home("here"), URLS, Path("/somewhere/runtime"))


def test_the_local_stage_is_told_all_that_it_needs(told: dict[str, str]) -> None:
    assert deploy_here() == {"Table": "orders"}

    settings = Settings.for_stage("local", told)
    assert settings.paystack_base_url == URLS.paystack
    assert settings.emulator
    assert settings.emulator.bedrock_url == URLS.bedrock
    assert settings.emulator.dynamodb_url == URLS.dynamodb
    assert settings.emulator.front_door_url == URLS.front_door
    assert settings.emulator.runtime_dir == Path("/somewhere/runtime")


def test_the_callers_parking_delay_reaches_the_local_stage(
    told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERS_LOCAL_PARKING_DELAY_SECONDS", "2")
    deploy_here()
    assert Settings.for_stage("local", told).parking_delay_seconds == 2
