"""The report names what is there, what is missing, and what is signed for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from scripts.release_report import PARTS, checks, report
from tests.support.paths import PROJECT

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def test_a_part_without_its_page_is_missing_with_the_target_that_writes_it(tmp_path: Path) -> None:
    for part in PARTS:
        for name in part.tests:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            if name.endswith(".py"):
                (tmp_path / name).touch()
            else:
                (tmp_path / name).mkdir(exist_ok=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "rehearsal.md").touch()

    text = report(tmp_path, "1.2.3", "abc", NOW)

    assert "# Release 1.2.3\n\nCommit abc" in text
    assert "[docs/rehearsal.md](../docs/rehearsal.md), written" in text
    assert "**Missing**: `make security` writes it." in text


def test_the_checklist_is_made_of_the_names_of_tests(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    code = "def test_an_order_is_paid_once() -> None: ...\ndef helper() -> None: ...\n"
    (tmp_path / "tests" / "test_a.py").write_text(code)

    assert list(checks(tmp_path, ("tests",))) == ["an order is paid once"]


def test_every_part_with_tests_has_some() -> None:
    for part in PARTS:
        assert not part.tests or list(checks(PROJECT, part.tests)), part.title


def test_the_targets_that_this_build_has_are_in_the_makefile() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    known = {part.target for part in PARTS if f"\n{part.target}: " in makefile}

    assert {part.target for part in PARTS} - known <= {"cost", "load"}
