"""PayStack behind its circuit breaker, which all of its calls share.

Operations hear of its refusals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.providers import CallOutcome, Provider, ProviderName
from orderflow.breakers.rate_limits import RateLimiter, once_an_interval
from orderflow.clock import epoch_ms
from orderflow.errors import (
    DuplicateReferenceError,
    NotificationUnavailable,
    PaymentRefused,
    PaystackRefusedUs,
    PaystackUnavailable,
    RefundRefusedError,
    StoreUnavailable,
    UnknownTransactionError,
)
from orderflow.payments.inquiry import Verifier
from orderflow.payments.links import LinkMaker
from orderflow.payments.paystack import (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    Charge,
    PaymentLink,
    Transaction,
)
from orderflow.platform.alerts import Alerts
from orderflow.platform.observability import logger, metrics

#: PayStack answered about this one transaction: it works.
_ANSWERS: Final = (
    PaymentRefused,
    DuplicateReferenceError,
    UnknownTransactionError,
    RefundRefusedError,
)

#: The shortest time between two alerts of one kind. The metrics count every refusal.
ALERT_INTERVAL_MS: Final = 15 * 60 * 1000


def classify(error: Exception) -> CallOutcome:
    """Classify an error of a call by what it shows of PayStack's health."""
    if isinstance(error, PaystackUnavailable):
        return CallOutcome.FAILURE
    return CallOutcome.HEALTHY if isinstance(error, _ANSWERS) else CallOutcome.UNKNOWN


PAYSTACK: Final = Provider(ProviderName.PAYSTACK, CONNECT_TIMEOUT + READ_TIMEOUT, classify)


class RefusalAlarm:
    """Alerts operations where PayStack refuses us, or a request that we made.

    An alert that can't be sent changes nothing for the order: the next refusal sends another.
    """

    def __init__(
        self, alerts: Alerts, limiter: RateLimiter, clock: Callable[[], int] = epoch_ms
    ) -> None:
        self._alerts = alerts
        self._limiter = limiter
        self._clock = clock

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Alert about the refusals that leave this block, and let them pass."""
        try:
            yield
        except PaystackRefusedUs as refusal:
            metrics.add_metric("PaystackRefusedUs", "Count", 1)
            self._alert(
                "refusedUsAt",
                "Grocery orders: PayStack refuses our key or business",
                f"{refusal}\n\nOrders wait for their links until this is mended: check the secret "
                "key and the account in PayStack's dashboard. See the runbook provider-outage.md.",
            )
            raise
        except PaymentRefused as refusal:
            metrics.add_metric("PaystackRefusedOrders", "Count", 1)
            self._alert(
                "refusedOrderAt",
                "Grocery orders: PayStack refuses an order's payment",
                f"{refusal}\n\nThe order is REJECTED. If it was right, our request is at fault. "
                "To find it: orders list --status REJECTED",
            )
            raise

    def _alert(self, action: str, subject: str, message: str) -> None:
        try:
            once_an_interval(
                self._limiter,
                PAYSTACK.key,
                action,
                now=self._clock(),
                interval_ms=ALERT_INTERVAL_MS,
                act=lambda: self._alerts.publish(subject, message),
            )
        except (NotificationUnavailable, StoreUnavailable) as error:
            logger.error("refusal not alerted", extra={"problem": str(error)})


class Paystack(LinkMaker, Verifier, Protocol):
    """PayStack's API, as :class:`~orderflow.payments.paystack.PaystackClient` has it."""


class GuardedPaystack:
    """PayStack's API behind its breaker."""

    def __init__(self, inner: Paystack, breaker: Breaker, alarm: RefusalAlarm) -> None:
        self._inner = inner
        self._breaker = breaker
        self._alarm = alarm

    def initialize(self, transaction: Transaction) -> PaymentLink:
        """Create the transaction, unless the breaker is open.

        Raises:
            BreakerOpen: PayStack was not called.
        """
        with self.calling():
            return self._inner.initialize(transaction)

    def verify(self, reference: str) -> Charge:
        """The transaction as PayStack holds it, unless the breaker is open.

        Raises:
            BreakerOpen: PayStack was not called.
        """
        with self.calling():
            return self._inner.verify(reference)

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Guard one call of PayStack in this block.

        Raises:
            BreakerOpen: PayStack must not be called.
        """
        with self._alarm.watching(), self._breaker.call():
            yield
