"""The processes in which MiniStack runs resolvers' JavaScript, with less work for each call.

- It starts a thread for each answer, so that one that does not come ends in time. Here the caller
  waits with that limit itself.
- It keeps few processes while they are idle, and ends each after a thousand calls, which is some
  fifty orders. A start takes as much work as a hundred calls.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from typing import Any, Final

from ministack.core import appsync_js, node_pool  # type: ignore[import-untyped]

#: Processes that are kept while they are idle.
IDLE: Final = 8

#: Calls that a process serves before another takes its place.
CALLS: Final = 50_000

_CHUNK: Final = 1 << 16


def install() -> None:
    """Replaces MiniStack's processes."""
    node_pool._Worker = Resolvers
    appsync_js._pool.max_idle = IDLE
    appsync_js._pool.recycle_after = CALLS


class Resolvers(node_pool._Worker):  # type: ignore[misc]
    """One process, which serves one call at a time."""

    def call(self, request: Any, timeout: float) -> Any:
        """What the process answers.

        Raises:
            NodeWorkerTimeout: it did not answer within so many seconds, and was ended.
            NodeWorkerError: it could not be started, or ended.
        """
        line = json.dumps(request) + "\n"
        with self._lock:
            self.evals += 1
            try:
                process = self._ensure()
                process.stdin.write(line)
                process.stdin.flush()
            except FileNotFoundError as error:
                raise node_pool.NodeWorkerError("no node on PATH", "missing_node") from error
            except OSError as error:
                self._proc = None
                raise node_pool.NodeWorkerError(str(error), "io_error", str(error)) from error
            return json.loads(self._answer(process, timeout))

    def _answer(self, process: subprocess.Popen[str], timeout: float) -> bytes:
        try:
            answer = read_line(process.stdout.fileno(), timeout)  # type: ignore[union-attr]
        except TimeoutError as error:
            node_pool._terminate(self._take_proc())
            raise node_pool.NodeWorkerTimeout(f"no answer within {timeout:g} s") from error
        if not answer:
            self._proc = None
            raise node_pool.NodeWorkerError("node ended without an answer", "closed")
        return answer


def read_line(descriptor: int, seconds: float) -> bytes:
    """The only line that comes; empty where the other side has closed before its end.

    Raises:
        TimeoutError: it has not come within so many seconds.
    """
    deadline = time.monotonic() + seconds
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    line = b""
    while not line.endswith(b"\n"):
        if not ready.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError
        chunk = os.read(descriptor, _CHUNK)
        if not chunk:
            return b""
        line += chunk
    return line
