"""Folders below ``.build`` that take long to fill and are kept: packages, assemblies, runtimes."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_BUILDING: Final = ".building-"


def built(path: Path, fill: Callable[[Path], None]) -> Path:
    """The folder ``path``; filled first unless it is there.

    It appears whole: a temporary folder is filled, then renamed. Of several processes that ask for
    it at once, one fills it and the others wait, which takes less processor time than filling each.
    ``fill`` may put what it needs meanwhile beside the folder; that goes in the end.
    """
    if path.is_dir():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    with (
        FileLock(_lock(path)),
        tempfile.TemporaryDirectory(dir=path.parent, prefix=f"{_BUILDING}{path.name}-") as building,
    ):
        if not path.is_dir():
            folder = Path(building) / path.name
            folder.mkdir()
            fill(folder)
            folder.rename(path)
    return path


def _lock(path: Path) -> Path:
    return path.parent / f".{path.name}.lock"


def _sweep(parent: Path) -> None:
    """Remove what builders left that were killed: their locks are free."""
    for left in parent.glob(f"{_BUILDING}*"):
        name = left.name.removeprefix(_BUILDING).rpartition("-")[0]
        try:
            with FileLock(_lock(parent / name), timeout=0):
                shutil.rmtree(left, ignore_errors=True)
        except Timeout:
            continue  # it is being filled
