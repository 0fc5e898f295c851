"""The threat model: each boundary has all of STRIDE, and each row a test that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from scripts.security.checkpoints import unknown
from tests.support.paths import PROJECT

PAGE = PROJECT / "docs" / "security" / "threat-model.md"
STRIDE = {
    "Spoofing",
    "Tampering",
    "Repudiation",
    "Information disclosure",
    "Denial of service",
    "Elevation of privilege",
}


def boundaries() -> Iterator[tuple[str, list[list[str]]]]:
    """Each boundary with the cells of its rows."""
    for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        lines = re.findall(r"^\| (.+) \|$", part, re.MULTILINE)
        if lines:
            yield part.split("\n")[0], [line.split(" | ") for line in lines[1:]]


BOUNDARIES = dict(boundaries())


def test_there_are_boundaries() -> None:
    assert {
        "The internet and the return address",
        "The internet and the sign-in",
        "The audit and its archive",
    } <= set(BOUNDARIES)
    assert len(BOUNDARIES) >= 10


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_boundary_has_all_of_stride(boundary: str) -> None:
    assert {cells[0] for cells in BOUNDARIES[boundary]} == STRIDE


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_every_row_names_a_test_that_exists(boundary: str) -> None:
    tests = [cells[3].strip("`") for cells in BOUNDARIES[boundary]]

    assert all(test.startswith("tests/") and "::" in test for test in tests)
    assert unknown(tests) == []
