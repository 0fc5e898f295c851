"""The alert about orders that automatic attempts did not help: people are to look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from orderflow.breakers.ports import BreakerStore
from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.state import BreakerItem
from orderflow.errors import StoreUnavailable
from orderflow.orders.model import Order
from orderflow.orders.status import PARKED, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import alerts
from orderflow.platform.observability import logger
from orderflow.recovery import events as recovery_events
from orderflow.recovery.settings import RecoverySettings

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

#: When operations were last alerted about a provider, in epoch ms.
ALERTED: Final = "alertedAt"

#: Orders are counted up to here.
_COUNTED: Final = 1000

_MESSAGE: Final = """\
Waiting for {provider}: {waiting}. Automatic attempts did not help {attention} of them.
The oldest has been waiting since {oldest}.

The breaker of {provider} is {state} (mode {mode}). Reason: {reason}

Nothing is lost: they stay parked until the breaker closes again, or somebody lets them go on.
To look at them, and to do so (add --stage):

    orders failed
    orders breakers show
    orders resume --all --provider {provider}
"""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The orders that wait for one provider."""

    number: int
    needing_attention: int
    oldest: str

    @classmethod
    def of(cls, orders: Iterable[Order]) -> _Waiting:
        by_id = {order.order_id: order for order in orders}
        return cls(
            number=len(by_id),
            needing_attention=sum(
                order.status is OrderStatus.NEEDS_ATTENTION for order in by_id.values()
            ),
            oldest=min(map(_waiting_since, by_id.values())),
        )

    @property
    def in_words(self) -> str:
        if self.number == 1:
            return "1 order"
        return f"{self.number}{' or more' if self.number >= _COUNTED else ''} orders"


class Escalation:
    """Alerts operations, once an interval for each provider."""

    def __init__(
        self,
        sns: SNSClient,
        topic_arn: str,
        orders: OrderStore,
        breakers: BreakerStore,
        rate_limiter: RateLimiter,
        *,
        settings: Callable[[], RecoverySettings],
        clock: Callable[[], int],
    ) -> None:
        self._sns = sns
        self._topic_arn = topic_arn
        self._orders = orders
        self._breakers = breakers
        self._rate_limiter = rate_limiter
        self._settings = settings
        self._clock = clock

    def alert(self, order: Order, provider: str) -> None:
        """Tell operations of this order and of all others that wait for the provider.

        Raises:
            NotificationUnavailable: nobody was told; the next caller may try.
            StoreUnavailable: the same.
        """
        now = self._clock()
        interval_ms = self._settings().alert_interval_seconds * 1000
        if not self._rate_limiter.try_acquire(provider, ALERTED, now, interval_ms):
            return
        try:
            self._tell(order, provider)
        except Exception:
            self._release(provider, now)
            raise

    def _tell(self, order: Order, provider: str) -> None:
        # The order itself may be missing: the index lags behind.
        waiting = _Waiting.of(chain(islice(self._orders.parked(provider), _COUNTED), [order]))
        alerts.publish(
            self._sns,
            self._topic_arn,
            f"Grocery orders: {waiting.in_words} parked for {provider}",
            _text(waiting, self._breakers.read(provider)),
        )
        recovery_events.attention_called(provider, waiting.number, waiting.needing_attention)

    def _release(self, provider: str, taken_at: int) -> None:
        try:
            self._rate_limiter.release(provider, ALERTED, taken_at)
        except StoreUnavailable:
            logger.error("no alert for one interval", extra={"provider": provider})


def _text(waiting: _Waiting, breaker: BreakerItem) -> str:
    return _MESSAGE.format(
        waiting=waiting.in_words,
        attention=waiting.needing_attention,
        oldest=waiting.oldest,
        provider=breaker.provider,
        state=breaker.state,
        mode=breaker.mode,
        reason=breaker.reason or "none given.",
    )


def _waiting_since(order: Order) -> str:
    """When it was parked for the first time."""
    return min(
        (change.at for change in order.history if change.status in PARKED),
        default=order.updated_at,
    )
