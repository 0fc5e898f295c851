"""What functions have in common on this machine, and what they must not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.local.snapshots.stems import IMPORTED, READ_WHEN_IMPORTED, common_path
from scripts.local.stack.state import PROJECT

#: Imports, and prints each variable of the environment that was looked up.
WATCHING = """
import os, pkgutil, sys
read = set()
class Watched(type(os.environ)):
    def __getitem__(self, name):
        read.add(name)
        return super().__getitem__(name)
os.environ.__class__ = Watched
for name in sys.argv[1:]:
    found = pkgutil.resolve_name(name)
    if ":" in name:
        found()
import awslambdaric.bootstrap
print(*read)
"""

#: Of Python's own, which a function does not set.
PYTHONS = {"PYTHONTZPATH", "PYTHONUSERBASE", "_PYTHON_PROJECT_BASE", "_PYTHON_SYSCONFIGDATA_NAME"}


def test_what_is_imported_for_all_functions_reads_no_settings_of_one() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WATCHING, *IMPORTED],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT / "functions"),
            "LAMBDA_TASK_ROOT": "/library",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert {*ran.stdout.split()} - PYTHONS <= READ_WHEN_IMPORTED | {"LAMBDA_TASK_ROOT"}


def path_with(folder: Path, *added: str) -> tuple[str, ...]:
    """The common path of a function that has a folder of further packages; runtime: urllib3 2.8."""
    for name in ("urllib3", "urllib3-2.8.0.dist-info", "six.py"):
        (folder / "runtime" / name).mkdir(parents=True)
    for name in added:
        (folder / "further" / name).mkdir(parents=True)
    return common_path({"PYTHONPATH": f"/package:/library:/base:{folder}/further:{folder}/runtime"})


@pytest.mark.parametrize(
    "added",
    [
        ("rapidfuzz", "rapidfuzz-3.13.dist-info"),
        ("urllib3", "urllib3-2.8.0.dist-info", "__pycache__"),
    ],
)
def test_what_only_adds_packages_comes_later(tmp_path: Path, added: tuple[str, ...]) -> None:
    assert path_with(tmp_path, *added) == ("/library", "/base", f"{tmp_path}/runtime")


@pytest.mark.parametrize("added", [("urllib3", "urllib3-2.9.0.dist-info"), ("six.py",)])
def test_a_package_in_another_version_comes_first(tmp_path: Path, added: tuple[str, ...]) -> None:
    shared = ("/library", "/base", f"{tmp_path}/further", f"{tmp_path}/runtime")
    assert path_with(tmp_path, *added) == shared


def test_a_function_without_a_library_has_the_runtime_in_common() -> None:
    assert common_path({"PYTHONPATH": "/package:/runtime"}) == ("/runtime",)
