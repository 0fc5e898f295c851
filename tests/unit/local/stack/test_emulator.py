"""The emulator of AWS, as the local stack starts it."""

from __future__ import annotations

import gc
import runpy
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import StreamRequestHandler
from types import ModuleType
from typing import Any

import pytest
from graphql import GraphQLError
from ministack.core import appsync_graphql
from ministack.services import eventbridge

from scripts.local.stack import emulator


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the emulator's process replaces stays as it is in this one."""
    for each in [*vars(emulator).values()]:
        if isinstance(each, ModuleType) and hasattr(each, "install"):
            monkeypatch.setattr(each, "install", lambda: None)
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)


def test_its_answers_are_sent_before_their_head_is_acknowledged(
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
    monkeypatch.setattr(emulator, "divide_rates", lambda _: None)

    emulator.main()

    assert served == [1]


class RefusalError(Exception):
    """What a resolver's ``util.error`` becomes."""

    error_type = "TooManyOrders"

    def __init__(self, error_info: dict[str, Any] | None) -> None:
        super().__init__("Please wait.")
        self.error_info = error_info


@pytest.mark.parametrize(
    ("info", "more"),
    [
        ({"retryAfterSeconds": 42}, {"errorInfo": {"retryAfterSeconds": 42}}),
        (None, {}),
    ],
)
def test_errors_have_the_info_of_their_resolver(
    info: dict[str, Any] | None, more: dict[str, Any]
) -> None:
    as_errors = emulator.with_error_info(appsync_graphql._as_appsync_errors)

    (entry,) = as_errors([GraphQLError("Please wait.", original_error=RefusalError(info))])

    assert entry == {"message": "Please wait.", "errorType": "TooManyOrders", **more}


def test_without_errors_there_are_none() -> None:
    as_errors = emulator.with_error_info(appsync_graphql._as_appsync_errors)

    assert as_errors(None) == []


@pytest.mark.parametrize(("factor", "rate", "tick"), [(1, 300, 10), (60, 5, 1), (14_400, 1, 1)])
def test_the_rates_of_schedules_are_divided_but_not_below_a_second(
    monkeypatch: pytest.MonkeyPatch, factor: float, rate: float, tick: float
) -> None:
    monkeypatch.setattr(eventbridge, "_parse_rate_seconds", eventbridge._parse_rate_seconds)
    monkeypatch.setattr(eventbridge, "_SCHEDULER_TICK_INTERVAL", 10)

    emulator.divide_rates(factor)

    assert eventbridge._parse_rate_seconds("rate(5 minutes)") == rate
    assert eventbridge._parse_rate_seconds("cron(0 12 * * ? *)") is None
    assert tick == eventbridge._SCHEDULER_TICK_INTERVAL
