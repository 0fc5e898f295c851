"""The breakers' lately past, from the audit log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.clock import iso
from orderflow.platform.audit import AuditEntry, Outcome
from scripts.console.overview.breaker_history import (
    Change,
    back_since,
    began_earlier,
    changes_in,
    out_since,
)

NOW = datetime(2026, 1, 31, 14, 30, tzinfo=UTC)
OPEN = BreakerItem(provider="paystack", state=State.OPEN)
CLOSED = BreakerItem(provider="paystack")


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def entry(action: str, minutes: float, outcome: Outcome = Outcome.SUCCEEDED) -> AuditEntry:
    return AuditEntry(
        at=iso(ago(minutes)),
        actor="arn:aws:sts::1:assumed-role/operators/kemi",
        action=action,
        subject="paystack",
        source="tests",
        outcome=outcome,
        reason="why",
        correlation_id=None,
    )


def became(state: State, minutes: float) -> Change:
    return Change(ago(minutes), state, None, "f", "")


def forced(mode: Mode, minutes: float) -> Change:
    return Change(ago(minutes), None, mode, "kemi", "")


def test_changes_are_states_and_modes_in_the_order_of_time() -> None:
    found = changes_in(
        [
            entry("breaker FORCED_OPEN", 1, Outcome.STARTED),
            entry("breaker CLOSED -> OPEN", 3),
            entry("breaker AUTO failed", 2, Outcome.FAILED),
            entry("breaker policy", 2),
            entry("resumption started", 2),
            entry("breaker OPEN -> HALF_OPEN", 2),
        ]
    )

    assert [(each.state, each.mode) for each in found] == [
        (State.OPEN, None),
        (State.HALF_OPEN, None),
        (None, Mode.FORCED_OPEN),
    ]
    assert [each.before for each in found] == [State.CLOSED, State.OPEN, None]
    assert found[2].as_json()["by"] == "assumed-role/operators/kemi"


def test_an_outage_began_with_its_first_opening_not_with_the_last_probe() -> None:
    changes = [
        became(State.OPEN, 30), became(State.CLOSED, 25), became(State.OPEN, 20),
        became(State.HALF_OPEN, 10), became(State.OPEN, 9),
    ]  # fmt: skip

    assert out_since(OPEN, changes) == ago(20)


def test_a_forced_breaker_is_out_since_it_was_forced() -> None:
    item = BreakerItem(provider="paystack", mode=Mode.FORCED_OPEN)

    assert out_since(item, [became(State.OPEN, 30), forced(Mode.FORCED_OPEN, 5)]) == ago(5)


def test_without_a_history_the_breakers_own_time_counts() -> None:
    item = OPEN.model_copy(update={"opened_at": int(ago(90).timestamp() * 1000)})

    assert out_since(item, []) == ago(90)
    assert out_since(OPEN, []) is None


def test_a_closed_breaker_is_not_out_and_back_since_it_closed() -> None:
    changes = [became(State.OPEN, 20), became(State.HALF_OPEN, 10), became(State.CLOSED, 9)]

    assert out_since(CLOSED, changes) is None
    assert back_since(CLOSED, changes) == ago(9)
    assert back_since(OPEN, changes) is None
    closed = CLOSED.model_copy(update={"closed_at": int(ago(70).timestamp() * 1000)})
    assert back_since(closed, []) == ago(70)


@pytest.mark.parametrize(
    ("item", "actions", "earlier"),
    [
        (OPEN, ["breaker CLOSED -> OPEN", "breaker OPEN -> HALF_OPEN"], False),
        # The hour begins within the outage.
        (OPEN, ["breaker HALF_OPEN -> OPEN"], True),
        (OPEN, ["breaker OPEN -> HALF_OPEN", "breaker HALF_OPEN -> OPEN"], True),
        (OPEN, ["breaker HALF_OPEN -> CLOSED", "breaker CLOSED -> OPEN"], False),
        (OPEN, [], False),
        (OPEN.model_copy(update={"opens": 9}), [], True),
        (OPEN.model_copy(update={"mode": Mode.FORCED_OPEN}), ["breaker FORCED_OPEN"], False),
        (OPEN.model_copy(update={"mode": Mode.FORCED_OPEN}), ["breaker CLOSED -> OPEN"], True),
    ],
)
def test_an_outage_that_the_last_hour_does_not_hold_whole_began_earlier(
    item: BreakerItem, actions: list[str], earlier: bool
) -> None:
    changes = changes_in(entry(each, 50 - number) for number, each in enumerate(actions))

    assert began_earlier(item, changes) is earlier
