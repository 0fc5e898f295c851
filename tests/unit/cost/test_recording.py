"""An earlier build's emulator, which lacks these modules, records its requests all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.paths import PROJECT

EMULATOR = """
from ministack import app
print(app._dispatch_service_request.__qualname__)
"""


def test_the_emulator_of_an_earlier_build_records_its_requests(tmp_path: Path) -> None:
    package = tmp_path / "scripts" / "local"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "emulator.py").write_text(EMULATOR)
    recording = PROJECT / "tests" / "bench" / "recording"
    variables = {
        # Its own `scripts` is found before this checkout's, as in its virtual environment.
        "PYTHONPATH": f"{recording}{os.pathsep}{tmp_path}",
        "ORDERS_REQUEST_LOG": str(tmp_path / "requests.jsonl"),
    }

    ran = subprocess.run(
        [sys.executable, "-m", "scripts.local.emulator"],
        cwd=tmp_path,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "sitecustomize" not in ran.stderr
    assert ran.stdout.strip() == "recording.<locals>.dispatch_and_record"
