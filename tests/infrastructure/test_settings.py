"""Settings are validated before anything is synthesized."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cdk.settings import Settings, SettingsError, Stage

LOCAL = {
    "ORDERS_LOCAL_PYTHON": "/somewhere/bin/python",
    "ORDERS_LOCAL_RUNTIME_DIR": "/somewhere/runtime",
}


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_valid_settings(stage: Stage) -> None:
    assert Settings.for_stage(stage, {}).stage is stage


@pytest.mark.parametrize("name", ["", "production", "LOCAL"])
def test_the_error_for_an_unknown_stage_names_the_existing_ones(name: str) -> None:
    with pytest.raises(SettingsError, match="the stages are local, dev, staging, prod"):
        Settings.for_stage(name, {})


def test_the_local_stage_takes_its_paths_from_the_environment() -> None:
    settings = Settings.for_stage("local", LOCAL)
    assert settings.emulator
    assert settings.emulator.python == Path("/somewhere/bin/python")
    assert settings.emulator.runtime_dir == Path("/somewhere/runtime")


@pytest.mark.parametrize("missing", sorted(LOCAL))
def test_the_error_for_an_incomplete_local_environment_names_the_missing_variable(
    missing: str,
) -> None:
    environment = {name: value for name, value in LOCAL.items() if name != missing}
    with pytest.raises(SettingsError, match=missing):
        Settings.for_stage("local", environment)


def test_a_deployment_to_an_emulator_needs_the_whole_local_environment() -> None:
    with pytest.raises(SettingsError, match="ORDERS_LOCAL_RUNTIME_DIR"):
        Settings.for_stage("local", {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"})


@pytest.mark.parametrize("environment", [{}, LOCAL], ids=["synthesis", "deployment"])
def test_the_local_stage_may_park_orders_for_a_shorter_time(environment: dict[str, str]) -> None:
    wanted = {"ORDERS_LOCAL_PARKING_DELAY_SECONDS": "2"}
    assert Settings.for_stage("local", environment).parking_delay_seconds == 60
    assert Settings.for_stage("local", environment | wanted).parking_delay_seconds == 2


def test_a_stage_on_aws_ignores_the_local_parking_delay() -> None:
    environment = {"ORDERS_LOCAL_PARKING_DELAY_SECONDS": "2"}
    assert Settings.for_stage("prod", environment).parking_delay_seconds == 60


@pytest.mark.parametrize("delay", ["0", "901", "soon"])
def test_the_error_for_an_impossible_parking_delay_names_the_setting(delay: str) -> None:
    with pytest.raises(SettingsError, match="parking_delay_seconds"):
        Settings.for_stage("local", LOCAL | {"ORDERS_LOCAL_PARKING_DELAY_SECONDS": delay})


@pytest.mark.parametrize(
    "change",
    [
        {"paystack_base_url": "http://api.paystack.co"},
        {"paystack_base_url": "https://api.paystack.co/"},
        {"sender_email": "orders"},
        {"account": "1234"},
        {"region": "Ireland"},
        {"log_retention_days": 8},
        {"parking_delay_seconds": 0},
        {"parking_delay_seconds": 901},
        {"guardrail_id": "abc123"},
        {"account_emails_domain": "other.example.com"},
        {"account_emails_domain": "orders@grocery.example.com"},
        {"shop_page_url": "http://shop.example.com/orders"},
        {"shop_page_url": "https://shop.example.com"},
        {"shop_page_url": "javascript:alert(1)/"},
        {"shop_page_url": ""},
        {"return_concurrency": 0},
        {"colour": "blue"},
        {"emulator": {}},
    ],
)
def test_a_stage_on_aws_refuses_invalid_settings(change: dict[str, Any]) -> None:
    prod = Settings.for_stage("prod", {}).model_dump()
    with pytest.raises(ValidationError):
        Settings.model_validate(prod | change)
