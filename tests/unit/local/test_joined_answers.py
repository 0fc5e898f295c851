"""Answers go out in one piece, where their head and body are there together."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from scripts.local.joined_answers import Joining

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Transport:
    """What a connection was asked for."""

    def __init__(self) -> None:
        self.did: list[Any] = []

    def write(self, data: bytes) -> None:
        self.did.append(data)

    def close(self) -> None:
        self.did.append("closed")

    def get_extra_info(self, name: str) -> str:
        return f"the {name}"


@pytest.mark.parametrize(
    ("asked", "did"),
    [
        ([HEAD, b"{}"], [HEAD + b"{}"]),
        ([HEAD, b"{}", HEAD, b"[]"], [HEAD + b"{}", HEAD + b"[]"]),
        ([HEAD, HEAD], [HEAD + HEAD]),  # a body may look like a head
        ([HEAD, "close"], [HEAD, "closed"]),
        ([HEAD, b"{}", "close"], [HEAD + b"{}", "closed"]),
        (["close"], ["closed"]),
        ([b"a frame", b"another"], [b"a frame", b"another"]),
        # What comes late is not waited for, and comes by itself.
        ([HEAD, "others run", b"{}"], [HEAD, b"{}"]),
        ([HEAD, b"{", "others run", b"}"], [HEAD + b"{", b"}"]),
        ([HEAD, "others run"], [HEAD]),
    ],
)
def test_a_head_waits_for_its_body_until_others_run(asked: list[Any], did: list[Any]) -> None:
    transport = Transport()

    async def ask() -> None:
        joining: Any = Joining(transport)  # type: ignore[arg-type]
        for each in asked:
            if each == "close":
                joining.close()
            elif each == "others run":
                await asyncio.sleep(0)
            else:
                joining.write(each)

    asyncio.run(ask())

    assert transport.did == did


def test_all_else_is_the_transports() -> None:
    joining: Any = Joining(Transport())  # type: ignore[arg-type]

    assert joining.get_extra_info("peername") == "the peername"
