"""Execution environments of the emulator's functions, as it has them but for what polls.

MiniStack's own wake up twenty times a second each, whether anything is to do or not, and search
for log lines for up to 50 ms after each invocation. A few hundred of them take a processor.
"""

from __future__ import annotations

import fcntl
import queue
import select
import socket
import socketserver
import struct
import termios
import threading
import time
from typing import IO, Any, Final

from ministack.core import lambda_runtime  # type: ignore[import-untyped]

_FOR_LONG: Final = 3600.0

#: An environment that ends without closing its output is noticed within so many seconds.
_LOOK_SECONDS: Final = 1.0

#: A worker's output arrives before its answer; it need only be read.
_LOG_SECONDS: Final = 0.25
_POLL_SECONDS: Final = 0.001


class PatientServer(socketserver.ThreadingTCPServer):
    """A server that is woken up to shut down, instead of looking every now and then."""

    def serve_forever(self, poll_interval: float = _FOR_LONG) -> None:  # noqa: ARG002
        """Serves until :meth:`shutdown`, whatever the interval."""
        super().serve_forever(_FOR_LONG)

    def shutdown(self) -> None:
        """Ends :meth:`serve_forever`, and waits until it has ended."""
        ending = threading.Thread(target=super().shutdown)
        ending.start()
        while ending.is_alive():
            socket.create_connection(self.server_address[:2]).close()  # type: ignore[arg-type]
            ending.join(_POLL_SECONDS)


class Inbox(queue.Queue[Any]):
    """The next invocation: what waits for it is woken up by it, or by :meth:`close`."""

    def __init__(self) -> None:
        super().__init__(maxsize=1)
        self._closed = threading.Event()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: FBT001, FBT002, ARG002
        """The next invocation.

        Raises:
            queue.Empty: there is none to come.
        """
        with self.not_empty:
            self.not_empty.wait_for(lambda: self._qsize() or self._closed.is_set())
            if not self._qsize():
                raise queue.Empty
            self.not_full.notify()
            return self._get()

    def close(self) -> None:
        """There is none to come."""
        self._closed.set()
        with self.not_empty:
            self.not_empty.notify_all()


class Answer(threading.Event):
    """An invocation's answer: what waits for it is woken up by it, or by :meth:`end`.

    Args:
        seconds: the function's time limit, which begins with :meth:`clear`.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._until = 0.0
        self._ended = False

    def clear(self) -> None:
        """An invocation begins."""
        self._until = time.monotonic() + self._seconds
        self._ended = False
        super().clear()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the answer, usually for longer than asked for; not beyond the time limit."""
        left = self._until - time.monotonic()
        if timeout is not None and left > timeout and not self._ended:
            timeout = min(left, _LOOK_SECONDS)
        super().wait(timeout)
        return self.is_set()

    def end(self) -> None:
        """There may be none to come: what waits looks at the environment itself."""
        self._ended = True
        with self._cond:  # type: ignore[attr-defined]
            self._cond.notify_all()  # type: ignore[attr-defined]


class Headers(dict[str, str]):
    """A request's headers, whose names are in lower case."""

    def get(self, name: str, default: Any = None) -> Any:
        """The header of this name in any case."""
        return super().get(name.lower(), default)


def reading_requests(handler: Any) -> Any:
    """``handler``, which reads requests itself.

    The standard library reads a request's headers with its parser of e-mails, which takes most of
    the time of an invocation's two requests.
    """

    class RequestReader(handler):  # type: ignore[misc]
        def parse_request(self) -> bool:
            self.requestline = self.raw_requestline.decode("latin-1").rstrip("\r\n")
            self.command, self.path, self.request_version = self.requestline.split(" ")
            self.headers = Headers()
            while line := self.rfile.readline().decode("latin-1").strip():
                name, _, value = line.partition(":")
                self.headers[name.lower()] = value.strip()
            self.close_connection = self.headers.get("connection", "").lower() == "close"
            if self.headers.get("expect", "").lower() == "100-continue":
                self.handle_expect_100()
            return True

    return RequestReader


class LocalWorker(lambda_runtime.ProvidedWorker):  # type: ignore[misc]
    """One execution environment, which waits without polling and names its failed init."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._response_ready = Answer(self.config.get("Timeout", 30))
        self._inbox = Inbox()
        self._reading = threading.Lock()
        self._output: IO[bytes] | None = None

    def _build_handler_class(self, generation: int, _pending: queue.Queue[Any]) -> Any:
        self._inbox = self._pending = Inbox()
        return reading_requests(super()._build_handler_class(generation, self._inbox))

    def _shutdown_server(self) -> None:
        self._inbox.close()
        super()._shutdown_server()

    def _await_init(self, init_timeout: float | None = None) -> None:
        """Raises what the runtime client reported by the name that AWS passes on.

        MiniStack calls each failed init ``Runtime.Unknown``, which no Retry or Catch tells apart.
        """
        try:
            super()._await_init(init_timeout)
        except lambda_runtime.ProvidedInitTimeout:
            raise
        except RuntimeError as error:
            reported = self._init_error or {}
            raise lambda_runtime.ProvidedRuntimeError(
                reported.get("errorMessage", str(error)),
                reported.get("errorType", "Runtime.ExitError"),
            ) from error

    def _pump_output(self, stream: IO[bytes], log_queue: queue.Queue[str]) -> None:
        """Moves the worker's output into the queue, line by line, until it ends."""
        self._output = stream
        rest = b""
        with stream:
            while True:
                select.select([stream], [], [])
                with self._reading:  # from here to the queue nothing is overlooked
                    chunk = stream.raw.read(1 << 16) if hasattr(stream, "raw") else stream.read()
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines if chunk else [rest] if rest else []:
                        _put(log_queue, line.decode(errors="replace").rstrip("\r"))
                if not chunk:
                    self._output = None
                    self._response_ready.end()
                    return

    def _drain_stderr_bounded(self, **_: Any) -> str:
        """What the worker has written so far."""
        deadline = time.monotonic() + _LOG_SECONDS
        while self._has_unread_output() and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        lines = []
        while True:
            try:
                lines.append(self._stderr_queue.get_nowait())
            except queue.Empty:
                return "\n".join(lines)

    def _has_unread_output(self) -> bool:
        with self._reading:
            output = self._output
            if output is None or output.closed:
                return False
            unread = fcntl.ioctl(output, termios.FIONREAD, b"\0" * 4)
            return bool(struct.unpack("i", unread)[0])


def _put(log_queue: queue.Queue[str], line: str) -> None:
    """Appends a line; the oldest is dropped where there are too many."""
    if log_queue.full():
        log_queue.get_nowait()
    log_queue.put_nowait(line)
