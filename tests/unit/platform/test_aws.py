"""AWS clients: one attempt each, with timeouts below their function's."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse

from orderflow.platform import aws

#: Each client with the shortest timeout of its functions, in seconds.
CLIENTS: list[tuple[Callable[[], Any], int]] = [
    (lambda: aws.table("orders").meta.client, 10),
    (aws.step_functions, 10),
    (aws.sns, 10),
    (aws.ses, 15),
    (aws.bedrock_runtime, 30),
]


@pytest.mark.parametrize(("client", "function_seconds"), CLIENTS)
def test_retries_are_left_to_the_state_machine(
    client: Callable[[], Any], function_seconds: int
) -> None:
    assert client().meta.config.retries["total_max_attempts"] == 1


@pytest.mark.parametrize(("client", "function_seconds"), CLIENTS)
def test_a_service_without_an_answer_times_out_before_the_function(
    client: Callable[[], Any], function_seconds: int
) -> None:
    config = client().meta.config

    assert config.connect_timeout + config.read_timeout < function_seconds


@pytest.mark.parametrize(
    "client", [aws.step_functions, aws.sns, aws.ses, aws.bedrock_runtime, lambda: aws.table("x")]
)
def test_a_warm_function_keeps_its_clients(client: Callable[[], Any]) -> None:
    assert client() is client()


def test_a_request_is_sent_without_waiting_for_acknowledgements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options: list[tuple[Any, ...]] = []
    set_option = socket.socket.setsockopt

    def noted(connection: socket.socket, *option: Any) -> None:
        options.append(option)
        set_option(connection, *option)

    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        monkeypatch.setattr(socket.socket, "setsockopt", noted)
        threading.Thread(target=server.handle_request, daemon=True).start()
        aws.http(connections=1).send(
            AWSRequest("POST", f"http://127.0.0.1:{server.server_port}").prepare()
        )

    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in options


def test_the_header_that_names_the_client_is_not_put_together_for_each_request() -> None:
    """botocore's own has twenty parts, and takes a sixth of the processor time of a request."""
    sent: list[str] = []
    content = SimpleNamespace(stream=lambda: [b"{}"])
    client = aws.step_functions()

    def answer(request: AWSRequest, **_: Any) -> Any:
        sent.append(request.headers["User-Agent"].decode())
        return AWSResponse(str(request.url), 200, {}, content)

    client.meta.events.register("before-send.sfn.ListStateMachines", answer)
    try:
        client.list_state_machines()
    finally:
        client.meta.events.unregister("before-send.sfn.ListStateMachines", answer)
    assert sent[0].startswith(f"{aws.USER_AGENT} ")
    assert "os/linux" not in sent[0]
