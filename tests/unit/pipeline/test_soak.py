"""A soak ends with the first alarm, or when its time is over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scripts.pipeline.soak import PATIENCE, SoakError, soak


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def watch(minutes: float, ringing: Callable[[], list[str]], time: Time | None = None) -> int:
    time = time or Time()
    return soak(minutes, ringing, time.clock, time.sleep)


def test_a_quiet_stage_passes_when_the_time_is_over() -> None:
    time = Time()

    assert watch(10, list, time) == 21
    assert time.now == 600


def test_an_alarm_ends_the_soak_at_once() -> None:
    time = Time()

    with pytest.raises(SoakError, match="executions-failed"):
        watch(10, lambda: ["executions-failed"] if time.now >= 60 else [], time)
    assert time.now == 60


def test_the_last_look_is_after_the_whole_time() -> None:
    time = Time()

    with pytest.raises(SoakError):
        watch(0.75, lambda: ["late"] if time.now >= 45 else [], time)


def test_aws_may_be_busy_for_a_while_but_not_for_long() -> None:
    answers = iter([True] * (PATIENCE - 1) + [False] + [True] * PATIENCE)

    def ringing() -> list[str]:
        if next(answers, False):
            raise OSError("throttled")
        return []

    with pytest.raises(SoakError, match="throttled"):
        watch(60, ringing)
