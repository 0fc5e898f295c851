"""Folders that take long to fill are filled once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cdk.build_cache import built


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
