"""A lock file that allows one ``up`` or ``down`` of a stack at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from scripts.local.errors import LocalStackError

_PATIENCE_SECONDS: Final = 300.0


@contextmanager
def exclusive(path: Path, patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Holds the lock of this path; the system releases it when its holder dies.

    Raises:
        LocalStackError: if another process holds it for longer than ``patience_seconds``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=patience_seconds, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise LocalStackError(
            f"Another `orders local` command holds {path} and does not end."
        ) from None
    try:
        yield
    finally:
        # Removed while held: filelock does not accept a file that has lost its name.
        path.unlink(missing_ok=True)
        lock.release()
