"""Alerts operations that a provider refuses us or an order, which no retry mends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from botocore.exceptions import ClientError

from orderflow.breakers.events import REFUSED_METRIC, count_of
from orderflow.breakers.rate_limits import RateLimiter, once_an_interval
from orderflow.clock import epoch_ms
from orderflow.errors import NotificationUnavailable, StoreUnavailable
from orderflow.platform.alerts import Alerts
from orderflow.platform.observability import logger

_MESSAGE: Final = """\
{what}: {refusal}.

{consequence}
{advice}

You get this alert once in {minutes} minutes at most; the logs have each refusal.
"""


@dataclass(frozen=True, slots=True)
class RefusalKind:
    """One kind of a provider's refusals, and what operations hear of it.

    Attributes:
        provider: the provider's name, which is also its key in the ``breakers`` table.
        what: who refuses what, such as "Amazon SES refuses our requests".
        consequence: what happens to orders meanwhile.
        advice: what operations can do.
        alerted: the attribute of the provider's item for the time of the last alert (epoch ms).
        interval: the shortest time between two alerts.
    """

    provider: str
    what: str
    consequence: str
    advice: str
    alerted: str = "refusalAlertedAt"
    interval: timedelta = timedelta(hours=1)


class RefusalAlerts:
    """Alerts operations about refusals of one kind, once an interval at most, from all callers."""

    def __init__(
        self,
        kind: RefusalKind,
        alerts: Alerts,
        rate_limiter: RateLimiter,
        clock: Callable[[], int] = epoch_ms,
    ) -> None:
        self._kind = kind
        self._alerts = alerts
        self._rate_limiter = rate_limiter
        self._clock = clock

    def alert(self, refusal: str) -> None:
        """Count and report the refusal, in the provider's words or by its name for it.

        Never raises: an order goes on whether or not operations could be alerted. After an alert
        that can't be sent, the next refusal sends one.
        """
        kind = self._kind
        logger.error("refused", extra={"provider": kind.provider, "refusal": refusal})
        count_of(kind.provider, REFUSED_METRIC)
        text = _MESSAGE.format(
            what=kind.what,
            refusal=refusal.rstrip("."),
            consequence=kind.consequence,
            advice=kind.advice,
            minutes=kind.interval // timedelta(minutes=1),
        )
        try:
            once_an_interval(
                self._rate_limiter,
                kind.provider,
                kind.alerted,
                now=self._clock(),
                interval_ms=kind.interval // timedelta(milliseconds=1),
                act=lambda: self._alerts.publish(f"Grocery orders: {kind.what}", text),
            )
        except (NotificationUnavailable, StoreUnavailable, ClientError) as error:
            problem = type(error).__name__
            logger.error("operations not alerted", extra={"problem": problem})
