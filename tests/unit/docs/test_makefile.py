"""Targets of the Makefile, as make would run them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import PROJECT


def _make(
    folder: Path, *arguments: str, installed: bool = True
) -> subprocess.CompletedProcess[str]:
    """Runs make; with ``installed`` without its setup."""
    command = [
        "make",
        *(["--assume-old=.venv/.ready", "--assume-old=.venv/.stack-ready"] if installed else []),
        *arguments,
    ]
    # These tests themselves may run within a make with its own flags.
    # As from a shell, also where make itself runs the tests.
    above = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
    environment = {name: value for name, value in os.environ.items() if name not in above}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def _summary(output: str) -> list[str]:
    """The last lines, with their seconds left out."""
    _, parts = re.split(r"Time of each part \(\d+ s in all\):\n", output)
    return [re.sub(r" +\d+ s", "", line.strip()) for line in parts.splitlines()]


def test_synth_works_in_a_folder_with_a_space_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "my projects"
    folder.mkdir()
    shutil.copy(PROJECT / "Makefile", folder)

    shown = _make(folder, "--dry-run", "synth").stdout

    command = shlex.split(next(line for line in shown.splitlines() if "--app" in line))
    app = command[command.index("--app") + 1]
    assert shlex.split(app)[0] == f"{folder}/.venv/bin/python"


#: Stands for each tool; a new virtual environment holds another copy of it.
STUB = """\
#!/bin/sh
test "$1 $2" = "-m venv" && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
exit 0
"""
#: `help` runs none of our tools, `browser` may install, `setup` and `test` have tests of their own.
TARGETS = sorted(
    set(re.findall(r"^\.PHONY: (.+)$", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.M))
    - {"help", "browser", "setup", "test", "unit-on-ministack unit-on-dynalite"}
)


@pytest.fixture
def spaced(tmp_path: Path) -> Path:
    """The project in a folder with a space in its name, with stubs for what it installs."""
    folder = tmp_path / "my projects"
    binaries = folder / "cdk" / "node_modules" / ".bin"
    binaries.mkdir(parents=True)
    stub(binaries / "cdk")
    for name in ("pyproject.toml", "uv.lock", "cdk/package.json", "cdk/package-lock.json"):
        (folder / name).touch()
    shutil.copy(PROJECT / "Makefile", folder)
    return folder


def stub(tool: Path) -> None:
    tool.parent.mkdir(parents=True, exist_ok=True)
    tool.write_text(STUB, encoding="utf-8")
    tool.chmod(0o755)


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_works_in_a_folder_with_a_space_in_its_name(spaced: Path, target: str) -> None:
    for tool in Path(sys.executable).parent.iterdir():
        stub(spaced / ".venv" / "bin" / tool.name)

    result = _make(spaced, target)

    assert result.returncode == 0, result.stderr


def test_setup_works_with_a_python_in_a_folder_with_a_space_in_its_name(spaced: Path) -> None:
    python = spaced / "other tools" / "python3"
    stub(python)
    for tool in ("uv", "npm"):
        stub(spaced / ".venv" / "bin" / tool)

    result = _make(spaced, "setup", f"PYTHON={python}", installed=False)

    assert result.returncode == 0, result.stderr
    assert (spaced / ".venv" / "bin" / "python").exists()
    assert (spaced / ".venv" / ".stack-ready").exists()
    assert (spaced / ".venv" / ".ready").exists()


def test_make_test_prints_the_time_of_each_part(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "Makefile", tmp_path)

    result = _make(tmp_path, "test", "LANES=1", "TEST_PARTS=help clean")

    assert result.returncode == 0, result.stderr
    assert _summary(result.stdout) == ["help", "clean"]


def test_make_test_ends_at_a_part_that_fails_and_prints_the_times_until_then(
    tmp_path: Path,
) -> None:
    shutil.copy(PROJECT / "Makefile", tmp_path)

    result = _make(tmp_path, "test", "LANES=1", "TEST_PARTS=help no-such-part clean")

    assert result.returncode != 0
    assert _summary(result.stdout) == ["help", "no-such-part failed"]


def test_the_targets_are_listed_in_columns_and_without_colours_for_a_pipe() -> None:
    listed = _make(PROJECT, "help").stdout.splitlines()

    assert all(re.match(r"  [a-z-]+ +\S", line) for line in listed)
    assert len({re.match(r"  [a-z-]+ +", line).end() for line in listed}) == 1  # type: ignore[union-attr]
