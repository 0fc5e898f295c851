"""A stage for the console: its clients are kept, and each view counts what it reads."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field, fields
from threading import Lock
from typing import Any, ClassVar, Final, Self

from botocore.config import Config

from scripts.cli.deployment import Deployment
from scripts.cli.errors import explain
from scripts.console.unread import Unread, unread_as_json

logger: Final = logging.getLogger(__name__)

#: So many requests of one view are under way at once.
_PARALLEL: Final = 8

#: A view shows what it has read after so many seconds.
PATIENCE_SECONDS: Final = 15.0

#: Functions take longer than other reads.
_SLOW: Final = ("lambda",)

#: Where answers have what was read of a store or a log.
_LISTS: Final = ("Items", "events", "executions", "messages", "MetricDataResults", "Messages")


@dataclass
class Reads:
    """What one view reads: calls of AWS, and the records in their answers.

    ``limits`` names what was left unread, ``unread`` what could not be read, for the reader of the
    view.
    """

    requests: int = 0
    records: int = 0
    limits: list[str] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
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
            "unread": unread_as_json(self.unread),
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

    _calls: ClassVar[Config | None] = Config(
        connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2}
    )
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

    def _client(self, service: str, config: Config | None) -> Any:
        return super()._client(service, None if service in _SLOW else config)

    def _table(self, output: str) -> Any:
        with self._lock:
            table = super()._table(output)
            _meter(table.meta.client)
            return table


class Parallel:
    """Runs the reads of one view side by side; their sequence does not matter.

    Args:
        patience: after so many seconds a view goes without what is not read yet.
    """

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._pool = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="console")
        self._patience = patience

    def run(self, reads: Reads, parts: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
        """The results of the parts that could be read, by name.

        The others are noted in ``reads``, by the words before the colon in their names.
        """
        started = {
            name: self._pool.submit(copy_context().run, part) for name, part in parts.items()
        }
        wait(started.values(), self._patience)
        found: dict[str, Any] = {}
        for name, future in started.items():
            what = name.partition(":")[0]
            if not future.done():
                future.cancel()
                reads.unread.append(Unread.late(what, self._patience))
            elif error := future.exception():
                _report(name, error)
                reads.unread.append(Unread.of(what, error))
            else:
                found[name] = future.result()
        return found


def _report(name: str, error: BaseException) -> None:
    """An error that no command expects is a fault of the console: its terminal gets all of it."""
    if explain(error) is None:
        logger.error("%s could not be read", name, exc_info=error)
