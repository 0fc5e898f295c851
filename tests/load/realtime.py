"""A client of AppSync's real-time protocol, as customers' apps have one.

https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from websocket import WebSocket, WebSocketException, create_connection

ON_ORDER_UPDATED: Final = """
subscription Follow($customerId: ID!) {
  onOrderUpdated(customerId: $customerId) {
    orderId customerId status message totalKobo currency paymentLink updatedAt version
    lines { text productId name quantity packs lineTotalKobo matchedBy }
  }
}"""
_TIMEOUT_SECONDS: Final = 30


class Subscription:
    """A connection that follows all orders of a customer.

    Args:
        graphql_url: of the API.
        token: the customer's ID token.
        customer_id: the token's ``sub``.

    Raises:
        WebSocketException, OSError: it can't be opened.
    """

    def __init__(self, graphql_url: str, token: str, customer_id: str) -> None:
        authorization = {"host": urlsplit(graphql_url).netloc, "Authorization": token}
        self._socket: WebSocket = create_connection(
            _realtime_url(graphql_url, authorization),
            subprotocols=["graphql-ws"],
            timeout=_TIMEOUT_SECONDS,
        )
        self._send(type="connection_init")
        self._expect("connection_ack")
        query = {"query": ON_ORDER_UPDATED, "variables": {"customerId": customer_id}}
        self._send(
            id="orders",
            type="start",
            payload={
                "data": json.dumps(query),
                "extensions": {"authorization": authorization},
            },
        )
        self._expect("start_ack")
        self._socket.settimeout(None)

    def receive(self, deliver: Callable[[dict[str, Any]], None]) -> None:
        """Delivers updates until the connection is closed."""
        try:
            while True:
                message = json.loads(self._socket.recv() or "{}")
                if message.get("type") == "data":
                    deliver(message["payload"]["data"]["onOrderUpdated"])
        except (WebSocketException, OSError):
            return

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def _send(self, **message: Any) -> None:
        self._socket.send(json.dumps(message))

    def _expect(self, wanted: str) -> None:
        while True:
            message = json.loads(self._socket.recv())
            if message["type"] == wanted:
                return
            if message["type"] in {"error", "connection_error"}:
                raise WebSocketException(f"refused: {message.get('payload')}")


def _realtime_url(graphql_url: str, authorization: dict[str, str]) -> str:
    """AppSync's real-time endpoint beside its GraphQL endpoint, with the caller's authorization."""
    url = urlsplit(graphql_url)
    scheme = "wss" if url.scheme == "https" else "ws"
    host = url.netloc.replace(".appsync-api.", ".appsync-realtime-api.")
    path = url.path if host != url.netloc else f"{url.path}/realtime"
    query = urlencode({"header": _encoded(authorization), "payload": _encoded({})})
    return f"{scheme}://{host}{path}?{query}"


def _encoded(content: dict[str, str]) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()
