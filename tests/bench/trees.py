"""The two builds: this checkout, and an earlier commit in a git worktree of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.local.stack.state import PROJECT, LocalState

_WORKTREE: Final = PROJECT / ".build" / "bench-local"
_PATIENCE_SECONDS: Final = 900


@dataclass(frozen=True)
class Tree:
    """One build, ready to run.

    Attributes:
        name: how the report calls it.
        path: its checkout.
    """

    name: str
    path: Path

    @property
    def tools(self) -> Path:
        """Its virtual environment's commands."""
        return self.path / ".venv" / "bin"

    def run(self, *command: str | Path, variables: Mapping[str, str] | None = None) -> str:
        """Runs a command in the checkout; its standard output.

        Raises:
            subprocess.CalledProcessError: it failed.
        """
        inherited = {**os.environ}
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)
        environment = {**inherited, **(variables or {})}
        ran = subprocess.run(
            command,
            cwd=self.path,
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
        )
        return ran.stdout


def present() -> Tree:
    """This checkout."""
    return Tree("this build", PROJECT)


def earlier(commit: str) -> Tree:
    """The commit, checked out beside this build and set up, unless it is already."""
    path = _WORKTREE / commit
    if not path.exists():
        Tree("git", PROJECT).run("git", "worktree", "prune")
        Tree("git", PROJECT).run("git", "worktree", "add", "--detach", str(path), commit)
    tree = Tree(commit, path)
    tree.run("make", "setup")
    return tree


@dataclass(frozen=True)
class Stack:
    """A running local stack of a build."""

    tree: Tree
    home: Path
    state: LocalState
    variables: Mapping[str, str]

    def orders(self, *arguments: str) -> str:
        """Runs the build's own command line against the stack."""
        return self.tree.run(self.tree.tools / "orders", *arguments, variables=self.variables)

    @property
    def packages(self) -> dict[str, Path]:
        """The functions' packages as deployed, unpacked, by the function's name."""
        kept = (self.tree.path / ".build" / "assemblies").glob("*/")
        assembly = max(kept, key=lambda path: path.stat().st_mtime, default=self.home / "cdk.out")
        assets = assembly.glob("asset.*/*/handler.py")
        return {handler.parent.name: handler.parents[1] for handler in assets}


@contextmanager
def fresh_stack(tree: Tree, **settings: str) -> Iterator[Stack]:
    """A new stack for the length of a ``with`` block."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    variables = {
        "ORDERS_LOCAL_DIR": str(folder),
        "ORDERS_LOCAL_NAME": "bench",
        "ORDERS_LOCAL_TIME_FACTOR": "1",  # no other work beside what is measured
        **settings,
    }
    orders = tree.tools / "orders"
    try:
        tree.run(orders, "local", "up", variables=variables)
        state = LocalState.model_validate(json.loads((folder / "bench" / "state.json").read_text()))
        yield Stack(tree, folder / "bench", state, variables)
    finally:
        tree.run(orders, "local", "down", variables=variables)
        shutil.rmtree(folder, ignore_errors=True)
