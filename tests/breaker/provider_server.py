"""A provider on this machine that counts its calls and answers when the test says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

from orderflow.errors import PaystackUnavailable

_CALLERS = 100


class ProviderServer:
    """``calls`` is the number of calls so far; they wait until ``answers`` is set."""

    def __init__(self) -> None:
        self.url = ""
        self.calls = 0
        self.status = 200
        self.answers = threading.Event()
        self._lock = threading.Lock()

    def take_call(self) -> int:
        """The status to answer with."""
        with self._lock:
            self.calls += 1
        self.answers.wait()
        return self.status


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = _CALLERS


@contextmanager
def run_provider() -> Iterator[ProviderServer]:
    """Serve until the block ends."""
    provider = ProviderServer()
    server = _Server(("127.0.0.1", 0), _handler(provider))
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        provider.answers.set()
        server.shutdown()
        thread.join()
        server.server_close()


def call_provider(url: str, pool: urllib3.PoolManager) -> None:
    """One call.

    Raises:
        PaystackUnavailable: the provider fails.
    """
    response = pool.request("GET", url, retries=False)
    if response.status != 200:
        raise PaystackUnavailable(f"status {response.status}")


def _handler(provider: ProviderServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(provider.take_call())
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing: calls are counted."""

    return Handler
