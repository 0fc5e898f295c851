"""How the front door calls the AWS emulator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol, Self

import aiohttp
from yarl import URL

_TIMEOUT_SECONDS: Final = 30.0
#: Requests are forwarded with their caller's headers, and no others.
_NONE_OF_ITS_OWN: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class EmulatorUnreachableError(Exception):
    """The emulator did not answer; the message is the name of the error."""


@dataclass(frozen=True)
class Answer:
    """What the emulator answered."""

    status_code: int
    content: bytes
    content_type: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether its status says so."""
        return HTTPStatus.OK <= self.status_code < HTTPStatus.MULTIPLE_CHOICES

    def json(self) -> Any:
        """Its content.

        Raises:
            ValueError: it is no JSON.
        """
        return json.loads(self.content)


class EmulatorApi(Protocol):
    """Connections to the emulator, within a ``with`` block."""

    async def __aenter__(self) -> Self:
        """Opens them."""

    async def __aexit__(self, *_: object) -> None:
        """Closes them."""

    async def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """The answer to a request with these headers alone.

        Raises:
            EmulatorUnreachableError: there is none.
        """


class HttpEmulator:
    """The emulator at a base URL, by aiohttp: httpx takes seven times as long for a request."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS),
            skip_auto_headers=_NONE_OF_ITS_OWN,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """As :meth:`EmulatorApi.send`."""
        assert self._session is not None  # nosec B101 # opened while the front door serves
        url = URL(self._base_url + path, encoded=True)
        try:
            async with self._session.request(
                method, url, headers=headers, data=body, allow_redirects=False
            ) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EmulatorUnreachableError(type(error).__name__) from error
        return Answer(answer.status, content, answer.headers.get("content-type"))
