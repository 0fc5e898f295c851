"""The segments that AWS's services make of themselves, as X-Ray's library makes documents."""

import random

from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.trace_header import TraceHeader
from aws_xray_sdk.core.models.traceid import TraceId


def read_header(text: str) -> TraceHeader | None:
    """A request's header (``X-Amzn-Trace-Id``); None where a part of it is missing."""
    header = TraceHeader.from_header_str(text)
    complete = header.root and header.parent and header.sampled in {0, 1}
    return header if complete else None


def header_below(origin: TraceHeader | None, rate: float) -> TraceHeader:
    """The header for what a new segment calls.

    Args:
        origin: the header that it was called with; None begins a trace.
        rate: the part of the traces that begin here which is recorded.
    """
    segment_id = f"{random.getrandbits(64):016x}"  # nosec B311 # no secret
    if origin is not None:
        return TraceHeader(origin.root, segment_id, origin.sampled)
    sampled = random.random() < rate  # noqa: S311  # nosec B311 # no secret depends on it
    return TraceHeader(TraceId().to_id(), segment_id, sampled)


def segment(header: TraceHeader, origin: TraceHeader | None, name: str, kind: str) -> Segment:
    """A segment that begins now.

    Args:
        header: of what it calls; holds its id.
        origin: the header that it was called with, if any.
        name: of the function, the state machine or the API.
        kind: the type of AWS's resource.
    """
    begun = Segment(name, header.parent, header.root, origin.parent if origin else None)
    begun.origin = kind  # type: ignore[attr-defined]
    return begun
