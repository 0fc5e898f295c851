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
