"""Traces (AWS X-Ray): a subsegment for each invocation, and one in it for each call of a service.

Lambda makes the segment of an invocation itself. What is recorded here is sent to X-Ray's daemon
when the invocation ends, in one datagram: the function, the order's id as the annotation
``order_id``, and each call of AWS, PayStack and the API with its operation, its status and whether
it failed. Nothing of a request's or an answer's content is recorded, and of an error its class
alone, so that no personal data and no key can get into a trace.

Sources: the documents' format,
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html; the daemon's,
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon.
"""

from orderflow.platform.tracing.daemon import ADDRESS_VARIABLE, Daemon
from orderflow.platform.tracing.documents import (
    ORDER_ID,
    ORDER_NAME,
    Document,
    TraceHeader,
    new_id,
    new_trace_id,
)
from orderflow.platform.tracing.handlers import traced
from orderflow.platform.tracing.outgoing import TracedSession, outgoing_call

__all__ = [
    "ADDRESS_VARIABLE",
    "ORDER_ID",
    "ORDER_NAME",
    "Daemon",
    "Document",
    "TraceHeader",
    "TracedSession",
    "new_id",
    "new_trace_id",
    "outgoing_call",
    "traced",
]
