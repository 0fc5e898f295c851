"""Delivers PayStack's webhooks in the background, signed, and retries until the answer is 200.

PayStack signs the raw body with the merchant's secret key (HMAC-SHA512, hex, in
``x-paystack-signature``) and retries for days; here the retries end after a minute.
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
    """The address of the webhook, and the merchant's secret key, which signs the events."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    url: HttpUrl
    secret_key: str


class WebhookSender:
    """Sends events to one target.

    Args:
        retry_delays_seconds: the delay before each retry; there are as many retries as delays.
        transport: the HTTP transport; the network by default.
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
        """Starts a delivery; appends each attempt's outcome (status code or error) to ``log``."""
        delivery = asyncio.get_running_loop().create_task(self._deliver(target, event, log))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)

    async def settle(self) -> None:
        """Waits until every delivery has ended."""
        await asyncio.gather(*self._deliveries)

    async def close(self) -> None:
        """Cancels the deliveries that have not ended."""
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
