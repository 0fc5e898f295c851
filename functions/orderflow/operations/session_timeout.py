"""Checks that PayStack's checkout takes payments for as long as our links are valid.

The account's ``payment_session_timeout`` is set in PayStack's dashboard. A checkout that ends
before its order does can't be paid, and no answer about a transaction shows it: a transaction that
was never paid is "abandoned" before and after.

Source: PaystackOSS/openapi, ``/integration/payment_session_timeout`` (seconds; 0 is none).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.clock import epoch_ms
from orderflow.errors import (
    BreakerOpen,
    NotificationUnavailable,
    PaystackUnavailable,
    StoreUnavailable,
)
from orderflow.payments.guarded import PAYSTACK
from orderflow.platform.alerts import Alerts
from orderflow.platform.observability import logger, metrics

#: The time between two checks. One that fails is not repeated before: PayStack's other answers
#: decide over the breaker.
INTERVAL: Final = timedelta(hours=6)

#: When PayStack was last asked (epoch ms): an attribute of its item in the ``breakers`` table.
_CHECKED: Final = "sessionCheckedAt"

_FAILURES: Final = (BreakerOpen, PaystackUnavailable, NotificationUnavailable, StoreUnavailable)

_TOO_SHORT: Final = """\
PayStack ends a checkout's session after {timeout} seconds, and our payment links are valid for
{validity} seconds. In between a link is shown that can't be paid.

Set "Payment session timeout" in PayStack's dashboard (Preferences) to 0, none, or to at least
{validity} seconds. See DEPLOYMENT.md.
"""


class Integration(Protocol):
    """The part of :class:`~orderflow.payments.guarded.GuardedPaystack` that shows settings."""

    def session_timeout(self) -> int:
        """The seconds after which PayStack ends a checkout's session; 0 for never."""


@dataclass(frozen=True)
class SessionTimeoutCheck:
    """Alerts operations where PayStack's sessions end before our links.

    Attributes:
        validity: how long a link is valid.
        clock: the present time in epoch ms.
    """

    paystack: Integration
    rate_limiter: RateLimiter
    alerts: Alerts
    validity: timedelta
    clock: Callable[[], int] = epoch_ms

    def run(self) -> None:
        """Check, if the last check is :data:`INTERVAL` ago. Never raises where PayStack is out."""
        interval_ms = INTERVAL // timedelta(milliseconds=1)
        try:
            if self.rate_limiter.try_acquire(PAYSTACK.key, _CHECKED, self.clock(), interval_ms):
                self._check()
        except _FAILURES as error:
            logger.error("session timeout unknown", extra={"problem": type(error).__name__})

    def _check(self) -> None:
        timeout = self.paystack.session_timeout()
        validity = self.validity // timedelta(seconds=1)
        if not 0 < timeout < validity:
            return
        metrics.add_metric("SessionTimeoutTooShort", "Count", 1)
        self.alerts.publish(
            "Grocery orders: PayStack ends payment links too early",
            _TOO_SHORT.format(timeout=timeout, validity=validity),
        )
