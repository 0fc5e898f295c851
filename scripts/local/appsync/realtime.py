"""One WebSocket connection of AppSync's real-time protocol.

Protocol: https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html.
Errors that the guide does not specify have the names and texts that AWS's own client libraries
handle. As on AWS, ``connection_init`` is optional.
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final, Protocol

from pydantic import BaseModel, Field, TypeAdapter
from starlette.datastructures import Headers
from starlette.websockets import WebSocket

from scripts.local.appsync.graphql_request import MAX_BODY_BYTES, InvalidQueryError, RefusedError
from scripts.local.appsync.subscriptions import Subscription, Subscriptions

PROTOCOL: Final = "graphql-ws"
CONNECTION_TIMEOUT_MS: Final = 300_000
KEEP_ALIVE_SECONDS: Final = 60.0
MAX_SUBSCRIPTIONS: Final = 100
MAX_PAYLOAD_BYTES: Final = 240 * 1024

#: How long a refused client has to send its ``connection_init`` before the socket is closed.
_CLOSE_GRACE_SECONDS: Final = 2.0
_HEADER_PROTOCOL: Final = "header-"

_HEADERS: Final = TypeAdapter(dict[str, str])

Frame = dict[str, Any]
Deliver = Callable[[Frame], None]


class RealtimeApi(Protocol):
    """The operations of an API that a connection needs."""

    async def connect(self, headers: Headers, body: bytes) -> None:
        """Authorizes a caller.

        Raises:
            RefusedError: if the caller is not authorized.
        """

    async def subscribe(self, headers: Headers, data: bytes, deliver: Deliver) -> Subscription:
        """Authorizes a subscription; ``deliver`` receives its updates.

        Raises:
            RefusedError: if the caller is not authorized.
            InvalidQueryError: if it is invalid for the schema.
        """


class _Extensions(BaseModel):
    authorization: dict[str, str]


class _StartPayload(BaseModel):
    data: str
    extensions: _Extensions


class _Start(BaseModel):
    id: str = Field(min_length=1)
    payload: _StartPayload


class Connection:
    """Serves one WebSocket.

    Args:
        keep_alive_seconds: the interval of ``ka`` messages.
    """

    def __init__(
        self,
        socket: WebSocket,
        api: RealtimeApi,
        subscriptions: Subscriptions,
        keep_alive_seconds: float = KEEP_ALIVE_SECONDS,
    ) -> None:
        self._socket = socket
        self._api = api
        self._all = subscriptions
        self._own: dict[str, Subscription] = {}
        self._outbox: asyncio.Queue[Frame] = asyncio.Queue()
        self._keep_alive_seconds = keep_alive_seconds
        self._handlers: Mapping[str, Callable[[Frame], Awaitable[None]]] = {
            "connection_init": self._init,
            "start": self._start,
            "stop": self._stop,
        }

    async def serve(self) -> None:
        """Serves until the client disconnects."""
        offered = [each for each in self._socket.scope.get("subprotocols", []) if each]
        await self._socket.accept(PROTOCOL if PROTOCOL in offered else None)
        try:
            await self._open(offered)
        except RefusedError as refusal:
            await self._refuse(refusal)
            return
        writer = asyncio.create_task(self._write())
        try:
            await self._read()
        finally:
            for subscription in self._own.values():
                self._all.remove(subscription)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _open(self, offered: list[str]) -> None:
        if not offered:
            raise _protocol_error("NoProtocolError")
        if PROTOCOL not in offered:
            raise _protocol_error("SubProtocolNotSupportedError")
        headers, body = _authorization(self._socket, offered)
        await self._api.connect(headers, body)

    async def _refuse(self, refusal: RefusedError) -> None:
        errors = [{**error, "errorCode": refusal.status.value} for error in refusal.errors]
        await self._socket.send_json({"type": "connection_error", "payload": {"errors": errors}})
        # A client that can't send its `connection_init` never reads the error.
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_GRACE_SECONDS):
                if (await self._socket.receive())["type"] == "websocket.disconnect":
                    return
        await self._socket.close()

    async def _write(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._keep_alive_seconds):
                    frame = await self._outbox.get()
            except TimeoutError:
                frame = {"type": "ka"}
            await self._socket.send_text(json.dumps(frame))

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text") or ""  # the protocol has no binary messages
            frame = _parsed(text)
            try:
                if len(text.encode()) > MAX_BODY_BYTES:
                    raise _too_large()
                handler = self._handlers.get(str(frame.get("type")))
                if handler is None:
                    raise _unsupported()
                await handler(frame)
            except (RefusedError, InvalidQueryError) as refusal:
                self._send_errors(frame.get("id"), refusal.errors)

    async def _init(self, _: Frame) -> None:
        payload = {"connectionTimeoutMs": CONNECTION_TIMEOUT_MS}
        self._send({"type": "connection_ack", "payload": payload})
        self._send({"type": "ka"})

    async def _start(self, frame: Frame) -> None:
        try:
            start = _Start.model_validate(frame)
            headers = Headers(start.payload.extensions.authorization)
            data = start.payload.data.encode()
        except ValueError as error:
            raise _unsupported() from error
        self._check_limits(start.id)
        subscription = await self._api.subscribe(
            headers,
            data,
            lambda payload: self._deliver(start.id, payload),
        )
        # No await in between: no data precedes the acknowledgement, and none is lost.
        self._send({"type": "start_ack", "id": start.id})
        self._own[start.id] = subscription
        self._all.add(subscription)

    def _check_limits(self, subscription_id: str) -> None:
        if subscription_id in self._own:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                "DuplicatedOperationError",
                f"Operation {subscription_id} is subscribed already",
            )
        if len(self._own) >= MAX_SUBSCRIPTIONS:
            raise RefusedError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "MaxSubscriptionsReachedError",
                f"Max number of {MAX_SUBSCRIPTIONS} subscriptions reached",
            )

    async def _stop(self, frame: Frame) -> None:
        subscription = self._own.pop(str(frame.get("id")), None)
        if subscription is None:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                "UnknownOperationError",
                f"Unknown operation id {frame.get('id')}",
            )
        self._all.remove(subscription)
        self._send({"type": "complete", "id": frame["id"]})

    def _deliver(self, subscription_id: str, payload: Frame) -> None:
        frame = {"type": "data", "id": subscription_id, "payload": payload}
        if len(json.dumps(payload).encode()) > MAX_PAYLOAD_BYTES:
            self._send_errors(subscription_id, _too_large().errors)
        else:
            self._send(frame)

    def _send_errors(self, subscription_id: Any, errors: list[dict[str, Any]]) -> None:
        frame: Frame = {"type": "error", "payload": {"errors": errors}}
        self._send(frame if subscription_id is None else {**frame, "id": subscription_id})

    def _send(self, frame: Frame) -> None:
        self._outbox.put_nowait(frame)


def _authorization(socket: WebSocket, offered: list[str]) -> tuple[Headers, bytes]:
    """The authorization headers, and the body that their signature covers.

    They are base64-encoded in the query (``header``, ``payload``) or in a second subprotocol
    (``header-...``, URL-safe), else they are the request's own headers.

    Raises:
        RefusedError: if they can't be decoded.
    """
    encoded = socket.query_params.get("header") or next(
        (each[len(_HEADER_PROTOCOL) :] for each in offered if each.startswith(_HEADER_PROTOCOL)),
        None,
    )
    if encoded is None:
        return socket.headers, b"{}"
    try:
        headers = _HEADERS.validate_json(_decoded(encoded))
        return Headers(headers), _decoded(socket.query_params.get("payload", "e30="))
    except ValueError as error:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, "BadRequestException", "Required headers are missing."
        ) from error


def _decoded(text: str) -> bytes:
    """Decodes base64 in either alphabet, with or without padding."""
    standard = text.replace("-", "+").replace("_", "/").replace(" ", "+").rstrip("=")
    return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)


def _parsed(text: str) -> Frame:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}


def _protocol_error(name: str) -> RefusedError:
    return RefusedError(HTTPStatus.BAD_REQUEST, "BadRequestException", name)


def _unsupported() -> RefusedError:
    return RefusedError(
        HTTPStatus.BAD_REQUEST,
        "UnsupportedOperation",
        "unknown not supported through the realtime channel",
    )


def _too_large() -> RefusedError:
    return RefusedError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "LimitExceededError", "The message is too large."
    )
