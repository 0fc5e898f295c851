"""Servers of which several run in one process, and their ports."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from scripts.local.stack.state import HOST


class Server(uvicorn.Server):
    """A server without signal handlers: another part of the process has them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def listen(port: int = 0) -> socket.socket:
    """Listens on a port, by default a free one; its connections send without delay (TCP_NODELAY).

    Raises:
        OSError: the port is taken.
    """
    listener = socket.create_server((HOST, port), backlog=512)
    # Connections inherit the option. asyncio sets it only on sockets that name their protocol,
    # which these don't. Without it an answer's body waits 40 ms for its head's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.settimeout(0)
    return listener


def reserve_port() -> int:
    """Reserves a port for a few seconds for a server that asks for it by number.

    A closed connection leaves its server's port in TIME_WAIT (RFC 9293, 3.6.1): the kernel does
    not assign it as a free port, and servers that name it, such as MiniStack's, may use it
    (SO_REUSEADDR).
    """
    with (
        socket.create_server((HOST, 0)) as server,
        socket.create_connection(server.getsockname()),
    ):
        server.accept()[0].close()
        return int(server.getsockname()[1])
