"""Targets of the Makefile, as make would run them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from tests.support.paths import PROJECT


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs make without its setup: installing is not part of these tests."""
    command = ["make", "--assume-old=.venv/.ready", *arguments]
    # These tests themselves may run within a make with its own flags.
    # As from a shell, also where make itself runs the tests.
    above = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
    environment = {name: value for name, value in os.environ.items() if name not in above}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def _summary(output: str) -> list[str]:
    """The last lines, with their seconds left out."""
    _, _, parts = output.partition("Time of each part:\n")
    return [re.sub(r" +\d+ s", "", line.strip()) for line in parts.splitlines()]


def test_synth_works_in_a_folder_with_a_space_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "my projects"
    folder.mkdir()
    shutil.copy(PROJECT / "Makefile", folder)

    shown = _make(folder, "--dry-run", "synth").stdout

    command = shlex.split(next(line for line in shown.splitlines() if "--app" in line))
    app = command[command.index("--app") + 1]
    assert shlex.split(app)[0] == f"{folder}/.venv/bin/python"


def test_make_test_prints_the_time_of_each_part(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "Makefile", tmp_path)

    result = _make(tmp_path, "test", "TEST_PARTS=help help")

    assert result.returncode == 0
    assert _summary(result.stdout) == ["help", "help"]


def test_make_test_ends_at_a_part_that_fails_and_prints_the_times_until_then(
    tmp_path: Path,
) -> None:
    shutil.copy(PROJECT / "Makefile", tmp_path)

    result = _make(tmp_path, "test", "TEST_PARTS=help no-such-part help")

    assert result.returncode != 0
    assert _summary(result.stdout) == ["help", "no-such-part failed"]
