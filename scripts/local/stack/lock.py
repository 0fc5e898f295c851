"""One ``up`` or ``down`` of a stack at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from scripts.local.errors import LocalStackError

_PATIENCE_SECONDS: Final = 300.0
_POLL_SECONDS: Final = 0.1


@contextmanager
def exclusive(path: Path, patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Holds the lock of this name. The system lets go of it when its holder dies.

    Raises:
        LocalStackError: if somebody else holds it for too long.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = _acquire(path, time.monotonic() + patience_seconds)
    try:
        yield
    finally:
        # Removed while held, which _acquire allows for.
        path.unlink(missing_ok=True)
        file.close()


def _acquire(path: Path, deadline: float) -> IO[bytes]:
    while True:
        file = path.open("ab")
        if _try_lock(file) and _is_still(path, file):
            return file
        file.close()
        if time.monotonic() >= deadline:
            raise LocalStackError(f"Another `orders local` command holds {path} and does not end.")
        time.sleep(_POLL_SECONDS)


def _try_lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, file: IO[bytes]) -> bool:
    """Whether the path still names the file that we locked, and not a newer one."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
