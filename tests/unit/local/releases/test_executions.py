"""Executions on the emulator run the version that an alias's weights choose."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import stepfunctions  # type: ignore[import-untyped]

from scripts.local.releases.executions import (
    VERSION,
    Answer,
    choose,
    ending,
    evenly,
    machine_of,
    unqualified,
)

MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:grocery-local-order"


def routing(*weights: int) -> list[dict[str, object]]:
    return [{VERSION: f"{MACHINE}:{n}", "weight": w} for n, w in enumerate(weights, 1)]


def chosen(weights: list[dict[str, object]], number: int) -> list[str]:
    draws = evenly()
    return [choose(weights, draws).rpartition(":")[2] for _ in range(number)]


def test_a_canary_gets_its_share_within_some_dozen_executions() -> None:
    found = chosen(routing(90, 10), 50)

    assert 4 <= found.count("2") <= 6
    assert "2" in found[:12]


def test_all_go_to_the_only_version() -> None:
    assert set(chosen(routing(100), 20)) == {"1"}


@given(st.integers(min_value=1, max_value=99))
def test_each_share_is_kept_within_a_percent_or_two(weight: int) -> None:
    found = chosen(routing(weight, 100 - weight), 1000)

    assert abs(found.count("1") / 10 - weight) < 2


def test_draws_stay_between_0_and_1() -> None:
    assert all(0 <= draw < 1 for draw in islice(evenly(), 10_000))


@pytest.mark.parametrize("qualifier", ["", ":live", ":17"])
def test_roles_are_checked_against_the_state_machine(qualifier: str) -> None:
    extract = unqualified(lambda _service, arn: arn)

    assert extract("states", f"{MACHINE}{qualifier}") == MACHINE
    execution = f"{MACHINE.replace('stateMachine', 'execution')}:an-order"
    assert extract("states", execution) == execution
    assert extract("lambda", f"{MACHINE}{qualifier}") == f"{MACHINE}{qualifier}"
    assert machine_of(f"{MACHINE}{qualifier}") == MACHINE


def test_executions_that_run_end_with_their_state_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def execution(machine: str, status: str) -> dict[str, object]:
        return {"stateMachineArn": machine, "status": status}

    executions = {
        "running": execution(MACHINE, "RUNNING"),
        "done": execution(MACHINE, "SUCCEEDED"),
        "another's": execution(f"{MACHINE}-two", "RUNNING"),
    }
    seen: dict[str, object] = {}

    def delete(_data: dict[str, object]) -> Answer:
        seen.update({name: each["status"] for name, each in executions.items()})
        return 200, {}, b"{}"

    def stop(data: dict[str, str]) -> None:
        executions[data["executionArn"]]["status"] = "ABORTED"

    monkeypatch.setattr(stepfunctions, "_executions", executions)
    monkeypatch.setattr(stepfunctions, "_stop_execution", stop)

    ending(delete)({"stateMachineArn": MACHINE})

    assert seen == {"running": "ABORTED", "done": "SUCCEEDED", "another's": "RUNNING"}
