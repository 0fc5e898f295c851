"""The rows of deviations.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

_FILE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Deviation:
    """One row: what an engine does otherwise than AWS.

    ``tests`` are parts of the names of tests that fail because of it, ``chance`` of those whose
    random cases may meet it.
    """

    name: str
    engine: str
    does: str
    tests: tuple[str, ...]
    chance: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


@cache
def deviations() -> list[Deviation]:
    """All rows."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return [
        Deviation(
            row["name"],
            row["engine"],
            row["does"],
            tuple(row.get("tests", ())),
            tuple(row.get("chance", ())),
        )
        for row in rows
    ]


def mark(engine: str, item: pytest.Item) -> None:
    """Mark a test that a deviation of the engine makes fail."""
    for row in deviations():
        reason = f"{row.name}: {row.does}"
        if row.engine == engine and any(name in item.nodeid for name in row.tests):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
        if row.engine == engine and any(name in item.nodeid for name in row.chance):
            item.add_marker(pytest.mark.skip(reason=reason))
