"""Versions stay as long as an order, a failed execution or a roll-back may need them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.releases.versions import (
    REDRIVABLE_FOR,
    MachineVersion,
    clearance,
    function_versions,
    machine_versions,
)

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:grocery-dev-order"
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
PARSE = "grocery-dev-parse-order"


def version(number: int, **fields: Any) -> MachineVersion:
    pins = frozenset({(PARSE, str(number))})
    return MachineVersion(f"{MACHINE}:{number}", NOW, functions=pins, **fields)


def five(**changes: dict[str, Any]) -> list[MachineVersion]:
    """Versions 5 to 1, of which 5 is live; ``v1={...}`` changes one of them."""
    fields: dict[str, dict[str, Any]] = {"v5": {"weight": 100}} | changes
    return [version(number, **fields.get(f"v{number}", {})) for number in (5, 4, 3, 2, 1)]


def cleared(versions: list[MachineVersion]) -> tuple[list[int], list[str]]:
    functions = {PARSE: ["1", "2", "3", "4", "5"]}
    found = clearance(versions, functions, [{PARSE: "4"}], {PARSE: "5"})
    return [each.number for each in found.machine], [number for _, number in found.functions]


def test_the_live_version_and_two_for_a_roll_back_stay() -> None:
    assert cleared(five()) == ([2, 1], ["1", "2"])


def test_a_version_stays_with_its_functions_while_an_order_runs_on_it() -> None:
    assert cleared(five(v1={"running": ["order"]})) == ([2], ["2"])


def test_a_version_stays_while_a_failed_execution_may_be_redriven_on_it() -> None:
    assert cleared(five(v2={"redrivable": ["order"]})) == ([1], ["1"])


def test_both_versions_of_a_deployment_under_way_stay() -> None:
    versions = five(v5={"weight": 10}, v4={"weight": 90})

    assert cleared(versions) == ([2, 1], ["1", "2"])


def test_a_version_after_the_live_one_stays() -> None:
    """After a roll-back, and between its publication and the shift of the alias."""
    versions = five(v5={"weight": 0}, v4={"weight": 100})

    assert 5 not in cleared(versions)[0]


def test_a_functions_version_after_the_live_one_stays() -> None:
    found = clearance(five(), {PARSE: ["5", "6"]}, [], {PARSE: "5"})

    assert found.functions == []


class _Pages:
    def __init__(self, *pages: dict[str, Any]) -> None:
        self._pages = pages

    def paginate(self, **_: Any) -> Any:
        return self._pages


class _StepFunctions:
    """Two versions; one order runs on the first, one failed there long ago and one of late."""

    def __init__(self) -> None:
        self.statuses: list[str] = []

    def describe_state_machine_alias(self, **_: Any) -> Any:
        return {"routingConfiguration": [{"stateMachineVersionArn": f"{MACHINE}:2", "weight": 100}]}

    def list_state_machine_versions(self, **asked: Any) -> Any:
        number = int(asked.get("nextToken", "2"))
        page = [{"stateMachineVersionArn": f"{MACHINE}:{number}", "creationDate": NOW}]
        return {"stateMachineVersions": page} | ({"nextToken": "1"} if number == 2 else {})

    def describe_state_machine(self, **asked: Any) -> Any:
        number = asked["stateMachineArn"].rpartition(":")[2]
        arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{PARSE}:{number}"
        return {"definition": json.dumps({"States": {"A": {"FunctionName": arn}}})}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, *, statusFilter: str, **_: Any) -> Any:  # noqa: N803 - AWS's name
        executions = {
            "RUNNING": [{"name": "a", "stateMachineVersionArn": f"{MACHINE}:1"}],
            "FAILED": [
                {
                    "name": name,
                    "stateMachineVersionArn": f"{MACHINE}:1",
                    "stopDate": NOW - REDRIVABLE_FOR + age,
                }
                for name, age in (("b", timedelta(hours=-1)), ("c", timedelta(hours=1)))
            ],
        }
        # Executions from before there were versions name none.
        return [{"executions": [*executions.get(statusFilter, []), *_UNVERSIONED]}]


_UNVERSIONED = [{"name": "old", "stopDate": NOW}]


def test_versions_are_read_with_what_runs_on_them_and_what_they_call() -> None:
    newest, first = machine_versions(_StepFunctions(), MACHINE, f"{MACHINE}:live", NOW)

    assert (newest.number, newest.weight, newest.running) == (2, 100, [])
    assert (first.number, first.weight, first.running) == (1, 0, ["a"])
    assert first.redrivable == ["c"]
    assert first.functions == {(PARSE, "1")}


def test_versions_of_functions_are_read_without_the_unpublished_one() -> None:
    class Functions:
        def get_paginator(self, _: str) -> Any:
            return _Pages({"Versions": [{"Version": "$LATEST"}]}, {"Versions": [{"Version": "7"}]})

    assert function_versions(Functions(), [PARSE]) == {PARSE: ["7"]}
