"""The audit trail in a function's log."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from orderflow.platform import audit

ENTRY = audit.AuditEntry(
    actor="CreatePaymentLink",
    action="breaker CLOSED -> OPEN",
    subject="paystack",
    reason="PayStack did not answer.",
    details={"epoch": 1},
    at="2026-01-31T12:00:00.000Z",
    id="0b0e0f4c-2a52-4dd5-8d3d-6a6f4f0e7d11",
    correlation_id="1-69a5f0c0-0123456789abcdef01234567",
)


def line(log: io.StringIO) -> dict[str, Any]:
    (written,) = log.getvalue().splitlines()
    content: dict[str, Any] = json.loads(written)
    return content


def test_an_entry_is_one_line_with_all_its_fields(log_output: io.StringIO) -> None:
    audit.record(ENTRY)

    content = line(log_output)
    assert (content["message"], content["level"]) == (audit.MESSAGE, "INFO")
    assert content["audit"] == {
        "actor": "CreatePaymentLink",
        "action": "breaker CLOSED -> OPEN",
        "subject": "paystack",
        "reason": "PayStack did not answer.",
        "details": {"epoch": 1},
        "at": "2026-01-31T12:00:00.000Z",
        "version": 1,
        "id": "0b0e0f4c-2a52-4dd5-8d3d-6a6f4f0e7d11",
        "outcome": "succeeded",
        "source": "function orders",
        "correlationId": "1-69a5f0c0-0123456789abcdef01234567",
    }


def test_an_entry_has_the_time_it_was_made() -> None:
    entry = audit.AuditEntry(actor="ada", action="a", subject="s", reason="r")

    assert entry.at.endswith("Z")
    age = datetime.now().astimezone() - datetime.fromisoformat(entry.at)
    assert abs(age.total_seconds()) < 60


@pytest.mark.parametrize("missing", ["actor", "action", "subject", "reason"])
def test_actor_action_subject_and_reason_are_required(missing: str) -> None:
    fields = ENTRY.model_dump()
    del fields[missing]

    with pytest.raises(ValidationError):
        audit.AuditEntry.model_validate(fields)


def test_an_entry_is_immutable() -> None:
    with pytest.raises(ValidationError):
        ENTRY.actor = "another actor"  # type: ignore[misc]


def test_each_entry_has_an_id_of_its_own() -> None:
    first, second = (
        audit.AuditEntry(actor="ada", action="a", subject="s", reason="r") for _ in range(2)
    )

    assert first.id != second.id


def test_an_entry_belongs_to_the_trace_of_its_request(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = "1-69a5f0c0-0123456789abcdef01234567"
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={trace};Parent=53995c3f42cd8ad8;Sampled=1")

    entry = audit.AuditEntry(actor="ada", action="a", subject="s", reason="r")

    assert entry.correlation_id == trace


def test_entries_of_a_later_schema_are_refused() -> None:
    with pytest.raises(ValidationError):
        audit.AuditEntry.model_validate({**ENTRY.model_dump(), "version": 2})


def test_an_act_that_fails_has_two_lines(log_output: io.StringIO) -> None:
    trail = audit.LoggedTrail("ada")

    with pytest.raises(ValueError, match="no"), trail.act("resume", "order-1", "It waits."):
        raise ValueError("no")

    lines = [json.loads(each)["audit"] for each in log_output.getvalue().splitlines()]
    assert [(each["action"], each["outcome"], each["reason"]) for each in lines] == [
        ("resume", "started", "It waits."),
        ("resume failed", "failed", "ValueError"),
    ]
