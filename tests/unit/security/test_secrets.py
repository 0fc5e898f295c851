"""Secrets are looked for before each commit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.paths import PROJECT


@pytest.fixture(scope="module")
def hook() -> list[str]:
    """The command of pre-commit's hook."""
    config = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())
    (entry,) = [
        each["entry"]
        for repository in config["repos"]
        for each in repository["hooks"]
        if each["id"] == "detect-secrets"
    ]
    tool, *options = entry.split()
    return [str(Path(sys.executable).parent / Path(tool).name), *options]


@pytest.mark.parametrize(("parts", "code"), [(("AKIA", "Q3EXMPL2KEY7ABCD"), 1), (("rice",), 0)])
def test_a_secret_in_a_commit_is_found(
    hook: list[str], tmp_path: Path, parts: tuple[str, ...], code: int
) -> None:
    """The specimen is put together here, so that this file holds none."""
    file = tmp_path / "settings.py"
    file.write_text(f'NAME = "{"".join(parts)}"\n')

    done = subprocess.run([*hook, str(file)], cwd=PROJECT, capture_output=True, check=False)

    assert done.returncode == code, done.stdout
