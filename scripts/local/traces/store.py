"""The segment documents that have arrived, in bounded memory."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterable
from typing import Final

from orderflow.platform.tracing import Document

#: The oldest documents are dropped beyond it: some 20,000 invocations.
MOST_BYTES: Final = 32 * 1024 * 1024


class SegmentStore:
    """Documents as they came. They are read when they are asked for: most never are.

    Safe for use by several threads.

    Args:
        most_bytes: the oldest are dropped beyond it.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._documents: deque[bytes] = deque()
        self._lock = threading.Lock()

    def add(self, document: bytes) -> None:
        """Keeps a document."""
        with self._lock:
            self._documents.append(document)
            self._bytes += len(document)
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._documents.popleft())

    def containing(self, text: str) -> list[Document]:
        """The readable documents that hold the text, oldest first."""
        wanted = text.encode()
        with self._lock:
            found = [each for each in self._documents if wanted in each]
        return [document for document in map(_read, found) if document]


def _read(text: bytes) -> Document | None:
    """A document with the fields that place it; None for anything else."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if not isinstance(document, dict) or not {"id", "trace_id", "name"} <= document.keys():
        return None
    return document


def compiled(documents: Iterable[Document]) -> list[Document]:
    """One trace's segments, with the subsegments that came by themselves in their places.

    A complete document takes the place of the one that said that it is in progress. A subsegment
    without its parent stands alone.
    """
    latest: dict[str, Document] = {}
    for each in documents:
        known = latest.get(each["id"])
        if known is None or known.get("in_progress"):
            latest[each["id"]] = dict(each)
    roots = []
    for document in latest.values():
        parent = latest.get(document.get("parent_id", ""))
        if document.get("type") == "subsegment" and parent is not None:
            parent["subsegments"] = [*parent.get("subsegments", ()), document]
        else:
            roots.append(document)
    return roots
