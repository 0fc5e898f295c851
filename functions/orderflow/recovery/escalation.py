"""The alerts about orders that stay parked: after their last attempt, or as a chain was cut."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, islice
from typing import Final

from orderflow.breakers.ports import BreakerStore
from orderflow.breakers.rate_limits import RateLimiter, once_an_interval
from orderflow.breakers.state import BreakerItem
from orderflow.clock import iso
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.platform.alerts import Alerts
from orderflow.recovery import events as recovery_events
from orderflow.recovery.settings import RecoverySettings
from orderflow.recovery.waiting import MAX_COUNTED, Waiting

#: When operations were last alerted about a provider, in epoch ms.
ALERTED: Final = "alertedAt"

#: When operations were last alerted that a chain of messages was ended, in epoch ms.
CHAIN_ALERTED: Final = "chainAlertedAt"

_MESSAGE: Final = """\
Waiting for {provider}: {waiting}. Automatic attempts did not help {attention} of them.
The oldest has been waiting since {oldest}.

The breaker of {provider} is {state} (mode {mode}). Reason: {reason}

Nothing is lost: they stay parked until the breaker closes again or you resume them.
The commands (add --stage):

    orders failed
    orders breakers show
    orders resume --all --provider {provider}
"""

_CHAIN_MESSAGE: Final = """\
{provider}: a chain of {hops} messages of the kind "{kind}" in the queue of parked orders was
ended, because a chain without an end would call recover_orders forever. This is not expected: see
the runbook parked-orders.md.

Nothing is lost: the orders stay parked. Their timers and the reconciler resume them, more slowly.
The commands (add --stage):

    orders failed
    orders breakers show
    orders resume --all --provider {provider}
"""


class Escalation:
    """Alerts operations, once an interval for each provider."""

    def __init__(
        self,
        alerts: Alerts,
        orders: Orders,
        breakers: BreakerStore,
        rate_limiter: RateLimiter,
        *,
        settings: Callable[[], RecoverySettings],
        clock: Callable[[], int],
    ) -> None:
        self._alerts = alerts
        self._orders = orders
        self._breakers = breakers
        self._rate_limiter = rate_limiter
        self._settings = settings
        self._clock = clock

    def alert(self, order: Order, provider: str) -> None:
        """Alert operations about this order and all others that wait for the provider.

        Raises:
            NotificationUnavailable: no alert was sent; the next caller tries again.
            StoreUnavailable: the same.
        """
        self._once_an_interval(provider, ALERTED, lambda: self._send(order, provider))

    def alert_of_chain(self, provider: str, kind: str, hops: int) -> None:
        """Alert operations that a chain of messages was too long.

        Args:
            provider: the provider.
            kind: the messages' kind.
            hops: the chain's length.

        Raises:
            NotificationUnavailable: no alert was sent; the next caller tries again.
            StoreUnavailable: the same.
        """
        text = _CHAIN_MESSAGE.format(provider=provider, kind=kind, hops=hops)
        subject = f"Grocery orders: recovery for {provider} ended a chain of messages"
        self._once_an_interval(provider, CHAIN_ALERTED, lambda: self._alerts.publish(subject, text))

    def _once_an_interval(self, provider: str, action: str, act: Callable[[], None]) -> None:
        once_an_interval(
            self._rate_limiter,
            provider,
            action,
            now=self._clock(),
            interval_ms=self._settings().alert_interval_seconds * 1000,
            act=act,
        )

    def _send(self, order: Order, provider: str) -> None:
        # The order itself may be missing: the index lags behind.
        waiting = Waiting.of(chain(islice(self._orders.parked(provider), MAX_COUNTED), [order]))
        self._alerts.publish(
            f"Grocery orders: {waiting.in_words} parked for {provider}",
            _text(waiting, self._breakers.read(provider)),
        )
        recovery_events.operations_alerted(provider, waiting.number, waiting.needing_attention)


def _text(waiting: Waiting, breaker: BreakerItem) -> str:
    return _MESSAGE.format(
        waiting=waiting.in_words,
        attention=waiting.needing_attention,
        oldest=iso(waiting.oldest),
        provider=breaker.provider,
        state=breaker.state,
        mode=breaker.mode,
        reason=breaker.reason or "none given.",
    )
