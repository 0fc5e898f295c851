"""What says that a stage works, and what says that it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from typer.testing import CliRunner

from orderflow.breakers.state import BreakerItem, State
from scripts.cli import main
from scripts.cli.deployment import Deployment
from scripts.cli.health import checks as command
from scripts.health import Health, Verdict, health
from tests.support.factories import client_error
from tests.unit.inspection.test_stuck_orders import Breakers

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:grocery-dev-order"
RELEASE = {"release": "0.1.0+1f2e3d4c5b6a", "stateMachine": f"{MACHINE}:7", "functions": {}}
EARLIER = {**RELEASE, "stateMachine": f"{MACHINE}:6"}
OPEN = BreakerItem(
    provider="-", state=State.OPEN, retry_at=int((NOW + timedelta(seconds=40)).timestamp() * 1000)
)


class Stage:
    """A stage whose services answer from its fields."""

    stage = "dev"
    graphql_url = "https://api.example/graphql"
    urls: Any = None

    def __init__(self) -> None:
        self.status = "ACTIVE"
        self.releases = [RELEASE]
        self.shares = {"7": 100}
        self.missed = [0, 0, 0]
        self.alarms: dict[str, str] = {"grocery-dev-OrdersFail": "OK"}
        self.breakers: Any = Breakers()
        self.suppressed_by: str | None = None
        self.error: Exception | None = None

    def client(self, _: str) -> Stage:
        return self

    def output(self, name: str) -> str:
        return MACHINE if name == "StateMachineArn" else name

    def describe_state_machine(self, **_: Any) -> Any:
        if self.error:
            raise self.error
        return {"status": self.status}

    def describe_state_machine_alias(self, **_: Any) -> Any:
        routes = [
            {"stateMachineVersionArn": f"{MACHINE}:{number}", "weight": weight}
            for number, weight in self.shares.items()
        ]
        return {"routingConfiguration": routes}

    def get_metric_statistics(self, **asked: Any) -> Any:
        assert asked["Dimensions"] == [{"Name": "service", "Value": "run_canary"}]
        points = [
            {"Timestamp": NOW - timedelta(minutes=5 * age), "Minimum": float(missed)}
            for age, missed in enumerate(reversed(self.missed))
        ]
        return {"Datapoints": points}

    def get_paginator(self, name: str) -> Any:
        values = [{"Value": json.dumps(each)} for each in self.releases]
        alarms = [
            {
                "AlarmName": alarm,
                "StateValue": state,
                "StateUpdatedTimestamp": NOW,
                "AlarmActions": [] if alarm.endswith("RecentCause") else ["operations"],
                "ActionsSuppressedBy": self.suppressed_by,
            }
            for alarm, state in self.alarms.items()
        ]
        page = (
            {"Parameters": values}
            if name == "get_parameter_history"
            else {"CompositeAlarms": alarms}
        )
        return type("Pages", (), {"paginate": lambda _, **__: [page]})()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(httpx, "post", lambda *_, **__: httpx.Response(401))
    return Stage()


def look(stage: Stage) -> Health:
    return health(cast("Deployment", stage), NOW)


def test_a_stage_that_works_is_healthy_and_says_its_version(stage: Stage) -> None:
    found = look(stage)

    assert found.is_healthy
    assert {check.verdict for check in found.checks} == {Verdict.OK}
    assert found.of("Version").text == (
        "0.1.0+1f2e3d4c5b6a, version 7. New orders: 100 % to version 7."
    )
    assert found.of("Canary").text == "3 of its last 3 runs passed."


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("Workflow", {"status": "DELETING"}),
        ("Version", {"releases": []}),
        ("Version", {"shares": {"9": 100}}),
        ("Canary", {"missed": [0, 1, 1]}),
        ("Canary", {"missed": [1]}),
        ("Canary", {"missed": []}),
        ("Providers", {"breakers": Breakers(OPEN)}),
        ("Pages", {"alarms": {"grocery-dev-OrdersFail": "ALARM"}}),
        ("Pages", {"alarms": {"grocery-dev-DeniedPayments": "ALARM"}}),
    ],
)
def test_each_check_fails_for_its_own_reason(
    stage: Stage, name: str, changes: dict[str, Any]
) -> None:
    vars(stage).update(changes)

    found = look(stage)

    assert [check.name for check in found.checks if check.verdict is Verdict.FAILED] == [name]


@pytest.mark.parametrize(
    "changes",
    [
        {"missed": [1, 1, 0]},  # it passes again
        {"missed": [0, 0, 1]},  # one may be lost
        {"shares": {"6": 90, "7": 10}, "releases": [EARLIER, RELEASE]},
        {"alarms": {"grocery-dev-RecentCause": "ALARM"}},  # it silences others and pages nobody
        {"alarms": {"grocery-dev-OrdersFail": "ALARM"}, "suppressed_by": "Alarm"},
    ],
)
def test_what_pages_nobody_is_healthy(stage: Stage, changes: dict[str, Any]) -> None:
    vars(stage).update(changes)

    assert look(stage).is_healthy


def test_the_local_canary_that_did_not_run_is_not_known(stage: Stage) -> None:
    vars(stage).update(missed=[], urls=object())

    assert look(stage).of("Canary").verdict is Verdict.UNKNOWN
    assert "since the stack began" in look(stage).of("Canary").text
    assert look(stage).is_healthy


def test_an_api_that_lets_strangers_in_or_fails_is_noticed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for status in (200, 503):
        monkeypatch.setattr(httpx, "post", lambda *_, code=status, **__: httpx.Response(code))
        assert look(stage).of("API").verdict is Verdict.FAILED


def test_a_check_without_an_answer_fails_and_the_others_are_made(stage: Stage) -> None:
    stage.error = client_error("AccessDeniedException")

    found = look(stage)

    assert found.of("Workflow").text.startswith("Can't be asked: ")
    assert found.of("Version").verdict is Verdict.OK


@pytest.mark.parametrize(("status", "code"), [("ACTIVE", 0), ("DELETING", 1)])
def test_the_command_says_it_by_its_exit_code(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, status: str, code: int
) -> None:
    stage.status = status
    monkeypatch.setattr(command, "connect", lambda _: stage)
    monkeypatch.setattr(command, "health", lambda found, _: look(found))

    shown = CliRunner().invoke(main.app, ["health"])
    as_json = CliRunner().invoke(main.app, ["health", "--json"])

    assert (shown.exit_code, as_json.exit_code) == (code, code)
    assert "Workflow" in shown.output
    assert json.loads(as_json.stdout)["healthy"] is (code == 0)
