"""Runs pytest again and again in one process, which imports libraries and starts the CDK's Node once.

The modules of the project in the working directory are imported anew for each run. A JSON array of
pytest's arguments on each line of stdin; the first test that failed, or null, on a line of stdout.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest


class _FirstFailure:
    """The first test, or file of tests, that fails."""

    def __init__(self) -> None:
        self.name: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed and self.name is None:
            self.name = report.nodeid


def main() -> None:
    """Answers until stdin ends; what pytest prints is dropped."""
    with (
        os.fdopen(os.dup(sys.stdout.fileno()), "w") as answers,
        Path(os.devnull).open("w") as nothing,
    ):
        os.dup2(nothing.fileno(), sys.stdout.fileno())
        for line in sys.stdin:
            _forget_the_project()
            first = _FirstFailure()
            code = pytest.main([*json.loads(line), "-x", "-q", "--tb=no"], plugins=[first])
            failed = code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
            name = first.name or f"pytest ends with {code!r}" if failed else None
            print(json.dumps(name), file=answers, flush=True)


def _forget_the_project() -> None:
    here = f"{Path.cwd()}/"
    own = [name for name, module in sys.modules.items() if _is_in(here, module)]
    for name in own:
        del sys.modules[name]
    importlib.invalidate_caches()


def _is_in(folder: str, module: ModuleType) -> bool:
    # A namespace package has no file.
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return module.__name__ != "__main__" and any(str(each).startswith(folder) for each in places)


if __name__ == "__main__":
    main()
