"""Spans of time in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.clock import in_words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(hours=72), "72 hours"),
        (timedelta(hours=24), "24 hours"),
        (timedelta(hours=23, minutes=59, seconds=59, milliseconds=500), "24 hours"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(hours=1), "60 minutes"),
        (timedelta(minutes=24), "24 minutes"),
        (timedelta(minutes=1), "60 seconds"),
        (timedelta(seconds=6), "6 seconds"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(milliseconds=10), "1 second"),
    ],
)
def test_a_span_is_rounded_to_its_largest_unit(span: timedelta, words: str) -> None:
    assert in_words(span) == words


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=30)))
def test_the_words_are_off_by_a_quarter_at_most(span: timedelta) -> None:
    count, unit = in_words(span).split()
    seconds = int(count) * {"hours": 3600, "minutes": 60, "seconds": 1, "second": 1}[unit]

    assert abs(seconds - span.total_seconds()) <= span.total_seconds() / 4 + 0.5
