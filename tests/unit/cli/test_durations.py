"""Durations are parsed and formatted."""

from __future__ import annotations

from datetime import timedelta

import pytest
import typer

from scripts.cli.durations import age, in_words, parse_duration
from tests.support.histories import START


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1_800), ("2h", 7_200), ("3d", 259_200)]
)
def test_a_number_with_a_unit_is_a_duration(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "2", "h", "0s", "-1h", "1.5h", "2 h", "2w", "9999999d", "٣h"])
def test_an_invalid_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="not a time such as 90s, 30m, 2h or 3d"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0.9, "0 s"),
        (42.9, "42 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (3_605, "1 h"),
        (7_500, "2 h 5 min"),
        (2 * 86_400 + 3_600, "2 d 1 h"),
    ],
)
def test_a_duration_is_shown_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (timedelta(seconds=-3), "0s"),
        (timedelta(seconds=59), "59s"),
        (timedelta(minutes=59), "59m"),
        (timedelta(hours=23), "23h"),
        (timedelta(days=9), "9d"),
    ],
)
def test_an_age_is_shown_in_its_largest_unit(passed: timedelta, shown: str) -> None:
    assert age(START, START + passed) == shown
    assert age(START.isoformat(), START + passed) == shown
