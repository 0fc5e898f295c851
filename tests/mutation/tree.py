"""A copy of the project that a mutant is applied to."""

from __future__ import annotations

import itertools
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import PROJECT

#: What is installed; the copies share it.
_INSTALLED = (".venv", "cdk/node_modules", "tests/judges/node_modules")

_WORKER = Path(__file__).with_name("worker.py")

#: A run of tests that takes longer has failed.
_SECONDS = 400

#: Python compares a module with its bytecode by size and second of change.
_seconds = itertools.count(1_600_000_000)


class EditError(Exception):
    """The text that an edit replaces is not in its file, or is there more than once."""


@dataclass(frozen=True)
class Edit:
    """A text of a file, and what takes its place."""

    path: str
    old: str
    new: str


def edited(folder: Path, edits: Sequence[Edit]) -> dict[str, str]:
    """The texts of the edited files by their paths in a folder; a new file had no text.

    Raises:
        EditError: the text of an edit is not there exactly once.
    """
    texts = {edit.path: _read(folder / edit.path) for edit in edits}
    for edit in edits:
        if (found := texts[edit.path].count(edit.old)) != 1:
            raise EditError(f"{edit.path} holds {found} times: {edit.old}")
        texts[edit.path] = texts[edit.path].replace(edit.old, edit.new)
    return texts


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


class Tree:
    """The project's files as they are now, or as they were in a commit.

    Attributes:
        folder: the copy.
    """

    def __init__(self, folder: Path, revision: str | None = None) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self._worker: subprocess.Popen[str] | None = None
        if revision is None:
            self._copy()
        else:
            self._extract(revision)
        for name in _INSTALLED:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(PROJECT / name)

    def first_failing_test(self, arguments: Sequence[str]) -> str | None:
        """Runs pytest in the copy; a run that does not end counts as failing."""
        if self._worker is None or self._worker.poll() is not None:
            self._worker = self._start_worker()
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        self._worker.stdin.write(f"{json.dumps([*arguments])}\n")
        self._worker.stdin.flush()
        if not select.select([self._worker.stdout], [], [], _SECONDS)[0]:
            self._worker.kill()
            return f"no end after {_SECONDS} s"
        answer: str | None = json.loads(self._worker.stdout.readline() or '"the tests died"')
        return answer

    def _start_worker(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, _WORKER],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """Of processes that import the copy in the place of the project."""
        return {**os.environ, "PYTHONPATH": f"{self.folder}:{self.folder / 'functions'}"}

    @contextmanager
    def mutated(self, edits: Sequence[Edit]) -> Iterator[None]:
        """The copy with the edits; afterwards as before.

        Raises:
            EditError: the text of an edit is not there exactly once.
        """
        paths = {edit.path: self.folder / edit.path for edit in edits}
        before = {name: _read(path) for name, path in paths.items() if path.exists()}
        self._write(edited(self.folder, edits))
        try:
            yield
        finally:
            self._write(before)
            for name in paths.keys() - before.keys():
                paths[name].unlink()

    def _copy(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, target)

    def _extract(self, revision: str) -> None:
        archive = subprocess.run(
            ["git", "archive", revision], cwd=PROJECT, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x"], cwd=self.folder, input=archive.stdout, check=True)

    def _write(self, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            second = next(_seconds)
            os.utime(path, (second, second))
