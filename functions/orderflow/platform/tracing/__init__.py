"""Traces (AWS X-Ray): a subsegment for each invocation, and one in it for each call of a service.

Lambda makes the segment of an invocation itself. What is recorded here is sent to X-Ray's daemon
when the invocation ends, in one datagram: the function, the order's id as the annotation
``order_id``, and each call of AWS, PayStack and the API with its operation, its status and whether
it failed. Nothing of a request's or an answer's content is recorded, and of an error its class
alone, so that no personal data and no key can get into a trace.

X-Ray's library makes and sends the documents. It is imported by the first invocation that is
recorded, and before a snapshot.
"""

from orderflow.platform.tracing.documents import ORDER_ID, ORDER_NAME, Document
from orderflow.platform.tracing.handlers import traced
from orderflow.platform.tracing.outgoing import TracedSession, outgoing_call

__all__ = [
    "ORDER_ID",
    "ORDER_NAME",
    "Document",
    "TracedSession",
    "outgoing_call",
    "traced",
]
