"""The process that a local stack consists of."""

import socket

from scripts.local.supervisor import listen


def test_answers_are_not_held_back_until_their_head_is_acknowledged() -> None:
    with listen() as listener, socket.create_connection(listener.getsockname()):
        listener.setblocking(True)
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
