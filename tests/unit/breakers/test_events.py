"""A breaker's events: audit lines, and metrics in CloudWatch's embedded format."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from orderflow.breakers.events import (
    SKIPPED_METRIC,
    STATE_METRICS,
    STORE_UNAVAILABLE_METRIC,
    ReportedEvents,
)
from orderflow.breakers.state import BreakerItem, Mode, State

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
