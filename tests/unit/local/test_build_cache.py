"""Folders that take long to fill are filled once."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cdk.build_cache import built
from tests.support.paths import PROJECT


def test_of_two_that_ask_at_once_one_fills(tmp_path: Path) -> None:
    both = threading.Barrier(2)
    filled: list[Path] = []

    def fill(folder: Path) -> None:
        filled.append(folder)
        (folder / "content").touch()

    def ask(_: int) -> Path:
        both.wait()
        return built(tmp_path / "kept", fill)

    with ThreadPoolExecutor(2) as pool:
        folders = list(pool.map(ask, range(2)))

    assert folders == [tmp_path / "kept"] * 2
    assert len(filled) == 1
    assert [each.name for each in (tmp_path / "kept").iterdir()] == ["content"]


def test_what_fails_leaves_nothing_and_is_filled_by_the_next(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        built(tmp_path / "kept", fail)
    built(tmp_path / "kept", lambda folder: (folder / "content").touch())

    assert [each.name for each in (tmp_path / "kept").iterdir()] == ["content"]


def test_what_a_killed_builder_left_is_removed_by_the_next_but_not_what_is_being_filled(
    tmp_path: Path,
) -> None:
    hang = (
        "import sys, time\nfrom pathlib import Path\nfrom cdk.build_cache import built\n"
        "def fill(folder):\n    (folder.parent / 'jsii-kernel-x').mkdir()\n"
        "    print('filling', flush=True)\n    time.sleep(600)\n"
        "built(Path(sys.argv[1]), fill)\n"
    )
    command = [sys.executable, "-c", hang, str(tmp_path / "kept")]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as builder:
        assert builder.stdout is not None
        assert builder.stdout.readline() == "filling\n"
        built(tmp_path / "another", lambda folder: (folder / "content").touch())
        assert len([*tmp_path.glob(".building-kept-*/jsii-kernel-x")]) == 1
        builder.kill()

    built(tmp_path / "third", lambda folder: (folder / "content").touch())

    assert [*tmp_path.glob(".building-*")] == []
