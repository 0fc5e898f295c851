"""X-Ray's API for reading traces, as far as ``orders trace`` and the console use it.

``GetTraceSummaries`` by an annotation, and ``BatchGetTraces``. Clients read the answers by the
service's model. https://docs.aws.amazon.com/xray/latest/api/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orderflow.platform.tracing import Document
from scripts.local.stand_ins.faults import health
from scripts.local.traces.receiver import Receiver
from scripts.local.traces.store import SegmentStore, compiled

_FILTER: Final = re.compile(r'annotation\.(\w+) = "([^"\\]+)"')

#: BatchGetTraces takes so many.
MOST_TRACES: Final = 5


class _Summaries(BaseModel):
    start: float = Field(alias="StartTime")
    end: float = Field(alias="EndTime")
    expression: str = Field(alias="FilterExpression")


class _Traces(BaseModel):
    ids: list[str] = Field(alias="TraceIds", max_length=MOST_TRACES)


class XrayStandIn:
    """Answers from the documents that have arrived."""

    def __init__(self) -> None:
        self._store = SegmentStore()

    def receive(self) -> str:
        """Receives documents from now on; returns the daemon's address, ``HOST:PORT``."""
        return Receiver(self._store).address

    def put(self, document: Document) -> None:
        """Takes a document of this process."""
        self._store.add(json.dumps(document, separators=(",", ":")).encode())

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        return Starlette(
            routes=[
                Route("/TraceSummaries", self._summaries, methods=["POST"]),
                Route("/Traces", self._traces, methods=["POST"]),
                Route("/_admin/health", health),
            ]
        )

    async def _summaries(self, request: Request) -> Response:
        try:
            asked = _Summaries.model_validate_json(await request.body())
        except ValidationError as error:
            return _invalid(str(error))
        wanted = _FILTER.fullmatch(asked.expression)
        if wanted is None:
            return _invalid('The only filter served here is: annotation.KEY = "VALUE".')
        key, value = wanted.groups()
        ids = {
            each["trace_id"]: None
            for each in self._store.containing(value)
            if (key, value) in _annotations(each) and each["start_time"] <= asked.end
            if each.get("end_time", asked.end) >= asked.start
        }
        summaries = [_summary(trace_id, self._segments(trace_id)) for trace_id in ids]
        return JSONResponse({"TraceSummaries": summaries, "TracesProcessedCount": len(summaries)})

    async def _traces(self, request: Request) -> Response:
        try:
            asked = _Traces.model_validate_json(await request.body())
        except ValidationError as error:
            return _invalid(str(error))
        found = {trace_id: self._segments(trace_id) for trace_id in asked.ids}
        return JSONResponse(
            {
                "Traces": [_trace(name, segments) for name, segments in found.items() if segments],
                "UnprocessedTraceIds": [],
            }
        )

    def _segments(self, trace_id: str) -> list[Document]:
        return compiled(
            each for each in self._store.containing(trace_id) if each["trace_id"] == trace_id
        )


def _annotations(document: Document) -> Iterator[tuple[str, Any]]:
    yield from document.get("annotations", {}).items()
    for each in document.get("subsegments", ()):
        yield from _annotations(each)


def _summary(trace_id: str, segments: list[Document]) -> dict[str, Any]:
    flags = ("fault", "error", "throttle")
    return {
        "Id": trace_id,
        "Duration": _duration(segments),
        **{f"Has{flag.title()}": any(each.get(flag) for each in segments) for flag in flags},
        "IsPartial": any(each.get("in_progress") for each in segments),
    }


def _trace(trace_id: str, segments: list[Document]) -> dict[str, Any]:
    return {
        "Id": trace_id,
        "Duration": _duration(segments),
        "LimitExceeded": False,
        "Segments": [{"Id": each["id"], "Document": json.dumps(each)} for each in segments],
    }


def _duration(segments: list[Document]) -> float:
    starts = [float(each["start_time"]) for each in segments]
    ends = [float(each.get("end_time") or each["start_time"]) for each in segments]
    return round(max(ends) - min(starts), 3)


def _invalid(message: str) -> Response:
    return JSONResponse(
        {"Message": message},
        HTTPStatus.BAD_REQUEST,
        headers={"x-amzn-ErrorType": "InvalidRequestException"},
    )
