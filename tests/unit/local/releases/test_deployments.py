"""An alias is shifted step by step, and goes back when an alarm rings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ministack.services import cloudwatch, stepfunctions

from scripts.local import time_factor
from scripts.local.releases import deployments
from scripts.local.releases.deployments import AlarmError, Preference, Shift
from scripts.local.releases.executions import VERSION

MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:grocery-local-order"
ALIAS = f"{MACHINE}:live"


class Scene:
    """An alias in memory, a clock that sleeping moves, and an alarm."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.rings_at = float("inf")
        self.routes: list[dict[int, int]] = []
        monkeypatch.setattr(stepfunctions, "_update_state_machine_alias", self._update)
        monkeypatch.setattr(cloudwatch, "_alarms", {"failed": {"StateValue": "OK"}})
        monkeypatch.setattr(cloudwatch, "_evaluate_alarm", self._evaluate)

    def shift(self, preference: Preference, earlier: int = 1, target: int = 2) -> None:
        Shift(
            ALIAS, f"{MACHINE}:{earlier}", f"{MACHINE}:{target}", preference, self._sleep,
            lambda: self.now,
        ).run()  # fmt: skip

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _evaluate(self, alarm: dict[str, Any]) -> None:
        alarm["StateValue"] = "ALARM" if self.now >= self.rings_at else "OK"

    def _update(self, asked: dict[str, Any]) -> Any:
        self.routes.append(
            {
                int(each[VERSION].rpartition(":")[2]): each["weight"]
                for each in asked["routingConfiguration"]
            }
        )
        return 200, {}, json.dumps({}).encode()


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


CANARY = Preference([10], 30, ["failed"])


def test_a_quiet_canary_ends_with_all_orders_on_the_new_version(scene: Scene) -> None:
    scene.shift(CANARY)

    assert scene.routes == [{1: 90, 2: 10}, {2: 100}]
    assert scene.now >= 30


def test_an_alarm_takes_the_alias_back_at_once(scene: Scene) -> None:
    scene.rings_at = 10

    with pytest.raises(AlarmError, match="failed"):
        scene.shift(CANARY)

    assert scene.routes == [{1: 90, 2: 10}, {1: 100}]
    assert scene.now < 11


def test_an_alarm_that_does_not_exist_is_quiet_as_on_aws(scene: Scene) -> None:
    scene.shift(Preference([10], 1, ["nothing of this name"]))

    assert scene.routes[-1] == {2: 100}


def test_nothing_is_shifted_from_a_version_to_itself(scene: Scene) -> None:
    scene.shift(CANARY, earlier=2)

    assert scene.routes == []


def test_a_way_back_is_taken_at_once_though_the_alarm_rings(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudFormation rolls back while the alarm still rings."""
    scene.rings_at = 0
    alias = {"routingConfiguration": [{VERSION: f"{MACHINE}:2", "weight": 100}]}
    answer = (200, {}, json.dumps(alias).encode())
    monkeypatch.setattr(stepfunctions, "_describe_state_machine_alias", lambda _: answer)
    preference = {"StateMachineVersionArn": f"{MACHINE}:1", "Type": "CANARY", "Alarms": ["failed"]}

    deployments.update_alias(ALIAS, {}, {"DeploymentPreference": preference}, "stack")

    assert scene.routes == [{1: 100}]


def test_minutes_are_divided_as_all_durations_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(time_factor.VARIABLE, "60")
    given = {"Type": "LINEAR", "Percentage": 25, "Interval": 5, "Alarms": ["failed"]}

    preference = Preference.of({"DeploymentPreference": given})

    assert preference == Preference([25, 50, 75], 5, ["failed"])
    assert Preference.of({"DeploymentPreference": {"Type": "ALL_AT_ONCE"}}).weights == []
