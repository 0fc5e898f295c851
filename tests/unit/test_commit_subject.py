"""The hook that checks commit subjects."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.commit_subject import MAX_CHARACTERS, main, problems


@pytest.mark.parametrize(
    "message",
    [
        "Add a catalog\n",
        "Add a catalog\n\nThe shop needs one.\n",
        "Add a catalog\n# Please enter the commit message\n",
        "Pass alerts through one port",
        "Process what is left",
        "Bring the demo back",
        "Seed the emulator's tables",
        "Merge branch 'other'",
        'Revert "Add a catalog"',
        "fixup! Add a catalog",
        "Add " + "x" * (MAX_CHARACTERS - 4),
    ],
)
def test_an_imperative_subject_passes(message: str) -> None:
    assert problems(message) == []


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("", "is empty"),
        ("\n# Please enter the commit message\n", "is empty"),
        ("Add " + "x" * (MAX_CHARACTERS - 3), "has 73 characters: at most 72"),
        ("add a catalog", "begins with a small letter"),
        ("Add a catalog.", "ends with a full stop"),
        ("Added a catalog", 'begins with "added": begin with an imperative, such as "Add"'),
        ("Adds a catalog", 'begins with "adds": begin with an imperative, such as "Add"'),
        ("Adding a catalog", 'begins with "adding": begin with an imperative, such as "Add"'),
        ("Docs: add a catalog", 'begins with "docs": begin with an imperative, such as "Add"'),
        ("The catalog is new", 'begins with "the": begin with an imperative, such as "Add"'),
        ("Add a catalog\nand a shop", "is not followed by an empty line"),
    ],
)
def test_another_subject_is_refused(message: str, problem: str) -> None:
    assert problems(message) == [problem]


def test_the_hook_fails_with_the_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = tmp_path / "message"
    message.write_text("Added a catalog.\n")

    assert main(message) == 1
    assert "ends with a full stop" in capsys.readouterr().err


def test_the_hook_passes_in_silence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = tmp_path / "message"
    message.write_text("Add a catalog\n")

    assert main(message) == 0
    assert capsys.readouterr().err == ""
