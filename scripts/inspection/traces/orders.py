"""The traces that X-Ray has of an order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from orderflow.orders.model import Order
from orderflow.platform.tracing import ORDER_ID
from scripts.cli.deployment import Deployment
from scripts.inspection.reading import Reading
from scripts.inspection.traces.spans import Span, tree, utc_text

#: X-Ray answers a question about so much time at once.
_WINDOW: Final = timedelta(hours=6)
#: The API's work begins before an order's first change, the last function ends after the last one.
_BEFORE: Final = timedelta(minutes=5)
_AFTER: Final = timedelta(minutes=15)

#: BatchGetTraces takes so many.
_BATCH: Final = 5
MOST_TRACES: Final = 40

_TRACE_ID: Final = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")


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
            "startedAt": utc_text(self.started),
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
