"""The alarms on math of metrics, provoked in a simulation of CloudWatch's documented evaluation."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cdk.constructs.guard.alarms import JUMP
from tests.infrastructure.test_alarms import Stage, alarms_of
from tests.support.metric_math import MathAlarm, values
from tests.support.templates import Synthesize, Templates, readable

#: Of a metric that CloudWatch gets minutes late, the latest period has no value yet.
LATE: dict[str, float] = {}


@pytest.fixture
def templates(synthesize: Synthesize) -> Templates:
    return synthesize("prod")


@pytest.fixture
def jump(templates: Templates) -> MathAlarm:
    return MathAlarm(alarms_of(templates)["RateJump"])


def releases(templates: Templates) -> dict[str, MathAlarm]:
    return {
        name: MathAlarm(alarm)
        for name, alarm in alarms_of(templates).items()
        if name.startswith("release-function-errors-")
    }


def test_every_alarm_on_math_is_simulated_here(templates: Templates) -> None:
    math = {name for name, alarm in alarms_of(templates).items() if "Metrics" in alarm}
    assert math == {"RateJump", *releases(templates)}


def blocked(*counts: float) -> list[dict[str, float]]:
    return [{"blocked": each} for each in counts]


def test_a_jump_of_blocked_requests_begins_and_ends_its_alarm(jump: MathAlarm) -> None:
    assert not jump.is_on(*blocked(500, 500, 500 + JUMP - 1))
    assert jump.is_on(*blocked(500, 500, 500 + JUMP))
    # As many as before are no jump, though they are many.
    many = 500 + JUMP
    assert not jump.is_on(*blocked(500, many, many, many))
    assert not jump.is_on(*blocked(500, many, 0, 0))


def test_a_jump_from_nothing_is_one(jump: MathAlarm) -> None:
    """A rule that blocks nothing has no values at all."""
    assert jump.is_on({}, {}, *blocked(JUMP))
    assert not jump.is_on({}, {}, *blocked(JUMP - 1))
    assert not jump.is_on({}, {}, {})


def test_a_jump_whose_metric_comes_late_is_not_missed(jump: MathAlarm) -> None:
    assert jump.is_on(*blocked(0, JUMP), LATE)


def test_a_jump_pages_once_and_ends(
    templates: Templates, jump: MathAlarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(templates, monkeypatch)
    periods = blocked(0)
    for count in (JUMP, JUMP, 2 * JUMP, 0, 0, 0):
        periods += blocked(count)
        stage.set_state("RateJump", is_on=jump.is_on(*periods))
    assert stage.pages == [("Attack", "ALARM"), ("Attack", "OK")]


def test_each_function_is_in_one_alarm_of_releases(templates: Templates) -> None:
    watched = [
        readable(each["Metric"]["Dimensions"][0]["Value"])
        for alarm in releases(templates).values()
        for each in alarm.metrics.values()
    ]
    assert len(watched) == len(set(watched))
    assert len(watched) == len(templates.properties("AWS::Lambda::Alias"))


def test_one_error_of_any_function_begins_the_alarm_while_the_others_are_not_called(
    templates: Templates,
) -> None:
    """A function that is not called has no values."""
    for alarm in releases(templates).values():
        for failing in alarm.metrics:
            assert alarm.is_on({}, {failing: 1}), failing
            assert alarm.is_on({}, {failing: 1}, LATE), failing


def test_calls_without_errors_do_not_begin_it_and_end_it(templates: Templates) -> None:
    for alarm in releases(templates).values():
        fine = dict.fromkeys(alarm.metrics, 0)
        assert not alarm.is_on({}, fine, fine)
        assert not alarm.is_on({}, dict.fromkeys(alarm.metrics, 1), *[fine] * 3)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a", [1, None, 4]),
        ("a + b", [11, None, None]),
        ("FILL(a, 0) + FILL(b, 0)", [11, 20, 4]),
        ("DIFF(a)", [None, None, None]),
        ("DIFF(FILL(a, 0))", [None, -1, 4]),
    ],
)
def test_the_simulation_computes_as_documented(expression: str, expected: list[Any]) -> None:
    metrics = {"a": [1, None, 4], "b": [10, 20, None]}
    assert list(values(expression, metrics)) == expected


def test_an_expression_that_the_simulation_does_not_know_is_refused() -> None:
    with pytest.raises(NotImplementedError, match=re.escape("RATE(a)")):
        values("RATE(a)", {"a": [1]})
