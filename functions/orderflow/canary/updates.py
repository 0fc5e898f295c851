"""Updates of orders over AppSync's real-time protocol.

https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from orderflow.canary.sign_in import SignedIn
from orderflow.errors import ApiRefusedError, ApiUnavailable
from orderflow.orders.status import OrderStatus

FOLLOW: Final = """
subscription Follow($customerId: ID!) {
  onOrderUpdated(customerId: $customerId) { orderId status paymentLink }
}
"""

_PROTOCOL: Final = "graphql-ws"
_ID: Final = "canary"
_OPEN_SECONDS: Final = 15.0
_REFUSALS: Final = frozenset({"connection_error", "error"})

Frame = Mapping[str, Any]


class Socket(Protocol):
    """A WebSocket; the connection of ``websockets`` is one."""

    def send(self, message: str) -> None:
        """Send a text."""

    def recv(self, timeout: float | None = None) -> str | bytes:
        """The next message; raises TimeoutError if none comes within so many seconds."""


class Updates:
    """The updates of one customer's orders, after a subscription that the API acknowledged.

    Args:
        socket: an open connection.
        clock: seconds that never go back.
    """

    def __init__(self, socket: Socket, clock: Callable[[], float] = time.monotonic) -> None:
        self._socket = socket
        self._clock = clock

    def subscribe(self, customer_id: str, authorization: Mapping[str, str]) -> None:
        """Subscribe to a customer's orders.

        Raises:
            ApiRefusedError: the API refuses.
            ApiUnavailable: it does not acknowledge the subscription.
        """
        operation = {"query": FOLLOW, "variables": {"customerId": customer_id}}
        payload = {"data": json.dumps(operation), "extensions": {"authorization": authorization}}
        self._send({"type": "connection_init"})
        self._send({"id": _ID, "type": "start", "payload": payload})
        self._next("start_ack", self._clock() + _OPEN_SECONDS)

    def until(
        self, order_id: str, statuses: Collection[OrderStatus], seconds: float
    ) -> Mapping[str, Any]:
        """Wait until an update says that the order has one of these statuses; the update.

        Raises:
            ApiUnavailable: none came within so many seconds, or the connection broke.
            ApiRefusedError: the API ended the subscription.
        """
        end = self._clock() + seconds
        while True:
            update = self._next("data", end)["payload"]["data"]["onOrderUpdated"]
            if update["orderId"] == order_id and update["status"] in statuses:
                found: Mapping[str, Any] = update
                return found

    def _send(self, frame: Frame) -> None:
        try:
            self._socket.send(json.dumps(frame))
        except WebSocketException as error:
            raise _broken(error) from error

    def _next(self, wanted: str, end: float) -> Frame:
        """The next frame of this type; those of others, such as keep-alives, pass."""
        while True:
            left = max(end - self._clock(), 0)
            try:
                frame: Frame = json.loads(self._socket.recv(timeout=left))
            except TimeoutError as error:
                raise ApiUnavailable(f"No {wanted} over the API's WebSocket in time") from error
            except (WebSocketException, ValueError) as error:
                raise _broken(error) from error
            kind = frame.get("type")
            if kind == wanted:
                return frame
            if kind in _REFUSALS:
                raise ApiRefusedError(f"The API refused the subscription: {_kinds(frame)}")


@contextmanager
def follow(realtime_url: str, api_url: str, customer: SignedIn) -> Iterator[Updates]:
    """The updates of the customer's orders for a block.

    Args:
        realtime_url: ``wss://``, the API's address for subscriptions.
        api_url: its address for requests, whose host the authorization names.
        customer: follows its own orders.

    Raises:
        ApiUnavailable: the API does not answer.
        ApiRefusedError: it refuses the subscription.
    """
    authorization = {"host": urlsplit(api_url).netloc, "Authorization": customer.token}
    header = base64.urlsafe_b64encode(json.dumps(authorization).encode()).decode().rstrip("=")
    protocols = [Subprotocol(_PROTOCOL), Subprotocol(f"header-{header}")]
    try:
        socket = connect(
            realtime_url, subprotocols=protocols, open_timeout=_OPEN_SECONDS, proxy=None
        )
    except (WebSocketException, OSError) as error:
        raise _broken(error) from error
    with socket:
        updates = Updates(socket)
        updates.subscribe(customer.customer_id, authorization)
        yield updates


def _broken(error: Exception) -> ApiUnavailable:
    return ApiUnavailable(f"The API's WebSocket failed: {type(error).__name__}")


def _kinds(frame: Frame) -> str:
    """The errors' types; their messages may quote the request."""
    errors = frame.get("payload", {}).get("errors", [])
    return ", ".join(sorted(str(each.get("errorType", "unnamed")) for each in errors)) or "unnamed"
