"""The decorator of handlers."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from orderflow.errors import BusinessRefusalError
from orderflow.platform.tracing.documents import add_class_of
from orderflow.platform.tracing.order_ids import order_ids
from orderflow.platform.tracing.outgoing import RUNNING, record_aws_calls

if TYPE_CHECKING:
    from orderflow.platform.tracing.invocation import Invocation

_Handler = TypeVar("_Handler", bound=Callable[..., Any])


def traced(handler: _Handler) -> _Handler:
    """Records each invocation of the handler whose trace Lambda records.

    The orders that its event or its result names become annotations. A refusal that concerns the
    customer is an error of the request, any other exception a fault.
    """
    # The command line imports this module, too, and has no library of hooks.
    from orderflow.platform import snapshots  # noqa: PLC0415

    snapshots.prepare(_invocation_class)
    record_aws_calls()

    @wraps(handler)
    def run(event: Any, context: Any) -> Any:
        header = os.environ.get("_X_AMZN_TRACE_ID", "")
        if all(part in header for part in ("Sampled=1", "Root=", "Parent=")):
            return _recorded(header, handler, event, context)
        return handler(event, context)

    return run  # type: ignore[return-value]


def _invocation_class() -> type[Invocation]:
    """What imports X-Ray's library; what is not recorded must not pay for it."""
    from orderflow.platform.tracing.invocation import Invocation  # noqa: PLC0415

    return Invocation


def _recorded(header: str, handler: Callable[..., Any], event: Any, context: Any) -> Any:
    name = os.environ.get("POWERTOOLS_SERVICE_NAME", "function")
    invocation = RUNNING.invocation = _invocation_class()(name, header)
    result = None
    try:
        result = handler(event, context)
    except Exception as error:
        add_class_of(error, invocation.work)
        if isinstance(error, BusinessRefusalError):
            invocation.work.fault = False
            invocation.work.add_error_flag()
        raise
    finally:
        RUNNING.invocation = None
        invocation.end(order_ids(event, result))
    return result
