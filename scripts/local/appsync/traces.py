"""Where traces begin: AppSync makes a segment of each request, and hands the trace on.

https://docs.aws.amazon.com/appsync/latest/devguide/x-ray-tracing.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.trace_header import TraceHeader

from scripts.local.traces.segments import header_below, segment


@dataclass(frozen=True)
class Tracing:
    """Begins traces.

    Attributes:
        rate: the part of the requests whose trace is recorded.
        send: sends a segment.
    """

    rate: float
    send: Callable[[Segment], None]

    @contextmanager
    def request(self, host: str) -> Iterator[TraceHeader]:
        """One request to the API of this host, with the header for what it calls."""
        header = header_below(None, self.rate)
        began = segment(header, None, host, "AWS::AppSync::GraphQLAPI")
        try:
            yield header
        except BaseException:
            began.add_fault_flag()
            raise
        finally:
            began.close()
            if header.sampled:
                self.send(began)


def no_traces() -> Tracing:
    """Records none."""
    return Tracing(0, lambda _: None)
