"""Folders below ``.build`` that take long to fill and are kept: packages, assemblies, runtimes."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock


def built(path: Path, fill: Callable[[Path], None]) -> Path:
    """The folder ``path``; filled first unless it is there.

    It appears whole: a temporary folder is filled, then renamed. Of several processes that ask for
    it at once, one fills it and the others wait, which takes less processor time than filling each.
    """
    if path.is_dir():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        FileLock(path.parent / f".{path.name}.lock"),
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".building-") as building,
    ):
        if not path.is_dir():
            folder = Path(building) / path.name
            folder.mkdir()
            fill(folder)
            folder.rename(path)
    return path
