"""PayStack behind its circuit breaker, which all of its calls share.

Operations hear of its refusals.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, Protocol

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.providers import CallOutcome, Provider, ProviderName
from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.refusals import RefusalAlerts, RefusalKind
from orderflow.errors import (
    DuplicateReferenceError,
    PaymentRefused,
    PaystackRefusedUs,
    PaystackUnavailable,
    RefundRefusedError,
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
from orderflow.platform.observability import metrics

#: PayStack answered about this one transaction: it works.
_ANSWERS: Final = (
    PaymentRefused,
    DuplicateReferenceError,
    UnknownTransactionError,
    RefundRefusedError,
)


def classify(error: Exception) -> CallOutcome:
    """Classify an error of a call by what it shows of PayStack's health."""
    if isinstance(error, PaystackUnavailable):
        return CallOutcome.FAILURE
    return CallOutcome.HEALTHY if isinstance(error, _ANSWERS) else CallOutcome.UNKNOWN


PAYSTACK: Final = Provider(ProviderName.PAYSTACK, CONNECT_TIMEOUT + READ_TIMEOUT, classify)


_REFUSED_US: Final = RefusalKind(
    PAYSTACK.key,
    "PayStack refuses our key, our business or our requests",
    consequence="Orders wait for their links until this is mended.",
    advice=(
        "Check the secret key, the account in PayStack's dashboard and what we ask for. See the "
        "runbook provider-outage.md."
    ),
    alerted="refusedUsAt",
    interval=timedelta(minutes=15),
)

_REFUSED_ORDER: Final = RefusalKind(
    PAYSTACK.key,
    "PayStack refuses an order's payment",
    consequence="The order is REJECTED.",
    advice=("If it was right, our request is at fault. To find it: orders list --status REJECTED"),
    alerted="refusedOrderAt",
    interval=timedelta(minutes=15),
)


class Paystack(LinkMaker, Verifier, Protocol):
    """PayStack's API, as :class:`~orderflow.payments.paystack.PaystackClient` has it."""

    def session_timeout(self) -> int:
        """The seconds after which PayStack ends a checkout's session; 0 for never."""


class GuardedPaystack:
    """PayStack's API behind its breaker.

    Args:
        inner: the API.
        breaker: its breaker.
        alerts: alerts operations where PayStack refuses us, or a request that we made.
        rate_limiter: limits these alerts.
    """

    def __init__(
        self, inner: Paystack, breaker: Breaker, alerts: Alerts, rate_limiter: RateLimiter
    ) -> None:
        self._inner = inner
        self._breaker = breaker
        self._refused_us = RefusalAlerts(_REFUSED_US, alerts, rate_limiter)
        self._refused_order = RefusalAlerts(_REFUSED_ORDER, alerts, rate_limiter)

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

    def session_timeout(self) -> int:
        """The seconds after which PayStack ends a checkout's session; 0 for never.

        Raises:
            BreakerOpen: PayStack was not called.
        """
        with self.calling():
            return self._inner.session_timeout()

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Guard one call of PayStack in this block.

        Raises:
            BreakerOpen: PayStack must not be called.
        """
        try:
            with self._breaker.call():
                yield
        except PaystackRefusedUs as refusal:
            metrics.add_metric("PaystackRefusedUs", "Count", 1)
            self._refused_us.alert(str(refusal))
            raise
        except PaymentRefused as refusal:
            metrics.add_metric("PaystackRefusedOrders", "Count", 1)
            self._refused_order.alert(str(refusal))
            raise
