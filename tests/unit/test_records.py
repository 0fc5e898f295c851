"""Times of records: datetimes in UTC inside, the stored text outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orderflow.clock import iso
from orderflow.records import Record, Timestamp


class Event(Record):
    happened_at: Timestamp | None = None


def test_a_time_is_a_datetime_in_utc() -> None:
    event = Event.model_validate({"happenedAt": "2026-01-31T13:00:00.250+01:00"})

    assert event.happened_at == datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)
    assert event.happened_at.tzinfo is UTC


@given(
    st.datetimes(datetime(1000, 1, 2), datetime(9998, 1, 1)),
    st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)
def test_a_stored_time_is_written_back_as_it_was_read(moment: datetime, zone: timezone) -> None:
    stored = {"happenedAt": iso(moment.replace(tzinfo=zone))}

    event = Event.model_validate(stored)

    assert event.model_dump(by_alias=True) == stored
    assert event.model_dump(by_alias=True, mode="json") == stored


def test_an_absent_time_stays_absent() -> None:
    assert Event().model_dump(by_alias=True, exclude_none=True) == {}


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-01-31", "2026-01-31T12:00:00", "0001-01-01T00:00:00+14:00", 1, True],
)
def test_a_malformed_time_is_refused_without_being_quoted(text: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        Event.model_validate({"happenedAt": text})

    assert "input_value" not in str(refusal.value)
