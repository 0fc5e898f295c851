"""Segment documents: their ids, their flags, and the header that leads from one to the next."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

#: A segment or subsegment, as X-Ray reads it.
Document = dict[str, Any]

#: The annotation with an order's id, by which an order's traces are found.
ORDER_ID: Final = "order_id"

#: The name of subsegments that only carry that annotation.
ORDER_NAME: Final = "order"

_LONGEST_NAME: Final = 200
_LONGEST_TEXT: Final = 250

#: What names may hold, of ASCII; https://docs.aws.amazon.com/xray/latest/devguide/
#: xray-api-segmentdocuments.html#api-segmentdocuments-fields.
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9 _.:/%&#=+\\@-]")
_NOT_PRINTABLE: Final = re.compile(r"[^!-~]")

_HEADER: Final = re.compile(
    r"(?=.*Root=(1-[0-9a-f]{8}-[0-9a-f]{24}))(?=.*Parent=([0-9a-f]{16}))(?=.*Sampled=([01]))"
)


@dataclass(frozen=True, slots=True)
class TraceHeader:
    """What a request says of its trace (``X-Amzn-Trace-Id``).

    Attributes:
        trace_id: of the trace.
        parent_id: of the segment that the request was sent from.
        sampled: whether the trace is recorded.
    """

    trace_id: str
    parent_id: str
    sampled: bool = True

    @classmethod
    def read(cls, text: str) -> TraceHeader | None:
        """The header's parts, in whatever order; None where one is missing or malformed."""
        found = _HEADER.match(text)
        return cls(found[1], found[2], found[3] == "1") if found else None

    def __str__(self) -> str:
        return f"Root={self.trace_id};Parent={self.parent_id};Sampled={int(self.sampled)}"


def new_id() -> str:
    """An id for a segment: 64 random bits, in hexadecimal digits."""
    return os.urandom(8).hex()


def new_trace_id() -> str:
    """An id for a trace: the time and 96 random bits."""
    return f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"


def name_of(text: str) -> str:
    """The text as a segment's name."""
    return _NOT_IN_NAMES.sub("_", text)[:_LONGEST_NAME] or "_"


def short(text: object) -> str:
    """The text as a field: printable ASCII without spaces, and no longer than X-Ray allows."""
    return _NOT_PRINTABLE.sub("_", str(text))[:_LONGEST_TEXT]


def mark_status(document: Document, status: int, *, throttled: bool = False) -> None:
    """Adds an answer's HTTP status, and the flags that follow from it."""
    document["http"] = {**document.get("http", {}), "response": {"status": status}}
    if throttled or status == HTTPStatus.TOO_MANY_REQUESTS:
        document["throttle"] = document["error"] = True
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        document["fault"] = True
    elif status >= HTTPStatus.BAD_REQUEST:
        document["error"] = True


def mark_exception(document: Document, error: BaseException, *, flag: str = "fault") -> None:
    """Adds a flag and the error's class. Its message may hold personal data, and stays out."""
    document[flag] = True
    document["cause"] = {"exceptions": [{"id": new_id(), "type": short(type(error).__name__)}]}
