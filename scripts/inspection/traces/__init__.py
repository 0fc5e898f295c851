"""An order's traces, as X-Ray has them: which parts of the system worked for it, and how long."""

from scripts.inspection.traces.orders import (
    MOST_TRACES,
    Trace,
    is_trace_id,
    order_traces,
    trace_link,
    windows,
)
from scripts.inspection.traces.spans import Span, tree

__all__ = [
    "MOST_TRACES",
    "Span",
    "Trace",
    "is_trace_id",
    "order_traces",
    "trace_link",
    "tree",
    "windows",
]
