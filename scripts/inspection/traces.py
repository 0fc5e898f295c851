"""An order's traces, as X-Ray has them: which parts of the system worked for it, and how long."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from orderflow.clock import iso
from orderflow.orders.model import Order
from orderflow.platform.tracing import ORDER_ID, ORDER_NAME, Document
from scripts.cli.deployment import Deployment
from scripts.inspection.reading import Reading

#: X-Ray answers a question about so much time at once.
_WINDOW: Final = timedelta(hours=6)
#: The API's work begins before an order's first change, the last function ends after the last one.
_BEFORE: Final = timedelta(minutes=5)
_AFTER: Final = timedelta(minutes=15)

#: BatchGetTraces takes so many.
_BATCH: Final = 5
MOST_TRACES: Final = 40

_TRACE_ID: Final = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")

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
            "startedAt": _moment(self.started),
            "seconds": None if self.ended is None else round(self.ended - self.started, 4),
            "outcome": self.outcome,
            "what": self.what,
            "orders": [*self.orders],
        }


@dataclass(frozen=True)
class Trace:
    """One trace; ``spans`` are in the order of the tree, each below its caller."""

    id: str
    spans: list[Span] = field(default_factory=list)
    link: str | None = None

    @property
    def started(self) -> float:
        """Epoch seconds."""
        return min(each.started for each in self.spans)

    @property
    def seconds(self) -> float:
        """From its first beginning to its last end so far."""
        return max(each.ended or each.started for each in self.spans) - self.started

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json`` and for the console; ``offset`` is from the trace's begin."""
        return {
            "id": self.id,
            "link": self.link,
            "startedAt": _moment(self.started),
            "seconds": round(self.seconds, 4),
            "spans": [
                {**each.as_json(), "offset": round(each.started - self.started, 4)}
                for each in self.spans
            ],
        }


def order_traces(deployment: Deployment, order: Order, reading: Reading) -> list[Trace]:
    """The traces that are annotated with the order's id, the oldest first.

    X-Ray is asked about the times of the order's changes.

    Args:
        deployment: the stage.
        order: the order.
        reading: notes what was left unread.
    """
    xray = deployment.client("xray")
    found = dict.fromkeys(_ids(xray, order))
    ids = [*reading.bounded(found, MOST_TRACES, "traces")]
    batches = (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
    pages = (page for ids in batches for page in _pages(xray, "batch_get_traces", TraceIds=ids))
    traces = [
        Trace(each["Id"], spans, trace_link(deployment, each["Id"]))
        for page in pages
        for each in page["Traces"]
        if (spans := [*tree(json.loads(segment["Document"]) for segment in each["Segments"])])
    ]
    return sorted(traces, key=lambda trace: trace.started)


def is_trace_id(text: str) -> bool:
    """Whether it is a trace's id; requests without a trace have another one."""
    return _TRACE_ID.fullmatch(text) is not None


def trace_link(deployment: Deployment, trace_id: str) -> str | None:
    """The trace's page in the AWS console; None on this machine."""
    if deployment.urls is not None:
        return None
    region = deployment.region
    return (
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#xray:traces/{trace_id}"
    )


def _ids(xray: Any, order: Order) -> Iterator[str]:
    for start, end in windows([order.created_at, *(change.at for change in order.history)]):
        asked = {
            "StartTime": start,
            "EndTime": end,
            "TimeRangeType": "Event",
            "FilterExpression": f'annotation.{ORDER_ID} = "{order.order_id}"',
        }
        for page in _pages(xray, "get_trace_summaries", **asked):
            yield from (str(each["Id"]) for each in page["TraceSummaries"])


def _pages(xray: Any, operation: str, **asked: Any) -> Iterator[dict[str, Any]]:
    yield from xray.get_paginator(operation).paginate(**asked)


def windows(moments: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Spans of time around the moments, apart from each other, none longer than six hours."""
    start = end = None
    for moment in sorted(moments):
        if start is None or end is None:
            start, end = moment - _BEFORE, moment + _AFTER
        elif moment + _AFTER - start <= _WINDOW:
            end = moment + _AFTER
        else:
            yield start, end
            start, end = max(end, moment - _BEFORE), moment + _AFTER
    if start is not None and end is not None:
        yield start, end


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


def _moment(seconds: float) -> str:
    return iso(datetime.fromtimestamp(seconds, UTC))
