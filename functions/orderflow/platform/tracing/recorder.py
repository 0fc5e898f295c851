"""What the running invocation records. An execution environment runs one at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from orderflow.platform.tracing.daemon import Daemon
from orderflow.platform.tracing.documents import Document, TraceHeader, new_id

#: So many calls are sent within their invocation's document, which must not exceed 64 kB; further
#: calls are sent one by one.
MOST_CALLS: Final = 40


@dataclass(slots=True)
class Invocation:
    """One invocation: its place in the trace, and its calls that have ended."""

    header: TraceHeader
    daemon: Daemon
    id: str = field(default_factory=new_id)
    calls: list[Document] = field(default_factory=list)
    has_ended: bool = False

    def add(self, call: Document) -> None:
        """Adds a call, also one that ends after its invocation, in a thread that was left."""
        if self.has_ended or len(self.calls) >= MOST_CALLS:
            self._send(call, self.id)
        else:
            self.calls.append(call)

    def end(self, document: Document) -> None:
        """Sends the invocation's own document, with its calls."""
        self.has_ended = True
        calls = [*document.get("subsegments", ()), *self.calls]
        self._send({**document, "id": self.id, "subsegments": calls}, self.header.parent_id)

    def _send(self, document: Document, parent_id: str) -> None:
        trace_id = self.header.trace_id
        self.daemon.send(
            {**document, "type": "subsegment", "trace_id": trace_id, "parent_id": parent_id}
        )


@dataclass(slots=True)
class Recorder:
    """The running invocation, if its trace is recorded."""

    daemon: Daemon = field(default_factory=Daemon)
    invocation: Invocation | None = None


RECORDER: Final = Recorder()


def begun(name: str) -> Document:
    """A subsegment that begins now."""
    return {"id": new_id(), "name": name, "start_time": time.time()}


def ended(document: Document) -> Document:
    """The subsegment, which ends now."""
    document["end_time"] = time.time()
    return document
