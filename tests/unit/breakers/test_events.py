"""A breaker's events: audit lines, and metrics in CloudWatch's embedded format."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from orderflow.breakers.events import (
    OUT_METRIC,
    SKIPPED_METRIC,
    STATE_METRICS,
    STORE_UNAVAILABLE_METRIC,
    ReportedEvents,
    measure_no_outage,
    measure_outage,
)
from orderflow.breakers.state import SAME_OUTAGE_MS, BreakerItem, Mode, State

DOWN = "PayStack did not answer."
PROBING = "The cooldown has ended: one call probes the provider."
PROBING_AGAIN = "The last probe ended without a result: another call probes the provider."
CLOSING = "The probe succeeded."

S = State


@pytest.fixture
def events() -> ReportedEvents:
    return ReportedEvents("CreatePaymentLink")


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def assert_counted(output: str, metric: str) -> None:
    """One count of this metric, by provider, and nothing else."""
    (line,) = lines(output)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Metrics"] == [{"Name": metric, "Unit": "Count"}]
    assert "provider" in directive["Dimensions"][0]
    assert (line[metric], line["provider"]) == ([1.0], "paystack")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (S.CLOSED, S.OPEN, DOWN),
        (S.OPEN, S.HALF_OPEN, PROBING),
        (S.HALF_OPEN, S.HALF_OPEN, PROBING_AGAIN),
        (S.HALF_OPEN, S.OPEN, DOWN),
        (S.HALF_OPEN, S.CLOSED, CLOSING),
    ],
)
def test_each_transition_is_audited_with_its_reason_and_counted(
    events: ReportedEvents,
    log_output: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    before: State,
    after: State,
    reason: str,
) -> None:
    # A probe that is claimed keeps the reason of the opening.
    kept = DOWN if after is S.HALF_OPEN else reason

    events.changed(
        before,
        BreakerItem(provider="paystack", state=after, epoch=4, opens=2, retry_at=17, reason=kept),
    )

    (line,) = lines(log_output.getvalue())
    assert line["message"] == "audit"
    assert line["audit"].pop("at")
    assert line["audit"].pop("id")
    del line["audit"]["correlationId"]
    assert line["audit"] == {
        "actor": "CreatePaymentLink",
        "action": f"breaker {before} -> {after}",
        "subject": "paystack",
        "reason": reason,
        "details": {"epoch": 4, "opens": 2, "retryAt": 17},
        "version": 1,
        "outcome": "succeeded",
        "source": "function orders",
    }
    assert_counted(capsys.readouterr().out, STATE_METRICS[after])


def test_every_state_has_a_metric_of_its_own() -> None:
    assert set(STATE_METRICS) == set(State)
    assert len(set(STATE_METRICS.values())) == len(State)


def test_a_refused_call_is_counted_and_logged(
    events: ReportedEvents, log_output: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    events.skipped(BreakerItem(provider="paystack", state=State.OPEN, mode=Mode.FORCED_OPEN))

    (line,) = lines(log_output.getvalue())
    logged = {name: line[name] for name in ("level", "provider", "state", "mode")}
    assert logged == {
        "level": "INFO",
        "provider": "paystack",
        "state": "OPEN",
        "mode": "FORCED_OPEN",
    }
    assert_counted(capsys.readouterr().out, SKIPPED_METRIC)


@pytest.mark.parametrize("doing", ["read", "claim", "report"])
def test_an_unavailable_store_is_counted_and_logged(
    events: ReportedEvents,
    log_output: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    doing: str,
) -> None:
    events.store_unavailable("paystack", doing)

    (line,) = lines(log_output.getvalue())
    assert (line["level"], line["provider"], line["doing"]) == ("WARNING", "paystack", doing)
    assert_counted(capsys.readouterr().out, STORE_UNAVAILABLE_METRIC)


CLOSED_AT = 1_700_000_000_000


def a_breaker(state: State = S.CLOSED, **attributes: Any) -> BreakerItem:
    return BreakerItem(provider="paystack", state=state, **attributes)


@pytest.mark.parametrize(
    ("item", "is_out"),
    [
        (a_breaker(), False),
        (a_breaker(S.OPEN, opens=1), False),
        (a_breaker(S.HALF_OPEN, opens=1), False),
        (a_breaker(S.OPEN, opens=2), True),
        (a_breaker(S.HALF_OPEN, opens=2), True),
        (a_breaker(S.OPEN, opens=40), True),
        (a_breaker(S.CLOSED, opens=40), False),
        # The same outage again: it seemed to be over.
        (a_breaker(S.OPEN, opens=1, closed_at=CLOSED_AT, opened_at=CLOSED_AT), True),
        (
            a_breaker(
                S.OPEN, opens=1, closed_at=CLOSED_AT, opened_at=CLOSED_AT + SAME_OUTAGE_MS + 1
            ),
            False,
        ),
        # It opened before it closed: the attributes of two outages.
        (a_breaker(S.OPEN, opens=1, closed_at=CLOSED_AT, opened_at=CLOSED_AT - 1), False),
        # Operators let every call through, or none.
        (a_breaker(S.OPEN, opens=2, mode=Mode.FORCED_CLOSED), False),
        (a_breaker(S.OPEN, opens=2, mode=Mode.FORCED_OPEN), True),
        (a_breaker(S.CLOSED, opens=2, mode=Mode.FORCED_OPEN), False),
    ],
)
def test_a_provider_is_out_from_the_second_opening_until_the_breaker_closes(
    item: BreakerItem, is_out: bool
) -> None:
    assert item.is_out is is_out


@pytest.mark.parametrize(
    ("before", "after", "value"),
    [
        (a_breaker(epoch=4), a_breaker(S.OPEN, epoch=5, opens=1), 0),
        (a_breaker(S.HALF_OPEN, epoch=6, opens=1), a_breaker(S.OPEN, epoch=7, opens=2), 1),
        (a_breaker(S.HALF_OPEN, epoch=8, opens=2), a_breaker(S.OPEN, epoch=9, opens=3), 1),
        (a_breaker(S.HALF_OPEN, epoch=8, opens=2), a_breaker(epoch=9, opens=2), 0),
        (
            a_breaker(S.OPEN, epoch=7, opens=2),
            a_breaker(S.OPEN, epoch=7, opens=2, mode=Mode.FORCED_CLOSED),
            0,
        ),
    ],
)
def test_a_changed_state_says_whether_the_provider_is_out(
    capsys: pytest.CaptureFixture[str], before: BreakerItem, after: BreakerItem, value: int
) -> None:
    measure_outage(before, after)

    (line,) = lines(capsys.readouterr().out)
    assert (line[OUT_METRIC], line["provider"], line["service"]) == (
        [value],
        "paystack",
        "breakers",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # The probe's result may come in the same minute, and the alarm looks at its maximum.
        (a_breaker(S.OPEN, epoch=7, opens=2), a_breaker(S.HALF_OPEN, epoch=8, opens=2)),
        # Something else than the state was written: a count, the time of an alert.
        (a_breaker(epoch=4), a_breaker(epoch=4, failures=1)),
        (a_breaker(S.OPEN, epoch=7, opens=2), a_breaker(S.OPEN, epoch=7, opens=2, retry_at=1)),
    ],
)
def test_what_does_not_begin_or_end_an_outage_says_nothing(
    capsys: pytest.CaptureFixture[str], before: BreakerItem, after: BreakerItem
) -> None:
    measure_outage(before, after)

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("item", "values"),
    [
        (a_breaker(), [0]),
        (a_breaker(S.OPEN, opens=1), [0]),
        (a_breaker(S.OPEN, opens=2), []),
        (a_breaker(S.HALF_OPEN, opens=2), []),
    ],
)
def test_a_missed_end_is_found_and_a_beginning_is_not_repeated(
    capsys: pytest.CaptureFixture[str], item: BreakerItem, values: list[int]
) -> None:
    measure_no_outage(item)

    assert [line[OUT_METRIC] for line in lines(capsys.readouterr().out)] == [[v] for v in values]
