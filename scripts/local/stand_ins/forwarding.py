"""Forwards requests to the AWS emulator, and its answers, byte for byte."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

_TIMEOUT_SECONDS: Final = 30.0
_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=100)
#: Hop-by-hop headers belong to one connection.
_HOP_BY_HOP: Final = frozenset(
    {b"connection", b"content-length", b"keep-alive", b"transfer-encoding"}
)
#: The server adds these headers itself.
_NOT_RETURNED: Final = _HOP_BY_HOP | {b"date", b"server"}


class Forwarder:
    """Connections to the emulator.

    Args:
        emulator: its base URL.
        transport: the HTTP transport to it; the network by default.
    """

    def __init__(self, emulator: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base_url = httpx.URL(emulator)
        self._emulator = httpx.AsyncClient(
            transport=transport, timeout=_TIMEOUT_SECONDS, limits=_LIMITS, trust_env=False
        )

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Closes the connections when the app ends."""
        async with self._emulator:
            yield

    async def forward(self, request: Request) -> Response:
        """The emulator's answer to the request.

        Raises:
            httpx.HTTPError: the emulator does not answer.
        """
        return await self.send(
            request.method,
            _target(request.scope),
            # The caller's host header is kept, because it is signed.
            _remove(_HOP_BY_HOP, request.headers.raw),
            await request.body(),
        )

    async def send(
        self, method: str, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Response:
        """The emulator's answer to a request of these parts.

        Raises:
            httpx.HTTPError: the emulator does not answer.
        """
        url = self._base_url.copy_with(raw_path=target)
        sent = httpx.Request(method, url, headers=headers, content=body)
        answer = await self._emulator.send(sent, stream=True)
        try:
            content = b"".join([chunk async for chunk in answer.aiter_raw()])
        finally:
            await answer.aclose()
        response = Response(content, answer.status_code)
        response.raw_headers.extend(_remove(_NOT_RETURNED, answer.headers.raw))
        return response


def _target(scope: Scope) -> bytes:
    """Path and query as sent."""
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


def _remove(
    names: frozenset[bytes], headers: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() not in names]
