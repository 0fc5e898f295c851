"""CloudFormation's versions and aliases of state machines, with gradual deployments.

``DeploymentPreference`` shifts an alias step by step. When one of its alarms rings, the alias goes
back at once and the update fails, which rolls the stack back.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachinealias.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ministack.services import cloudwatch, stepfunctions  # type: ignore[import-untyped]
from ministack.services.cloudformation import (  # type: ignore[import-untyped]
    provisioners,
    stacks,
)

from scripts.local.releases.executions import VERSION, Answer, machine_of
from scripts.local.time_factor import time_factor

_VERSION_TYPE: Final = "AWS::StepFunctions::StateMachineVersion"
_ALIAS_TYPE: Final = "AWS::StepFunctions::StateMachineAlias"
_ALL: Final = 100
_LOOK_EVERY_SECONDS: Final = 0.2
_MINUTE: Final = 60.0

Props = dict[str, Any]
#: A resource's physical id and its attributes.
Made = tuple[str, dict[str, str]]


class AlarmError(Exception):
    """An alarm rang while an alias was shifted; the alias is back at its earlier version."""


def install() -> None:
    """Adds the resources to MiniStack's CloudFormation."""
    provisioners._RESOURCE_HANDLERS[_VERSION_TYPE] = {
        "create": create_version,
        "delete": delete_version,
    }
    # Each of its properties is of the version that is published.
    provisioners._REPLACING_PROPERTIES[_VERSION_TYPE] = (
        "StateMachineArn",
        "StateMachineRevisionId",
        "Description",
    )
    provisioners._RESOURCE_HANDLERS[_ALIAS_TYPE] = {
        "create": create_alias,
        "update": update_alias,
        "delete": delete_alias,
    }
    runs_on_thread = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind == _ALIAS_TYPE or runs_on_thread(kind)


def create_version(_logical_id: str, props: Props, _stack: str) -> Made:
    """Publishes what the state machine is now, if it is still the named revision."""
    asked = {"stateMachineArn": props["StateMachineArn"]}
    if revision := props.get("StateMachineRevisionId"):
        asked["revisionId"] = revision
    answer = _answered(stepfunctions._publish_state_machine_version(asked))
    arn = answer[VERSION]
    return arn, {"Arn": arn}


def delete_version(arn: str, _props: Props) -> None:
    """Deletes a version to which no alias leads."""
    _answered(stepfunctions._delete_state_machine_version({VERSION: arn}))


def create_alias(_logical_id: str, props: Props, _stack: str) -> Made:
    """Creates an alias, all of whose executions run one version."""
    routing = [{VERSION: _target(props), "weight": _ALL}]
    answer = _answered(
        stepfunctions._create_state_machine_alias(
            {"name": props["Name"], "routingConfiguration": routing}
        )
    )
    arn = answer["stateMachineAliasArn"]
    return arn, {"Arn": arn}


def delete_alias(arn: str, _props: Props) -> None:
    """Deletes an alias."""
    stepfunctions._delete_state_machine_alias({"stateMachineAliasArn": arn})


def update_alias(arn: str, _old: Props, new: Props, _stack: str) -> Made:
    """Shifts an alias as its ``DeploymentPreference`` says; a way back is taken at once.

    Raises:
        AlarmError: one of the alarms rang.
    """
    described = _answered(
        stepfunctions._describe_state_machine_alias({"stateMachineAliasArn": arn})
    )
    earlier = max(described["routingConfiguration"], key=lambda each: each["weight"])[VERSION]
    shift = Shift(arn, earlier, _target(new), Preference.of(new))
    if _number(shift.target) < _number(earlier):
        shift.finish()
    else:
        shift.run()
    return arn, {"Arn": arn}


@dataclass(frozen=True)
class Preference:
    """How an alias is shifted.

    Attributes:
        weights: of the new version in percent, one after the other.
        pause_seconds: between two of them, and after the last one before all.
        alarms: the names of alarms that stop the shift.
    """

    weights: Sequence[int]
    pause_seconds: float
    alarms: Sequence[str]

    @classmethod
    def of(cls, props: Props) -> Preference:
        """That of an alias's properties; its minutes are divided as all durations are."""
        given = props.get("DeploymentPreference", {})
        percentage = int(given.get("Percentage", _ALL))
        weights = {
            "LINEAR": range(percentage, _ALL, percentage),
            "CANARY": [percentage],
        }.get(given.get("Type", ""), [])
        pause = float(given.get("Interval", 0)) * _MINUTE / time_factor()
        return cls([*weights], pause, given.get("Alarms", []))


@dataclass(frozen=True)
class Shift:
    """One alias on its way from a version to another one."""

    alias: str
    earlier: str
    target: str
    preference: Preference
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def run(self) -> None:
        """Shifts the alias.

        Raises:
            AlarmError: an alarm rang; the alias is back at the earlier version.
        """
        if self.earlier == self.target:
            return
        try:
            for weight in self.preference.weights:
                self._route(weight)
                self._watch()
        except AlarmError:
            self._route(0)
            raise
        self.finish()

    def finish(self) -> None:
        """All executions run the target from now on."""
        self._route(_ALL)

    def _watch(self) -> None:
        until = self.clock() + self.preference.pause_seconds
        while self.clock() < until:
            if ringing := next(_ringing(self.preference.alarms), None):
                raise AlarmError(f"The alarm {ringing} rang; the alias is back.")
            self.sleep(_LOOK_EVERY_SECONDS)

    def _route(self, weight: int) -> None:
        routing = [
            {VERSION: arn, "weight": share}
            for arn, share in ((self.earlier, _ALL - weight), (self.target, weight))
            if share
        ]
        asked = {"stateMachineAliasArn": self.alias, "routingConfiguration": routing}
        _answered(stepfunctions._update_state_machine_alias(asked))


def _ringing(names: Sequence[str]) -> Iterator[str]:
    """Those of the alarms that ring; CloudWatch takes one that does not exist for quiet."""
    for name in names:
        if alarm := cloudwatch._alarms.get(name):
            cloudwatch._evaluate_alarm(alarm)
            if alarm["StateValue"] == "ALARM":
                yield name


def _target(props: Props) -> str:
    preference = props.get("DeploymentPreference")
    if preference:
        return str(preference["StateMachineVersionArn"])
    return str(props["RoutingConfiguration"][0]["StateMachineVersionArn"])


def _number(version_arn: str) -> int:
    return int(version_arn.removeprefix(f"{machine_of(version_arn)}:"))


def _answered(answer: Answer) -> dict[str, Any]:
    status, _, body = answer
    content: dict[str, Any] = json.loads(body)
    if status >= 400:  # noqa: PLR2004 - HTTP
        raise ValueError(content.get("message") or content)
    return content
