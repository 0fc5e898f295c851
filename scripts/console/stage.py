"""A stage for the console: its clients are kept, and each view counts what it reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field, fields
from threading import Lock
from typing import Any, Final, Self, TypeVar

from scripts.cli.deployment import Deployment

#: So many requests of one view are under way at once.
_PARALLEL: Final = 8

#: Where answers have what was read of a store or a log.
_LISTS: Final = ("Items", "events", "executions", "messages", "MetricDataResults", "Messages")

T = TypeVar("T")


@dataclass
class Reads:
    """What one view reads: calls of AWS, and the records in their answers.

    ``limits`` names what was left unread, for the reader of the view.
    """

    requests: int = 0
    records: int = 0
    limits: list[str] = field(default_factory=list)
    _lock: Any = field(default_factory=Lock, repr=False)
    _started: float = field(default_factory=time.monotonic, repr=False)

    def add(self, answer: dict[str, Any]) -> None:
        """Count one call with its answer."""
        with self._lock:
            self.requests += 1
            self.records += _records(answer)

    def as_json(self) -> dict[str, Any]:
        """For the page; the time is in seconds."""
        return {
            "requests": self.requests,
            "records": self.records,
            "seconds": round(time.monotonic() - self._started, 3),
            "limits": self.limits,
        }


_READS: Final[ContextVar[Reads | None]] = ContextVar("reads", default=None)


@contextmanager
def counted_reads() -> Iterator[Reads]:
    """Counts what the block reads through a :class:`ConsoleStage`, also in its threads."""
    reads = Reads()
    token = _READS.set(reads)
    try:
        yield reads
    finally:
        _READS.reset(token)


def _records(answer: dict[str, Any]) -> int:
    if "ScannedCount" in answer:
        return int(answer["ScannedCount"])
    if "Responses" in answer:
        return sum(len(items) for items in answer["Responses"].values())
    return sum(len(answer[name]) for name in _LISTS if name in answer) + ("Item" in answer)


def _meter(client: Any) -> None:
    def count(parsed: dict[str, Any], **_: Any) -> None:
        if reads := _READS.get():
            reads.add(parsed)

    client.meta.events.register("after-call", count)


@dataclass(frozen=True)
class ConsoleStage(Deployment):
    """A stage whose clients live as long as the console."""

    _clients: dict[str, Any] = field(default_factory=dict, repr=False)
    _lock: Any = field(default_factory=Lock, repr=False)

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        """The same stage, for the console."""
        return cls(**{each.name: getattr(deployment, each.name) for each in fields(Deployment)})

    def client(self, service: str) -> Any:
        """The stage's client of this service; it may be used by several threads."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = super().client(service)
                _meter(self._clients[service])
            return self._clients[service]

    def _table(self, output: str) -> Any:
        with self._lock:
            table = super()._table(output)
            _meter(table.meta.client)
            return table


class Parallel:
    """Runs the reads of one view side by side; their sequence does not matter."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="console")

    def run(self, **reads: Callable[[], Any]) -> dict[str, Any]:
        """The results by name; the first error is raised when all have ended."""
        started: dict[str, Future[Any]] = {
            name: self._pool.submit(copy_context().run, read) for name, read in reads.items()
        }
        return {name: future.result() for name, future in started.items()}

    def map(self, act: Callable[[Any], T], items: list[Any]) -> list[T]:
        """The results of ``act`` for each item, in their sequence."""
        futures = [self._pool.submit(copy_context().run, act, item) for item in items]
        return [future.result() for future in futures]
