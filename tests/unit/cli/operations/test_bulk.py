"""An action on many orders: rate, progress, results and errors."""

from __future__ import annotations

import itertools
from enum import StrEnum

import pytest
from rich.console import Console

from orderflow.errors import StoreUnavailable
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.operations import bulk as module
from scripts.cli.operations.bulk import Bulk, Result, in_words, paced, summary, summary_table
from tests.support.factories import client_error
from tests.support.screen import rendered


class Outcome(StrEnum):
    DONE = "done"
    FAILED = "failed"


class Clock:
    """A clock that advances by sleeping, or when it is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)
        monkeypatch.setattr("time.sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def bulk_of(act: object) -> Bulk[str]:
    return Bulk("Doing", 5, act, order_id=str, failed=Outcome.FAILED)  # type: ignore[arg-type]


def test_the_rate_is_limited(clock: Clock) -> None:
    times = [clock.now for _ in paced(range(3), 4, "Doing")]

    assert times == [100.0, 100.25, 100.5]


def test_a_slow_item_is_not_followed_by_a_burst(clock: Clock) -> None:
    times = []
    for item in paced(range(4), 1, "Doing"):
        times.append(clock.now)
        clock.now += 5 if item == 0 else 0

    assert times == [100.0, 105.0, 106.0, 107.0]


def test_an_error_of_one_order_does_not_stop_the_others(clock: Clock) -> None:
    def act(item: str) -> Result:
        if item == "b":
            raise client_error("ThrottlingException")
        return Result(item, Outcome.DONE)

    bulk = bulk_of(act)
    bulk.run(["a", "b", "c"])

    assert [result.outcome for result in bulk.results] == ["done", "failed", "done"]
    assert "ThrottlingException" in str(bulk.results[1].note)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "Stopped after 1 of 3."),
        (CommandError("No audit log.", ExitCode.UNAVAILABLE), ExitCode.UNAVAILABLE, "No audit"),
    ],
)
def test_ctrl_c_and_fatal_errors_keep_the_results_so_far(
    clock: Clock, error: BaseException, code: ExitCode, message: str
) -> None:
    numbers = itertools.count()

    def act(item: str) -> Result:
        if next(numbers) == 1:
            raise error
        return Result(item, Outcome.DONE)

    bulk = bulk_of(act)
    with pytest.raises(CommandError, match=message) as end:
        bulk.run(["a", "b", "c"])

    assert end.value.code is code
    assert [result.order_id for result in bulk.results] == ["a"]


def test_progress_is_shown_only_on_terminals(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(paced("ab", 5, "Replaying")) == ["a", "b"]
    assert capsys.readouterr().err == ""

    monkeypatch.setattr(module, "err", Console(stderr=True, force_terminal=True))
    assert list(paced("ab", 5, "Replaying")) == ["a", "b"]
    shown = capsys.readouterr()
    assert "Replaying" in shown.err
    assert shown.out == ""


def test_errors_have_a_message() -> None:
    assert in_words(StoreUnavailable("DynamoDB did not answer")) == "DynamoDB did not answer."
    assert in_words(ValueError("odd")) == "odd"


def test_the_summary_has_every_outcome() -> None:
    counts = summary(Outcome, [Result("a", Outcome.DONE), Result("b", Outcome.DONE)])

    assert counts == {"done": 2, "failed": 0}
    lines = [line.split() for line in rendered(summary_table(counts)).splitlines()]
    assert lines == [["Outcome", "Orders"], ["done", "2"], ["failed", "0"]]
