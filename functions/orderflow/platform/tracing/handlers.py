"""The decorator of handlers."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from orderflow.errors import BusinessRefusalError
from orderflow.platform.tracing.daemon import announce
from orderflow.platform.tracing.documents import (
    ORDER_ID,
    ORDER_NAME,
    Document,
    TraceHeader,
    mark_exception,
    name_of,
    new_id,
)
from orderflow.platform.tracing.order_ids import order_ids
from orderflow.platform.tracing.outgoing import record_aws_calls
from orderflow.platform.tracing.recorder import RECORDER, Invocation, begun, ended

_Handler = TypeVar("_Handler", bound=Callable[..., Any])


def traced(handler: _Handler) -> _Handler:
    """Records each invocation of the handler whose trace Lambda records.

    The orders that its event or its result names become annotations. A refusal that concerns the
    customer is an error of the request, any other exception a fault.
    """
    announce()
    record_aws_calls()

    @wraps(handler)
    def run(event: Any, context: Any) -> Any:
        header = TraceHeader.read(os.environ.get("_X_AMZN_TRACE_ID", ""))
        if header is None or not header.sampled:
            return handler(event, context)
        return _recorded(header, handler, event, context)

    return run  # type: ignore[return-value]


def _recorded(header: TraceHeader, handler: Callable[..., Any], event: Any, context: Any) -> Any:
    invocation = RECORDER.invocation = Invocation(header, RECORDER.daemon)
    document = begun(name_of(os.environ.get("POWERTOOLS_SERVICE_NAME", "function")))
    result = None
    try:
        result = handler(event, context)
    except Exception as error:
        refused = isinstance(error, BusinessRefusalError)
        mark_exception(document, error, flag="error" if refused else "fault")
        raise
    finally:
        RECORDER.invocation = None
        ended(document)
        _annotate(document, order_ids(event, result))
        invocation.end(document)
    return result


def _annotate(document: Document, orders: list[str]) -> None:
    """Names the order; where there are several, each on a subsegment: a key has one value."""
    if len(orders) == 1:
        document["annotations"] = {ORDER_ID: orders[0]}
        return
    document["subsegments"] = [
        {
            "id": new_id(),
            "name": ORDER_NAME,
            "start_time": document["start_time"],
            "end_time": document["end_time"],
            "annotations": {ORDER_ID: each},
        }
        for each in orders
    ]
