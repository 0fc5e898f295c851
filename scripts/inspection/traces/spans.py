"""The parts of a trace: segments and what is nested in them, each below its caller."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from orderflow.clock import iso
from orderflow.platform.tracing import ORDER_ID, ORDER_NAME, Document

_FLAGS: Final = {"fault": "failed", "throttle": "throttled", "error": "error"}


@dataclass(frozen=True)
class Span:
    """One segment or subsegment of a trace.

    Attributes:
        depth: 0 for what nothing in the trace called, one more for each level of calls.
        name: of the function, the service or the API.
        started: epoch seconds; ``ended`` too, None while it runs.
        outcome: ``ok``, ``error``, ``throttled`` or ``failed``.
        what: the operation, the table, the answer's status, the error's class.
        orders: the ids of the orders that it is annotated with.
    """

    depth: int
    name: str
    started: float
    ended: float | None
    outcome: str
    what: str
    orders: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json`` and for the console."""
        return {
            "depth": self.depth,
            "name": self.name,
            "startedAt": utc_text(self.started),
            "seconds": None if self.ended is None else round(self.ended - self.started, 4),
            "outcome": self.outcome,
            "what": self.what,
            "orders": [*self.orders],
        }


def tree(documents: Iterable[Document]) -> Iterator[Span]:
    """The segments with all that is nested in them, each below its caller, in the order of time.

    Subsegments that only name an order are left out: the span above has its id.
    """
    placed = [each for document in documents for each in _flat(document, None)]
    known = {document["id"] for document, _ in placed}
    below: dict[str | None, list[Document]] = {}
    for document, parent in placed:
        below.setdefault(parent if parent in known else None, []).append(document)

    def walk(parent: str | None, depth: int) -> Iterator[Span]:
        for each in sorted(below.get(parent, ()), key=lambda document: document["start_time"]):
            yield _span(each, depth)
            yield from walk(each["id"], depth + 1)

    return walk(None, 0)


def _flat(document: Document, container: str | None) -> Iterator[tuple[Document, str | None]]:
    yield document, container or document.get("parent_id")
    for each in document.get("subsegments", ()):
        if not _only_names_an_order(each):
            yield from _flat(each, document["id"])


def _only_names_an_order(document: Document) -> bool:
    return document["name"] == ORDER_NAME and ORDER_ID in _annotations(document)


def _span(document: Document, depth: int) -> Span:
    outcome = next((words for flag, words in _FLAGS.items() if document.get(flag)), "ok")
    named = [document, *filter(_only_names_an_order, document.get("subsegments", ()))]
    orders = [each["annotations"][ORDER_ID] for each in named if ORDER_ID in _annotations(each)]
    return Span(
        depth=depth,
        name=document["name"],
        started=document["start_time"],
        ended=document.get("end_time"),
        outcome=outcome,
        what=" ".join(map(str, filter(None, _what(document)))),
        orders=tuple(orders),
    )


def _annotations(document: Document) -> dict[str, Any]:
    return document.get("annotations") or {}


def _what(document: Document) -> Iterator[Any]:
    called, http = document.get("aws") or {}, document.get("http") or {}
    request = http.get("request") or {}
    yield from (called.get("operation"), called.get("table_name"))
    yield from (request.get("method"), request.get("url"))
    yield (http.get("response") or {}).get("status")
    cause = document.get("cause")
    if isinstance(cause, dict):
        yield from (each.get("type") for each in cause.get("exceptions", ()))


def utc_text(seconds: float) -> str:
    """Epoch seconds, as texts have them."""
    return iso(datetime.fromtimestamp(seconds, UTC))
