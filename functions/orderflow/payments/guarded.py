"""PayStack behind its circuit breaker, which both of its calls share."""

from __future__ import annotations

from typing import Final

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.providers import CallOutcome, Provider, ProviderName
from orderflow.errors import (
    DuplicateReferenceError,
    PaymentRefused,
    PaystackCredentialsError,
    PaystackUnavailable,
    UnknownTransactionError,
)
from orderflow.payments.links import LinkMaker
from orderflow.payments.paystack import (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    Charge,
    PaymentLink,
    Transaction,
)
from orderflow.payments.verification import Verifier

#: PayStack answered with a refusal of the order or of the key: it works.
_ANSWERS: Final = (
    PaymentRefused,
    DuplicateReferenceError,
    PaystackCredentialsError,
    UnknownTransactionError,
)


def classify(error: Exception) -> CallOutcome:
    """Classify an error of a call by what it shows of PayStack's health."""
    if isinstance(error, PaystackUnavailable):
        return CallOutcome.FAILURE
    return CallOutcome.HEALTHY if isinstance(error, _ANSWERS) else CallOutcome.UNKNOWN


PAYSTACK: Final = Provider(ProviderName.PAYSTACK, CONNECT_TIMEOUT + READ_TIMEOUT, classify)


class GuardedLinkMaker:
    """A :class:`~orderflow.payments.links.LinkMaker` behind PayStack's breaker."""

    def __init__(self, inner: LinkMaker, breaker: Breaker) -> None:
        self._inner = inner
        self._breaker = breaker

    def initialize(self, transaction: Transaction) -> PaymentLink:
        """Create the transaction, unless the breaker is open.

        Raises:
            BreakerOpen: PayStack was not called.
        """
        with self._breaker.call():
            return self._inner.initialize(transaction)


class GuardedVerifier:
    """A :class:`~orderflow.payments.verification.Verifier` behind PayStack's breaker."""

    def __init__(self, inner: Verifier, breaker: Breaker) -> None:
        self._inner = inner
        self._breaker = breaker

    def verify(self, reference: str) -> Charge:
        """The transaction as PayStack holds it, unless the breaker is open.

        Raises:
            BreakerOpen: PayStack was not called.
        """
        with self._breaker.call():
            return self._inner.verify(reference)
