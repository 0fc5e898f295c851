"""The factor that divides the durations of customers, providers and banks."""

import pytest

from scripts.local.errors import LocalStackError
from scripts.local.time_factor import DEFAULT, VARIABLE, time_factor


@pytest.mark.parametrize(("text", "factor"), [("", DEFAULT), ("1", 1.0), ("86400", 86_400.0)])
def test_the_factor_is_a_setting(monkeypatch: pytest.MonkeyPatch, text: str, factor: float) -> None:
    monkeypatch.setenv(VARIABLE, text)
    assert time_factor() == factor


@pytest.mark.parametrize("text", ["fast", "0", "0.5", "-1", "inf", "nan"])
def test_a_factor_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(LocalStackError, match="a number of 1 or more"):
        time_factor()
