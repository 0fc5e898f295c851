"""The front door's connections to the emulator."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scripts.local.appsync.emulator_api import Answer, EmulatorUnreachableError, HttpEmulator

HEADERS = {"host": "api1.appsync-api.eu-west-1.amazonaws.com", "authorization": "signed"}


class Server(ThreadingHTTPServer):
    """Notes requests, and answers with status 418."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """Keeps its connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        assert isinstance(self.server, Server)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        named = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.path, named, body))
        self.send_response(418)
        self.send_header("content-type", "text/tea")
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"\x1f\x8btea"[:4])

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def send(base_url: str, *paths: str) -> list[Answer]:
    async def run() -> list[Answer]:
        async with HttpEmulator(base_url) as emulator:
            return [await emulator.send("POST", path, HEADERS, b"{}") for path in paths]

    return asyncio.run(run())


def test_requests_have_their_own_headers_alone_and_answers_come_as_they_are(
    server: Server,
) -> None:
    answers = send(f"http://127.0.0.1:{server.server_port}", "/graphql", "/a%2Fb?c=%41")

    assert answers == [Answer(418, b"\x1f\x8bte", "text/tea")] * 2
    assert [path for path, _, _ in server.requests] == ["/graphql", "/a%2Fb?c=%41"]
    for _, headers, body in server.requests:
        assert headers == {**HEADERS, "content-length": "2"}
        assert body == b"{}"


def test_an_emulator_that_can_not_be_reached_is_an_error_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(EmulatorUnreachableError, match="ClientConnectorError"):
        send(address, "/graphql")
