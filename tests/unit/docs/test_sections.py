"""Generated sections: what stands between two markers of a Markdown file, and the command."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from orderflow.orders.model import Order
from scripts.documentation import __main__ as command
from scripts.documentation.sections import MarkersMissingError, Section, outdated
from tests.support.paths import PROJECT

SECTION = Section("page.md", "numbers", "the code", "one, two")
TEXT = f"before\n{SECTION.start}\nold\n{SECTION.end}\nafter\n"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only file that has a section, an old one."""
    page = tmp_path / "page.md"
    page.write_text(TEXT)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "synthesize", lambda: None)
    monkeypatch.setattr(command, "sections_of_code", lambda: [SECTION])
    monkeypatch.setattr(command, "sections_of_template", lambda _: [])
    return page


def run(*arguments: str) -> tuple[int, str]:
    app = Typer()
    app.command()(command.main)
    result = CliRunner().invoke(app, [*arguments])
    return result.exit_code, result.output


def test_what_the_repository_holds_is_as_the_code_generates_it() -> None:
    found = outdated(command.sections_of_code())
    assert [path.name for path in found] == [], "run `make docs`"


def test_check_reports_an_old_section_and_leaves_it(page: Path) -> None:
    assert run("--check") == (1, "page.md: out of date\n")
    assert page.read_text() == TEXT


def test_writing_replaces_what_is_between_the_markers_once(page: Path) -> None:
    assert run() == (0, "page.md: written\n")
    text = page.read_text()
    assert text.startswith(f"before\n{SECTION.start}\n")
    assert text.endswith(f"\none, two\n\n{SECTION.end}\nafter\n")
    assert run() == (0, "")
    assert run("--check") == (0, "")
    assert page.read_text() == text


def test_two_sections_of_one_file_are_both_written(page: Path) -> None:
    other = Section("page.md", "letters", "the code", "a, b")
    page.write_text(f"{TEXT}{other.start}{other.end}")

    text = outdated([SECTION, other], page.parent)[page]

    assert "one, two" in text
    assert "a, b" in text


@pytest.mark.parametrize(
    "text", ["", SECTION.start, f"{SECTION.end}{SECTION.start}", f"{TEXT}{TEXT}"]
)
def test_a_file_without_one_pair_of_markers_is_named(page: Path, text: str) -> None:
    page.write_text(text)
    code, output = run()
    assert code == 1
    assert output.startswith("error: page.md needs one")
    with pytest.raises(MarkersMissingError):
        SECTION.placed_in(text)


def test_every_attribute_of_orders_has_its_row() -> None:
    page = (PROJECT / "docs" / "data-model.md").read_text("utf-8")
    names = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    attributes = {field.alias or name for name, field in Order.model_fields.items()}
    assert {each for each in attributes if not any(f"`{each}`" in row for row in names)} == set()
