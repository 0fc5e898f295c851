"""What waits for an invocation's answer does not poll, and requests are read as they were sent."""

from __future__ import annotations

import http.client
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from scripts.local.snapshots import workers
from scripts.local.snapshots.workers import Answer, reading_requests

FOR_LONG = 3600.0
PATIENCE_SECONDS = 30
#: As MiniStack waits, twenty times a second.
SLICE = 0.05


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_LOOK_SECONDS", FOR_LONG)


def waiting_for(answer: Answer) -> tuple[threading.Thread, list[bool]]:
    """A thread that waits for the answer once, and what it has seen."""
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(answer.wait(SLICE)), daemon=True)
    thread.start()
    return thread, seen


@pytest.mark.parametrize("answered", [True, False])
def test_an_answer_and_an_end_wake_up_what_waits(answered: bool) -> None:
    answer = Answer(FOR_LONG)
    answer.clear()
    thread, seen = waiting_for(answer)
    thread.join(2 * SLICE)
    assert thread.is_alive(), "it polls"

    answer.set() if answered else answer.end()

    thread.join(PATIENCE_SECONDS)
    assert seen == [answered]


def test_the_time_limit_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer(0.0)
    answer.clear()

    assert not answer.wait(0.0)
    assert not answer.wait(SLICE)


def test_after_an_end_waits_are_as_short_as_they_are_asked_for() -> None:
    answer = Answer(FOR_LONG)
    answer.clear()
    answer.end()

    assert not answer.wait(SLICE)
    answer.set()
    assert answer.wait(SLICE)


def test_the_next_invocation_waits_for_its_own_answer() -> None:
    answer = Answer(FOR_LONG)
    answer.end()
    answer.set()
    answer.clear()

    thread, seen = waiting_for(answer)
    thread.join(2 * SLICE)
    assert thread.is_alive()
    answer.set()
    thread.join(PATIENCE_SECONDS)
    assert seen == [True]


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = f"{self.command} {self.path} {self.headers.get('x-said', 'nothing')} "
        self.send_response(200)
        self.send_header("Content-Length", str(len(said) + len(body)))
        self.end_headers()
        self.wfile.write(said.encode("latin-1") + body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def connection() -> Iterator[http.client.HTTPConnection]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), reading_requests(Echo))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    client = http.client.HTTPConnection(*server.server_address[:2], timeout=PATIENCE_SECONDS)
    yield client
    client.close()
    server.shutdown()
    server.server_close()


def test_one_connection_serves_several_requests(connection: http.client.HTTPConnection) -> None:
    for said, body in (("a: b", b"first"), ("", b""), ("é", b"last")):
        connection.request("POST", "/path?x=1", body, {"X-Said": said})
        answer = connection.getresponse()
        assert answer.read().decode("latin-1") == f"POST /path?x=1 {said} {body.decode()}"


def test_a_client_that_expects_to_go_on_is_told_so(connection: http.client.HTTPConnection) -> None:
    headers = {"Expect": "100-continue", "Connection": "close"}
    connection.request("POST", "/", b"body", headers)

    assert connection.getresponse().read() == b"POST / nothing body"


def test_a_connection_ends_when_its_client_says_so(connection: http.client.HTTPConnection) -> None:
    connection.auto_open = 0
    connection.connect()
    connection.request("POST", "/", b"", {"Connection": "close"})
    connection.getresponse().read()

    with pytest.raises((http.client.NotConnected, ConnectionError)):
        ask_again(connection)


def ask_again(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/", b"")
    connection.getresponse()
