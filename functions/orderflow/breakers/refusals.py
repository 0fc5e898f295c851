"""Alerts operations that a provider refuses to serve us, which no retry mends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from botocore.exceptions import ClientError

from orderflow.breakers.rate_limits import RateLimiter, once_an_interval
from orderflow.clock import epoch_ms
from orderflow.errors import NotificationUnavailable, StoreUnavailable
from orderflow.platform.alerts import Alerts
from orderflow.platform.observability import logger

#: When operations were last alerted about a provider's refusal, in epoch ms.
ALERTED: Final = "refusalAlertedAt"

#: The shortest time between two alerts about one provider.
INTERVAL_MS: Final = 3_600_000

_MESSAGE: Final = """\
{service} refuses our requests: {refusal}.

{consequence}
{advice}

You get this alert at most once an hour for {service}; the logs have each refusal.
"""


class RefusalAlerts:
    """Alerts operations about the refusals of one provider, at most once an hour.

    Args:
        provider: the provider's name, which is also its key in the ``breakers`` table.
        consequence, advice: what happens to orders meanwhile, and what operations can do.
    """

    def __init__(
        self,
        provider: str,
        service: str,
        *,
        consequence: str,
        advice: str,
        alerts: Alerts,
        rate_limiter: RateLimiter,
        clock: Callable[[], int] = epoch_ms,
    ) -> None:
        self._provider = provider
        self._service = service
        self._words = {"consequence": consequence, "advice": advice}
        self._alerts = alerts
        self._rate_limiter = rate_limiter
        self._clock = clock

    def alert(self, refusal: str) -> None:
        """Report the refusal, by the provider's name for it.

        Never raises: an order goes on whether or not operations could be alerted.
        """
        logger.error("refused", extra={"provider": self._provider, "refusal": refusal})
        text = _MESSAGE.format(service=self._service, refusal=refusal, **self._words)
        subject = f"Grocery orders: {self._service} refuses our requests"
        try:
            once_an_interval(
                self._rate_limiter,
                self._provider,
                ALERTED,
                now=self._clock(),
                interval_ms=INTERVAL_MS,
                act=lambda: self._alerts.publish(subject, text),
            )
        except (NotificationUnavailable, StoreUnavailable, ClientError) as error:
            problem = type(error).__name__
            logger.error("operations not alerted", extra={"problem": problem})
