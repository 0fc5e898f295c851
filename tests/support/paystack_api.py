"""A real HTTP server on a free port of this machine that answers like PayStack's API."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request that reached the server."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    method: str


@dataclass(frozen=True)
class Reply:
    """An answer of the server. ``body`` is JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def initialized(request: Received) -> Reply:
    """PayStack's answer to an accepted transaction."""
    reference = request.body["reference"]
    return Reply(
        body={
            "status": True,
            "message": "Authorization URL created",
            "data": {
                "authorization_url": f"https://checkout.paystack.com/{reference}",
                "access_code": f"access-{reference}",
                "reference": reference,
            },
        }
    )


def verified(reference: str, **changes: Any) -> Reply:
    """PayStack's answer for a paid transaction."""
    data = {
        "id": 4099260516,
        "status": "success",
        "reference": reference,
        "amount": 240100,
        "currency": "NGN",
        "gateway_response": "Successful",
        "paid_at": "2026-01-31T12:04:09.000Z",
        "channel": "card",
        **changes,
    }
    return Reply(body={"status": True, "message": "Verification successful", "data": data})


def refused(status: int, message: str, code: str = "") -> Reply:
    """PayStack's answer to a refused transaction."""
    return Reply(status, {"status": False, "message": message, "code": code})


class PaystackApi:
    """Answers requests with ``answer`` and records them in ``requests``."""

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        """Clear the requests and answer with success."""
        self.requests: list[Received] = []
        self.answer: Callable[[Received], Reply | None] = initialized
        self.silence_ends = threading.Event()

    def always(self, reply: Reply) -> None:
        """Set the answer to every request."""
        self.answer = lambda _: reply

    def then(self, *replies: Reply) -> None:
        """Set the answers to the next requests, one after the other."""
        left = iter(replies)
        self.answer = lambda _: next(left, Reply(500, b"no more answers"))

    def stay_silent(self) -> None:
        """Accept requests without answering them."""
        self.answer = lambda _: None


@contextmanager
def run_paystack_api() -> Iterator[PaystackApi]:
    """Serve until the block ends."""
    api = PaystackApi()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(api))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        api.silence_ends.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(api: PaystackApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._take(self._body())

        def do_GET(self) -> None:
            self._take({})

        def _take(self, body: dict[str, Any]) -> None:
            request = Received(self.path, dict(self.headers), body, self.command)
            api.requests.append(request)
            reply = api.answer(request)
            if reply is None:
                api.silence_ends.wait()
                self.close_connection = True
            else:
                self._send(reply)

        def _body(self) -> dict[str, Any]:
            body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            return body

        def _send(self, reply: Reply) -> None:
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Logs nothing: the requests are recorded."""

    return Handler
