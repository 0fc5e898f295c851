"""Programs from npm that tests run, installed once a checkout as their lock file names them."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from filelock import FileLock

from tests.support.paths import PROJECT

_TOOLS = Path(sys.executable).parent
_TIMEOUT_SECONDS = 300


@cache
def installed(folder: Path) -> Path:
    """The folder of a ``package-lock.json``, with what it names in ``node_modules``.

    Several test processes may ask at once: one installs, the others wait.
    """
    build = PROJECT / ".build"
    build.mkdir(exist_ok=True)
    with FileLock(build / f"npm-{folder.name}.lock", timeout=_TIMEOUT_SECONDS):
        marker = folder / "node_modules" / ".package-lock.json"
        lock = folder / "package-lock.json"
        if not marker.exists() or marker.stat().st_mtime < lock.stat().st_mtime:
            path = f"{_TOOLS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
            subprocess.run(
                [_TOOLS / "npm", "ci", "--silent", "--ignore-scripts"],
                cwd=folder,
                env={**os.environ, "PATH": path},
                check=True,
                timeout=_TIMEOUT_SECONDS,
            )
            marker.touch()
    return folder
