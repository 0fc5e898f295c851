"""Answers over HTTP whose head and body are sent together.

uvicorn sends the head by itself: two calls of the system and two packets, which the caller reads
one by one.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD: Final = b"HTTP/1.1 "


class JoiningProtocol(HttpToolsProtocol):
    """uvicorn's protocol, for ``Config(http=...)``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Serve a connection."""
        super().connection_made(Joining(transport))  # type: ignore[arg-type]


class Joining:
    """A transport that holds an answer's head back until its body comes.

    Where none comes before other tasks run, the head is sent by itself.

    Args:
        transport: sends, and does all else.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it, now or soon."""
        if not self._held and data.startswith(_HEAD):
            self._held = data
            asyncio.get_running_loop().call_soon(self._send_held)
            return
        held, self._held = self._held, b""
        self._transport.write(held + data)

    def close(self) -> None:
        """Close the connection, once all is sent."""
        self._send_held()
        self._transport.close()

    def _send_held(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)
