"""The page of the local stack's figures: orders at once of both builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.load import Load
from tests.bench.report import PAGE, Machine, UnderLoad, write

FIGURES = {"order": [100.0]}


def under_load(processor: dict[str, float], limit: int | None = None) -> UnderLoad:
    """Four orders, of which one has no link."""
    load = Load([1.0, 2.0, 3.0], ["FAILED"], wall_seconds=2.0, processor=processor, peak_mb=1500)
    return UnderLoad(load, limit, throttled=7)


@pytest.fixture
def page(tmp_path: Path) -> str:
    loads = {
        "theirs": under_load({"emulator": 0.4, "functions": 0.6}, limit=16),
        "ours": under_load({"emulator": 0.2, "functions": 0.24}),
    }
    write(tmp_path, "abc", FIGURES, FIGURES, Machine(2, 0.0, 0.0), loads)
    return (tmp_path / PAGE).read_text()


def test_the_processor_time_of_an_order_under_load_is_compared_with_the_earlier_builds(
    page: str,
) -> None:
    assert "| | `abc` | this build |" in page
    assert "| 250 (emulator 100, functions 150) | 110 (emulator 50, functions 60) |" in page
    assert "**0.44 times**" in page
    assert "the goal is 0.55" in page


def test_orders_without_a_link_count_as_orders_and_are_listed(page: str) -> None:
    assert "| orders | 4 | 4 |" in page
    assert "| orders without a link | 1 FAILED | 1 FAILED |" in page
    assert "| invocations at once, at most | 16 | - |" in page


def test_one_build_alone_has_no_ratio(tmp_path: Path) -> None:
    loads = {"ours": under_load({"emulator": 0.2})}
    write(tmp_path, "abc", FIGURES, FIGURES, Machine(2, 0.0, 0.0), loads)
    page = (tmp_path / PAGE).read_text()
    assert "| | this build |" in page
    assert "An order under load takes" not in page
