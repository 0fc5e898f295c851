"""Delivery of PayStack's webhooks: signed, in the background, again until it is answered with 200.

PayStack signs the raw body with the merchant's secret key (HMAC-SHA512, hex, in
``x-paystack-signature``) and repeats what was not answered with 200 for days; here for a minute.
Protocol: https://paystack.com/docs/payments/webhooks/
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import httpx
from pydantic import BaseModel, ConfigDict, HttpUrl
from pydantic.alias_generators import to_camel

RETRY_DELAYS_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_TIMEOUT_SECONDS: Final = 10.0


class WebhookTarget(BaseModel):
    """Where the events go, and the merchant's secret key, which signs them."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    url: HttpUrl
    secret_key: str


class WebhookSender:
    """Sends events to one target.

    Args:
        retry_delays_seconds: the pause before each further attempt; their number bounds them.
        transport: how requests travel; the network, unless a test says otherwise.
    """

    def __init__(
        self,
        retry_delays_seconds: Sequence[float] = RETRY_DELAYS_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._delays = retry_delays_seconds
        self._transport = transport
        self._deliveries: set[asyncio.Task[None]] = set()

    def send(self, target: WebhookTarget, event: Mapping[str, Any], log: list[str]) -> None:
        """Starts delivering; each attempt's outcome (a status code or an error) goes to ``log``."""
        delivery = asyncio.get_running_loop().create_task(self._deliver(target, event, log))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)

    async def settle(self) -> None:
        """Waits until every delivery has ended."""
        await asyncio.gather(*self._deliveries)

    async def close(self) -> None:
        """Gives up on what is still being delivered."""
        for delivery in tuple(self._deliveries):
            delivery.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)

    async def _deliver(
        self, target: WebhookTarget, event: Mapping[str, Any], log: list[str]
    ) -> None:
        body = json.dumps(event).encode()
        headers = {
            "content-type": "application/json",
            "x-paystack-signature": signature(target.secret_key, body),
        }
        async with httpx.AsyncClient(
            transport=self._transport, timeout=_TIMEOUT_SECONDS, trust_env=False
        ) as client:
            for delay in (0.0, *self._delays):
                await asyncio.sleep(delay)
                outcome = await _attempt(client, str(target.url), body, headers)
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
