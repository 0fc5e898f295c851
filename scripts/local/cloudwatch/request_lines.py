"""The file of the record of requests."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

_MOST_BYTES: Final = 256 * 1024 * 1024


class Lines(logging.FileHandler):
    """Writes messages as lines. A full file is kept, with ``.1`` at its name, and a new one begun.

    The library's handler of this kind asks the system before each line whether the file is there.

    Args:
        path: of the file.
        most_bytes: no file gets longer, unless by a single line.
    """

    def __init__(self, path: Path, most_bytes: int = _MOST_BYTES) -> None:
        super().__init__(path, encoding="utf-8")
        self._path = path
        self._most_bytes = most_bytes
        self._bytes = path.stat().st_size

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message."""
        size = len(record.getMessage().encode()) + 1
        if self._bytes and self._bytes + size > self._most_bytes:
            self.close()  # the next line opens another
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            self._bytes = 0
        self._bytes += size
        super().emit(record)
