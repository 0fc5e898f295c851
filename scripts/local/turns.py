"""The sequence of the emulator's invocations where more come at once than a machine can serve.

On AWS each function gets as many environments as it needs, and the processors with them. Here a
hundred lists that are sent at once would start a hundred workers, and the orders that were accepted
first would take the processors from the lists that are not accepted yet. So few invocations of each
of two kinds run at a time, those of the API's resolvers and those of the workflow, each kind in the
sequence of its arrival; while resolvers wait, the workflow's invocations do, too.

None is refused. An invocation that takes long waits for something else than a processor, so it
soon counts no more, and a resolver's queue holds up the workflow for seconds at most: whatever
calls whatever, all go on.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from ministack.services import appsync, stepfunctions  # type: ignore[import-untyped]

#: Invocations of each kind at a time, for each processor.
A_PROCESSOR: Final = 4

#: An invocation counts for so long.
COUNTED_SECONDS: Final = 0.5

#: Resolvers that wait hold up an invocation of the workflow for so long.
YIELDED_SECONDS: Final = 2.0

_LOOK_SECONDS: Final = 0.1

Invoke = Callable[..., Any]


def install() -> None:
    """Lets the invocations of AppSync's resolvers and of executions take turns."""
    most = A_PROCESSOR * (os.cpu_count() or 1)
    resolvers = Turns(most)
    workflow = Turns(most, first=resolvers)
    appsync._invoke_lambda_with_event = resolvers.taking(appsync._invoke_lambda_with_event)
    stepfunctions._call_lambda = workflow.taking(stepfunctions._call_lambda)


class Turns:
    """The turns of one kind of invocation.

    Args:
        most: how many run at a time, of those that have just begun.
        first: a kind that goes first.
        counted: how long each counts, in seconds.
        yielded: how long the first of those that wait lets the other kind go first, in seconds.
    """

    def __init__(
        self,
        most: int,
        first: Turns | None = None,
        counted: float = COUNTED_SECONDS,
        yielded: float = YIELDED_SECONDS,
    ) -> None:
        self._most = most
        self._first = first
        self._counted = counted
        self._yielded = yielded
        self._waiting: deque[threading.Event] = deque()
        self._running: dict[threading.Event, float] = {}
        # What one kind does may let the other begin.
        self._lock: threading.Lock = first._lock if first else threading.Lock()
        self._kinds: list[Turns] = [*(first._kinds if first else ()), self]
        if first:
            first._kinds = self._kinds

    def taking(self, invoke: Invoke) -> Invoke:
        """``invoke``, which waits for its turn."""

        def invoke_in_turn(*args: Any, **named: Any) -> Any:
            with self.turn():
                return invoke(*args, **named)

        return invoke_in_turn

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for a turn, which ends with the block."""
        mine = threading.Event()
        with self._lock:
            self._waiting.append(mine)
        since = time.monotonic()
        while not self._begin(mine, since):
            # Only the first of those that wait looks at the time.
            mine.wait(_LOOK_SECONDS if self._waiting[0] is mine else None)
        try:
            yield
        finally:
            with self._lock:
                del self._running[mine]
                self._wake_next()

    def _begin(self, mine: threading.Event, since: float) -> bool:
        with self._lock:
            mine.clear()
            if self._waiting[0] is not mine or not self._may_begin(since):
                return False
            self._running[self._waiting.popleft()] = time.monotonic()
            self._wake_next()
            return True

    def _may_begin(self, since: float) -> bool:
        now = time.monotonic()
        if sum(now - began < self._counted for began in self._running.values()) >= self._most:
            return False
        yields = self._first is not None and self._first._waiting
        return not yields or now - since >= self._yielded

    def _wake_next(self) -> None:
        for kind in self._kinds:
            if kind._waiting:
                kind._waiting[0].set()
