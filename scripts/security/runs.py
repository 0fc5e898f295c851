"""Runs the checkpoints' tests and reads pytest's JUnit files."""

from __future__ import annotations

import os
import sys
import xml.etree.ElementTree as ET  # nosec B405
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.security.checkpoints import Checkpoint, unknown
from scripts.security.row import Result, Row, run

PART: Final = "Checkpoints"

#: Each is a session of its own: they have fixtures that do not mix.
SESSIONS: Final = ("tests/unit", "tests/infrastructure", "tests/integration")

_INPUTS: Final = "properties/property[@name='inputs']"


@dataclass(frozen=True)
class Ran:
    """One test that ran.

    Attributes:
        test: ``file::test[parameters]``.
        outcome: ``passed``, ``failed`` or ``skipped``.
        inputs: how many inputs it tried, where it records that.
    """

    test: str
    outcome: str
    inputs: int = 0


def run_tests(checkpoints: Iterable[Checkpoint], folder: Path) -> list[Ran]:
    """Runs all tests that exist, each once and in full, and keeps pytest's files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    all_named = dict.fromkeys(test for each in checkpoints for test in each.tests)
    missing = {*unknown(all_named)}
    # A test of a file that is named as a whole runs with it.
    named = [test for test in all_named if "::" not in test or _file(test) not in all_named]
    found: list[Ran] = []
    for session in SESSIONS:
        wanted = [test for test in named if test.startswith(session) and test not in missing]
        if wanted:
            path = folder / f"{Path(session).name}.xml"
            path.unlink(missing_ok=True)
            command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={path}", *wanted]
            run(command, environment={**os.environ, "FUZZ": "full"})
            found += read(path)
    return found


def read(path: Path) -> list[Ran]:
    """The tests in a JUnit file; none if pytest has not written it."""
    if not path.exists():
        return []
    cases = ET.parse(path).iter("testcase")  # noqa: S314  # nosec B314
    return [
        Ran(
            _node_id(case.get("classname", ""), case.get("name", "")),
            _outcome(case),
            sum(int(each.get("value", 0)) for each in case.iterfind(_INPUTS)),
        )
        for case in cases
    ]


def row(checkpoint: Checkpoint, ran: Sequence[Ran]) -> Row:
    """The result of a checkpoint: green if every test of it ran and passed, with enough inputs."""
    if missing := unknown(checkpoint.tests):
        return Row(PART, checkpoint.name, Result.RED, f"no such test: {', '.join(missing)}")
    of_test = {test: [each for each in ran if _is_of(each, test)] for test in checkpoint.tests}
    silent = [test for test, found in of_test.items() if not found]
    if silent:
        return Row(PART, checkpoint.name, Result.RED, f"did not run: {', '.join(silent)}")
    all_ran = [each for found in of_test.values() for each in found]
    failed = [each.test for each in all_ran if each.outcome == "failed"]
    if failed:
        return Row(PART, checkpoint.name, Result.RED, f"failed: {', '.join(failed[:5])}")
    skipped = [each.test for each in all_ran if each.outcome == "skipped"]
    if skipped:
        return Row(PART, checkpoint.name, Result.NOT_RUN, f"skipped: {', '.join(skipped[:5])}")
    inputs = sum(each.inputs for each in all_ran)
    if inputs < checkpoint.inputs:
        few = f"tried {inputs:,} of {checkpoint.inputs:,} inputs"
        return Row(PART, checkpoint.name, Result.RED, few)
    tried = f", {inputs:,} inputs" if inputs else ""
    return Row(PART, checkpoint.name, Result.GREEN, f"{len(all_ran)} tests{tried}")


def _file(test: str) -> str:
    return test.partition("::")[0]


def _is_of(ran: Ran, test: str) -> bool:
    return ran.test == test or ran.test.startswith((f"{test}::", f"{test}["))


def _node_id(classname: str, name: str) -> str:
    """``tests.unit.a.test_b.TestC`` and ``test_d`` -> ``tests/unit/a/test_b.py::TestC::test_d``."""
    parts = classname.split(".")
    classes = [part for part in parts if part.startswith("Test")]
    file = "/".join(part for part in parts if part not in classes)
    return "::".join([f"{file}.py", *classes, name])


def _outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"
