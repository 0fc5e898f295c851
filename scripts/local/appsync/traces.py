"""Where traces begin: AppSync makes a segment of each request, and hands the trace on.

https://docs.aws.amazon.com/appsync/latest/devguide/x-ray-tracing.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from orderflow.platform.tracing import Document, TraceHeader
from scripts.local.traces.sampling import new_trace


@dataclass(frozen=True)
class Tracing:
    """Begins traces.

    Attributes:
        rate: the part of the requests whose trace is recorded.
        send: sends a segment document.
    """

    rate: float
    send: Callable[[Document], None]

    @contextmanager
    def request(self, host: str) -> Iterator[TraceHeader]:
        """One request to the API of this host, with the header for what it calls."""
        header = new_trace(self.rate)
        started = time.time()
        fault = {"fault": True}
        try:
            yield header
            fault = {}
        finally:
            if header.sampled:
                self.send(
                    {
                        "id": header.parent_id,
                        "trace_id": header.trace_id,
                        "name": host,
                        "origin": "AWS::AppSync::GraphQLAPI",
                        "start_time": started,
                        "end_time": time.time(),
                        **fault,
                    }
                )


def no_traces() -> Tracing:
    """Records none."""
    return Tracing(0, lambda _: None)
