"""The sockets of the supervisor."""

import socket

import pytest

from scripts.local.servers import listen, reserve_port


def test_answers_are_sent_before_their_head_is_acknowledged() -> None:
    with listen() as listener, socket.create_connection(listener.getsockname()):
        listener.setblocking(True)
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_reserved_port_is_assigned_only_by_number() -> None:
    address = ("127.0.0.1", reserve_port())
    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind(address)
    with socket.socket() as probe:
        assert probe.connect_ex(address) != 0
    with socket.create_server(address), socket.create_connection(address):
        pass
