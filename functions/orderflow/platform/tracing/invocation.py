"""The documents of one invocation, made and sent by X-Ray's library.

It is imported by the first invocation that is recorded, and before a snapshot: what is not recorded
does not load the library. The invocation's header decides what is recorded; the library's recorder,
which samples, is not used.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Final

from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter
from aws_xray_sdk.core.exceptions.exceptions import AlreadyEndedException
from aws_xray_sdk.core.models.facade_segment import FacadeSegment
from aws_xray_sdk.core.models.subsegment import Subsegment
from aws_xray_sdk.core.models.trace_header import TraceHeader

from orderflow.platform.tracing.documents import ORDER_ID, ORDER_NAME, name_of

#: So many calls are sent within their invocation's document, which must not exceed 64 kB; further
#: calls are sent one by one.
MOST_CALLS: Final = 40

# The library opens a socket and makes a random number generator when it is imported. A snapshot
# must hold neither.
xray_recorder.emitter = None  # type: ignore[assignment]
xray_recorder.sampler = None  # type: ignore[assignment]


class Invocation:
    """One invocation, and the calls that it sends.

    Args:
        name: the function's.
        header: ``X-Amzn-Trace-Id``, with all of its parts.

    Attributes:
        work: the subsegment of the invocation itself.
    """

    def __init__(self, name: str, header: str) -> None:
        lambdas = TraceHeader.from_header_str(header)
        self._segment = FacadeSegment("Lambda", lambdas.parent, lambdas.root, sampled=True)
        self.work = self.begin(name)
        self.work.parent_id = self._segment.id

    def begin(self, name: str, namespace: str = "") -> Subsegment:
        """A subsegment that begins now; calls are of the namespace ``aws`` or ``remote``."""
        return Subsegment(name_of(name), namespace, self._segment)

    def end_call(self, call: Subsegment) -> None:
        """Ends a call, also one that ends after its invocation, in a thread that was left."""
        call.close()
        with suppress(AlreadyEndedException):
            if len(self.work.subsegments) < MOST_CALLS:
                self.work.add_subsegment(call)
                return
        call.parent_id = self.work.id
        emitter().send_entity(call)

    def end(self, orders: list[str]) -> None:
        """Ends the invocation, which concerned these orders, and sends it with its calls."""
        if len(orders) == 1:
            self.work.put_annotation(ORDER_ID, orders[0])
        else:
            self._name_each(orders)
        self.work.close()
        emitter().send_entity(self.work)

    def _name_each(self, orders: list[str]) -> None:
        """Names each order on a subsegment: a key of annotations has one value."""
        for each in orders:
            named = self.begin(ORDER_NAME)
            named.start_time = self.work.start_time
            named.put_annotation(ORDER_ID, each)
            named.close()
            self.work.add_subsegment(named)


@cache
def emitter() -> UDPEmitter:
    """Sends to the daemon that the environment names; the first use opens the socket."""
    return UDPEmitter()
