"""Settings are validated before anything is synthesized."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cdk.durations import Durations
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
def test_the_local_stage_divides_its_durations(environment: dict[str, str]) -> None:
    wanted = {"ORDERS_LOCAL_TIME_FACTOR": "30"}
    assert Settings.for_stage("local", environment).durations.parking_delay == 60
    assert Settings.for_stage("local", environment | wanted).durations.parking_delay == 2


def test_a_stage_on_aws_ignores_the_local_factor_of_time() -> None:
    environment = {"ORDERS_LOCAL_TIME_FACTOR": "30"}
    assert Settings.for_stage("prod", environment).durations == Durations()


@pytest.mark.parametrize("stage", Stage)
def test_receipts_are_paystacks_unless_they_are_chosen(stage: Stage) -> None:
    wanted = {"ORDERS_LOCAL_OWN_RECEIPTS": "true"}
    assert not Settings.for_stage(stage, {}).own_receipts
    assert Settings.for_stage(stage, wanted).own_receipts is (stage is Stage.LOCAL)


@pytest.mark.parametrize("factor", ["0", "0.5", "inf", "nan", "soon"])
def test_the_error_for_an_impossible_factor_names_the_setting(factor: str) -> None:
    with pytest.raises(SettingsError, match="factor"):
        Settings.for_stage("local", LOCAL | {"ORDERS_LOCAL_TIME_FACTOR": factor})


@pytest.mark.parametrize(
    "change",
    [
        {"paystack_base_url": "http://api.paystack.co"},
        {"paystack_base_url": "https://api.paystack.co/"},
        {"sender_email": "orders"},
        {"account": "1234"},
        {"region": "Ireland"},
        {"log_retention_days": 8},
        {"durations": {"parking_delay": 0}},
        {"durations": {"parking_delay": 901}},
        {"durations": {"parking_delay": 0.5}},
        {"durations": {"link_validity": 3600.5}},
        {"durations": {"parked": 0.1}},
        {"durations": {"reconciliation": 90}},
        {"durations": {"link_validity": 200}},
        {"durations": {"undecided_alert": "inf"}},
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
