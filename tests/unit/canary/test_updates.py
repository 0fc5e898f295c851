"""Subscriptions over AppSync's real-time protocol, with frames of AWS's documentation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError

from orderflow.canary.updates import Updates
from orderflow.errors import ApiRefusedError, ApiUnavailable
from orderflow.orders.status import OrderStatus

AUTHORIZATION = {"host": "abc.appsync-api.eu-west-1.amazonaws.com", "Authorization": "a.token"}
ACKNOWLEDGED = [
    {"type": "connection_ack", "payload": {"connectionTimeoutMs": 300_000}},
    {"type": "ka"},
    {"id": "canary", "type": "start_ack"},
]


class Socket:
    """Hands out frames; after them an error, by default none in time."""

    def __init__(self, *frames: Any, then: Exception | None = None) -> None:
        self._frames = [*frames]
        self._then = then or TimeoutError()
        self.sent: list[dict[str, Any]] = []

    def send(self, message: str) -> None:
        self.sent.append(json.loads(message))

    def recv(self, timeout: float | None = None) -> str:
        assert timeout is not None
        assert timeout >= 0
        if not self._frames:
            raise self._then
        frame = self._frames.pop(0)
        return frame if isinstance(frame, str) else json.dumps(frame)


def data(order_id: str, status: str) -> dict[str, Any]:
    update = {"orderId": order_id, "status": status, "paymentLink": None}
    return {"id": "canary", "type": "data", "payload": {"data": {"onOrderUpdated": update}}}


def test_it_subscribes_to_the_customer_s_own_orders() -> None:
    socket = Socket(*ACKNOWLEDGED)

    Updates(socket).subscribe("a-customer", AUTHORIZATION)

    first, start = socket.sent
    assert first == {"type": "connection_init"}
    assert start["type"] == "start"
    assert start["payload"]["extensions"] == {"authorization": AUTHORIZATION}
    operation = json.loads(start["payload"]["data"])
    assert "onOrderUpdated(customerId: $customerId)" in operation["query"]
    assert operation["variables"] == {"customerId": "a-customer"}


@pytest.mark.parametrize("kind", ["connection_error", "error"])
def test_a_refusal_is_named_by_its_type_alone(kind: str) -> None:
    errors = [{"errorType": "UnauthorizedException", "message": "a secret"}]
    socket = Socket({"type": kind, "payload": {"errors": errors}})

    with pytest.raises(ApiRefusedError, match=r"subscription: UnauthorizedException$"):
        Updates(socket).subscribe("a-customer", AUTHORIZATION)


def test_the_update_of_the_order_with_the_status_is_waited_for() -> None:
    socket = Socket(
        data("another", "CANCELLED"), data("mine", "MATCHED"), {"type": "ka"},
        data("mine", "CANCELLED"), data("mine", "EXPIRED"),
    )  # fmt: skip

    update = Updates(socket).until("mine", {OrderStatus.CANCELLED, OrderStatus.EXPIRED}, 60)

    assert update["status"] == "CANCELLED"


def test_after_its_time_it_waits_no_longer_though_frames_go_on() -> None:
    times = iter(range(100))
    socket = Socket(*[{"type": "ka"}] * 3)

    with pytest.raises(ApiUnavailable, match="No data over the API's WebSocket in time"):
        Updates(socket, clock=lambda: next(times)).until("mine", {OrderStatus.CANCELLED}, 2)


@pytest.mark.parametrize("then", [ConnectionClosedError(None, None), TimeoutError()])
def test_a_connection_that_breaks_is_an_api_that_does_not_answer(then: Exception) -> None:
    with pytest.raises(ApiUnavailable):
        Updates(Socket(then=then)).until("mine", {OrderStatus.CANCELLED}, 60)


def test_a_frame_that_can_t_be_read_is_an_api_that_does_not_answer() -> None:
    with pytest.raises(ApiUnavailable):
        Updates(Socket("no JSON")).until("mine", {OrderStatus.CANCELLED}, 60)
