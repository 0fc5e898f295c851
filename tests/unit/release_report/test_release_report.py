"""The report names what is there, what is missing, and what is signed for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from scripts.release_report import PARTS, Written, checks, history_of, report
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
    (tmp_path / "docs" / "recovery").mkdir(parents=True)
    (tmp_path / "docs" / "rehearsal.md").touch()
    (tmp_path / "docs" / "recovery" / "objectives.md").write_text("No run is recorded yet.")

    text = report(tmp_path, "1.2.3", "abc", NOW, lambda _page: Written(NOW, 2))

    assert "# Release 1.2.3\n\nCommit abc" in text
    assert (
        "[docs/rehearsal.md](../docs/rehearsal.md), of 2026-11-29 12:00 UTC (`make rehearse`); "
        "2 commits have changed the product since" in text
    )
    assert "**Missing**: docs/recovery/objectives.md; `make recovery` writes it." in text
    assert "**Missing**: .build/security/report.md; `make security` writes it." in text


def test_the_checklist_is_made_of_the_names_of_tests(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    code = "def test_an_order_is_paid_once() -> None: ...\ndef helper() -> None: ...\n"
    grouped = "class TestTotals:\n    def test_a_total_is_the_sum(self) -> None: ...\n"
    (tmp_path / "tests" / "test_a.py").write_text(code)
    (tmp_path / "tests" / "test_b.py").write_text(grouped)

    assert list(checks(tmp_path, ("tests",))) == ["an order is paid once", "a total is the sum"]


def test_a_page_has_the_time_of_its_commit_where_there_is_one() -> None:
    assert history_of("LICENSE") is not None
    assert history_of(".build/never-committed.md") is None


def test_every_part_with_tests_has_some() -> None:
    for part in PARTS:
        assert not part.tests or list(checks(PROJECT, part.tests)), part.title


def test_every_target_is_in_the_makefile() -> None:
    makefile = (PROJECT / "Makefile").read_text()

    assert [part.target for part in PARTS if f"\n{part.target}: " not in makefile] == []
