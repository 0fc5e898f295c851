"""An AppSync endpoint for clients of others: it does to a subscription what a test asks for."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


class Trouble(StrEnum):
    """What happens to a subscription after it was acknowledged, or instead of that."""

    NONE = "none"
    COMPLETE = "complete"
    NO_DATA = "data: null"
    EXPIRED = "expired"
    CLOSED = "closed"
    SILENT = "silent"
    REFUSED_CONNECTION = "refused connection"
    REFUSED_SUBSCRIPTION = "refused subscription"


_EXPIRED = {"errors": [{"errorType": "UnauthorizedException", "message": "Token has expired."}]}
_NO_DATA = {"data": None, "errors": [{"errorType": "MappingTemplate", "message": "No content."}]}


@dataclass
class ScriptedAppSync:
    """The endpoint.

    Attributes:
        url: for queries; clients derive the address of the WebSocket from it.
        troubles: one for each subscription, the first one first; afterwards there are none.
        tokens: the authorization of each subscription so far.
        update: is sent over each subscription that has no trouble.
        timeout_ms: after so long without a message clients are to give a connection up.
    """

    url: str
    troubles: list[Trouble] = field(default_factory=list)
    connections: int = 0
    tokens: list[str] = field(default_factory=list)
    update: dict[str, Any] = field(default_factory=lambda: {"orderId": "o-1", "version": 2})
    timeout_ms: int = 300_000

    async def serve(self, client: WebSocket) -> None:
        """Serve one connection."""
        self.connections += 1
        await client.accept("graphql-ws")
        trouble = self.troubles[0] if self.troubles else Trouble.NONE
        if trouble is Trouble.REFUSED_CONNECTION:
            self.troubles.pop(0)
            await client.send_json({"type": "connection_error", "payload": _EXPIRED})
            with suppress(WebSocketDisconnect):
                await client.receive_json()
                await client.close()
            return
        with suppress(WebSocketDisconnect):
            while True:
                await self._answer(client, await client.receive_json())

    async def _answer(self, client: WebSocket, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                ack = {"connectionTimeoutMs": self.timeout_ms}
                await client.send_json({"type": "connection_ack", "payload": ack})
            case "start":
                extensions = message["payload"]["extensions"]
                self.tokens.append(extensions["authorization"]["Authorization"])
                await self._begin(client, message["id"])
            case "stop":
                await client.send_json({"type": "complete", "id": message["id"]})

    async def _begin(self, client: WebSocket, identity: str) -> None:
        trouble = self.troubles.pop(0) if self.troubles else Trouble.NONE
        if trouble is Trouble.REFUSED_SUBSCRIPTION:
            await client.send_json({"type": "error", "id": identity, "payload": _EXPIRED})
            return
        await client.send_json({"type": "start_ack", "id": identity})
        match trouble:
            case Trouble.COMPLETE:
                await client.send_json({"type": "complete", "id": identity})
            case Trouble.NO_DATA:
                await client.send_json({"type": "data", "id": identity, "payload": _NO_DATA})
            case Trouble.EXPIRED:
                await client.send_json({"type": "error", "id": identity, "payload": _EXPIRED})
            case Trouble.CLOSED:
                await client.close()
                raise WebSocketDisconnect
            case Trouble.SILENT:
                pass
            case _:
                data = {"data": {"onOrderUpdated": self.update}}
                await client.send_json({"type": "data", "id": identity, "payload": data})


@contextmanager
def scripted_appsync() -> Iterator[ScriptedAppSync]:
    """Serves the endpoint for a block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = ScriptedAppSync(f"http://127.0.0.1:{listener.getsockname()[1]}/graphql")
        routes = [
            WebSocketRoute(path, endpoint.serve) for path in ("/graphql", "/graphql/realtime")
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_level="warning", lifespan="off",
                                timeout_graceful_shutdown=1)  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield endpoint
        server.should_exit = True
        thread.join()


def token() -> str:
    """A token that clients can decode; nothing verifies it here."""
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "c-1", "exp": 4102444800}).encode())
    return f"eyJhbGciOiJub25lIn0.{claims.decode().rstrip('=')}.x"
