"""Delivers PayStack's webhooks in the background, signed, and repeats them until the answer is 200.

PayStack signs the raw body with the merchant's secret key (HMAC-SHA512, hex, in
``x-paystack-signature``). It repeats a live event every three minutes four times, then hourly for
72 hours; a test event hourly for 10 hours. An answer may take 30 seconds.
Protocol: https://paystack.com/docs/payments/webhooks/
"""

import hashlib
import hmac
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final

import httpx
from pydantic import BaseModel, ConfigDict, HttpUrl
from pydantic.alias_generators import to_camel

from scripts.local.stand_ins.javascript_json import stringify
from scripts.local.stand_ins.schedule import Schedule

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_TIMEOUT_SECONDS: Final = 30.0


class Domain(StrEnum):
    """The two worlds of an account."""

    TEST = "test"
    LIVE = "live"


#: The seconds before each repetition of an event that was not answered with 200.
RETRY_DELAYS_SECONDS: Final[Mapping[Domain, tuple[float, ...]]] = {
    Domain.LIVE: (3 * _MINUTE,) * 4 + (_HOUR,) * 72,
    Domain.TEST: (_HOUR,) * 10,
}


class WebhookTarget(BaseModel):
    """The address of the webhook, the secret key that signs the events, and its domain."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    url: HttpUrl
    secret_key: str
    domain: Domain = Domain.TEST


class WebhookSender:
    """Sends events to one target.

    Args:
        schedule: runs the deliveries; its factor divides the delays before repetitions.
        transport: the HTTP transport; the network by default.
    """

    def __init__(
        self,
        schedule: Schedule | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._schedule = schedule or Schedule()
        self._transport = transport

    def send(self, target: WebhookTarget, event: Mapping[str, Any], log: list[str]) -> None:
        """Starts a delivery; appends each attempt's outcome (status code or error) to ``log``.

        The event is written now: what changes until a repetition does not change the event.
        """
        self._schedule.start(self._deliver(target, stringify(event).encode(), log))

    async def settle(self) -> None:
        """Waits until every delivery has ended."""
        await self._schedule.settle()

    async def close(self) -> None:
        """Cancels the deliveries that have not ended."""
        await self._schedule.close()
        if "_client" in vars(self):
            await self._client.aclose()

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """One for all deliveries: each new one reads the system's certificates."""
        return httpx.AsyncClient(
            transport=self._transport, timeout=_TIMEOUT_SECONDS, trust_env=False
        )

    async def _deliver(self, target: WebhookTarget, body: bytes, log: list[str]) -> None:
        headers = {
            "content-type": "application/json",
            "x-paystack-signature": signature(target.secret_key, body),
        }
        for delay in (0.0, *RETRY_DELAYS_SECONDS[target.domain]):
            await self._schedule.wait(delay)
            outcome = await _attempt(self._client, str(target.url), body, headers)
            log.append(outcome)
            if outcome == str(HTTPStatus.OK.value):
                return


def signature(secret_key: str, body: bytes) -> str:
    """The value of ``x-paystack-signature`` for a raw body."""
    return hmac.new(secret_key.encode(), body, hashlib.sha512).hexdigest()


async def _attempt(
    client: httpx.AsyncClient, url: str, body: bytes, headers: Mapping[str, str]
) -> str:
    try:
        response = await client.post(url, content=body, headers=headers)
    except httpx.HTTPError as error:
        return type(error).__name__
    return str(response.status_code)
