"""Targets of the Makefile, as make would run them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from tests.support.paths import PROJECT


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs make without its setup: installing is not part of these tests."""
    command = ["make", "--assume-old=.venv/.ready", *arguments]
    # These tests themselves may run within a make with its own flags.
    environment = {**os.environ, "MAKEFLAGS": ""}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_synth_works_in_a_folder_with_a_space_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "my projects"
    folder.mkdir()
    shutil.copy(PROJECT / "Makefile", folder)

    shown = _make(folder, "--dry-run", "synth").stdout

    command = shlex.split(next(line for line in shown.splitlines() if "--app" in line))
    app = command[command.index("--app") + 1]
    assert shlex.split(app)[0] == f"{folder}/.venv/bin/python"
