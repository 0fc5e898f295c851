"""Python packages that only some tests use, each set in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

from filelock import FileLock

from tests.support.paths import PROJECT

_UV = Path(sys.executable).with_name("uv")
_TIMEOUT_SECONDS = 300


@cache
def python_with(folder: Path) -> Path:
    """The Python of an environment with what the folder's ``requirements.txt`` names.

    Several test processes may ask at once: one installs, the others wait.
    """
    wanted = (folder / "requirements.txt").read_text("utf-8")
    environment = PROJECT / ".build" / f"python-{folder.name}"
    marker = environment / "installed.txt"
    environment.parent.mkdir(exist_ok=True)
    with FileLock(environment.with_suffix(".lock"), timeout=_TIMEOUT_SECONDS):
        if not marker.exists() or marker.read_text("utf-8") != wanted:
            _uv("venv", "--clear", "--python", sys.executable, environment)
            requirements = folder / "requirements.txt"
            _uv("pip", "install", "--python", environment, "--requirements", requirements)
            marker.write_text(wanted, "utf-8")
    return environment / "bin" / "python"


def _uv(*arguments: str | Path) -> None:
    subprocess.run([_UV, "--quiet", *arguments], check=True, timeout=_TIMEOUT_SECONDS)
