"""The emulator of AWS, as the local stack starts it."""

from __future__ import annotations

import runpy
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import StreamRequestHandler
from typing import Any

import pytest

from scripts.local import emulator


def test_its_answers_are_not_held_back_until_their_head_is_acknowledged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            served.append(self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    def serve(module: str, **_: Any) -> None:
        assert module == "ministack"
        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            address = ("127.0.0.1", server.server_port)
            threading.Thread(target=socket.create_connection, args=(address,)).start()
            server.handle_request()

    monkeypatch.setattr(StreamRequestHandler, "disable_nagle_algorithm", False)
    monkeypatch.setattr(runpy, "run_module", serve)

    emulator.main()

    assert served == [1]
