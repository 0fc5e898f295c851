"""PayStack's protocol: initialize and verify transactions, and check webhooks' signatures.

Sources: https://paystack.com/docs/api/transaction/ (#initialize, #verify) and
https://paystack.com/docs/payments/webhooks/#signature-validation. Amounts are in kobo there too.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import quote

import urllib3
from pydantic import BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from orderflow.clock import whole_milliseconds
from orderflow.errors import PaystackUnavailable
from orderflow.payments.answers import check_initialized, check_read, check_verified
from orderflow.platform.tracing import outgoing_call
from orderflow.records import Model

#: Seconds. Below the function's own timeout, which is below the state's.
CONNECT_TIMEOUT: Final = 3.0
READ_TIMEOUT: Final = 10.0

#: The header that carries the webhook's signature.
SIGNATURE_HEADER: Final = "x-paystack-signature"

#: The statuses of a transaction that is paid, and of one of which all money went back.
SUCCESS: Final = "success"
REVERSED: Final = "reversed"


class Transaction(Model):
    """A transaction to initialize."""

    model_config = ConfigDict(frozen=True)

    email: str
    amount_kobo: int
    currency: str
    reference: str
    metadata: dict[str, str]
    callback_url: str | None = None


class PaymentLink(Model):
    """A transaction's link, as PayStack answers it."""

    model_config = ConfigDict(extra="ignore")

    authorization_url: str = Field(pattern=r"^https?://")
    access_code: str = Field(min_length=1)
    reference: str


class _Initialized(Model):
    status: bool
    data: PaymentLink


class Unreadable(StrEnum):
    """What is there and can't be read, which is not the same as what is missing."""

    AMOUNT = "unreadable"


def _amount(value: Any) -> int | Unreadable | None:
    """An amount, as a number or as digits, which clients of PayStack read alike; None for null."""
    if value is None:
        return None
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= LARGEST_AMOUNT else Unreadable.AMOUNT


def _readable_amount(value: Any) -> int | None:
    """An amount that decides nothing by itself; None where it is null or unreadable."""
    amount = _amount(value)
    return None if amount is Unreadable.AMOUNT else amount


def _readable_text(value: Any) -> str | None:
    """A text that is not needed to read the rest, cut; None where it is null or unreadable."""
    return value[:_TEXT_LENGTH] if isinstance(value, str) else None


#: Amounts are at most this.
LARGEST_AMOUNT: Final = 2**50

#: PayStack's texts are cut to so many characters.
_TEXT_LENGTH: Final = 200

_DIGITS: Final = re.compile(r"[0-9]{1,16}")

_DecidingAmount = Annotated[int | Unreadable | None, BeforeValidator(_amount)]
#: An amount, or None.
OptionalAmount = Annotated[int | None, BeforeValidator(_readable_amount)]
#: A text, or None.
OptionalText = Annotated[str | None, BeforeValidator(_readable_text)]

#: Allows all that PayStack allows in references, and no character that a log must escape.
Reference = Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]


class Charge(Model):
    """A transaction as verify shows it, and as the ``data`` of a ``charge.success`` event.

    Amounts are in the currency's minor unit (kobo), at most 2**50. ``amount`` is what was paid,
    with the fees where the customer bears them; ``requested_amount`` is what the transaction was
    initialized with. Where that can't be read, the charge pays no order.
    """

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    #: PayStack's number of the transaction.
    id: OptionalAmount = None
    reference: Reference
    amount: int = Field(ge=0, le=LARGEST_AMOUNT)
    requested_amount: _DecidingAmount = None
    fees: OptionalAmount = None
    currency: str = Field(pattern=r"^[A-Za-z]{3}$")
    status: str = Field(max_length=50)
    channel: OptionalText = None
    gateway_response: OptionalText = None
    paid_at: OptionalText = None

    def pays(self, total: int, currency: str) -> bool:
        """Whether it pays an order of this total: docs/payments.md lists the cases."""
        if self.currency != currency or self.amount < total:
            return False
        if self.requested_amount is not None:
            return self.requested_amount == total
        return total in (self.amount, self.amount - (self.fees or 0))

    def excess_over(self, total: int) -> int:
        """What was paid beyond this total and PayStack's fees."""
        return max(0, self.amount - total - (self.fees or 0))

    def time_paid(self, now: datetime) -> datetime:
        """When it was paid (UTC); ``now`` where PayStack names no readable time."""
        try:
            return whole_milliseconds(datetime.fromisoformat(self.paid_at or ""))
        except (ValueError, OverflowError):
            return now


class FailedCharge(Model):
    """The ``data`` of a ``charge.failed`` event: an attempt to pay that was declined."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    reference: Reference
    gateway_response: OptionalText = None


class WebhookEvent(Model):
    """An event as PayStack sends it: a name, and data whose shape depends on it."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    event: str
    data: dict[str, Any]


class _Verified(Model):
    status: bool
    data: Charge


class _SessionTimeout(Model):
    payment_session_timeout: int = Field(ge=0)


class _Integration(Model):
    status: bool
    data: _SessionTimeout


class PaystackClient:
    """One PayStack account.

    Args:
        base_url: such as ``https://api.paystack.co``.
        secret_key: the account's secret key.
        pool: the connections to use; a warm function keeps them between calls.
    """

    def __init__(
        self, base_url: str, secret_key: SecretStr, pool: urllib3.PoolManager | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._secret_key = secret_key
        self._pool = pool or urllib3.PoolManager()

    def initialize(self, transaction: Transaction) -> PaymentLink:
        """Create the transaction and return its link.

        Raises:
            DuplicateReferenceError: the reference exists already.
            PaymentRefused: the request itself is at fault.
            PaystackRefusedUs: PayStack refuses our key or our business.
            PaystackUnavailable: no answer, a failing one, or one that can't be read.
        """
        response = self.ask("POST", "/transaction/initialize", _wire_format(transaction))
        check_initialized(response)
        try:
            answer = _Initialized.model_validate_json(response.data)
        except ValidationError as error:
            raise PaystackUnavailable("PayStack's answer can't be read") from error
        if not answer.status or answer.data.reference != transaction.reference:
            raise PaystackUnavailable("PayStack's answer is about another transaction")
        return answer.data

    def verify(self, reference: str) -> Charge:
        """The transaction as PayStack's API shows it now.

        Raises:
            UnknownTransactionError: PayStack knows no such reference.
            PaystackRefusedUs: PayStack refuses our key or our business.
            PaystackUnavailable: no answer, a failing one, or one that can't be read.
        """
        response = self.ask("GET", f"/transaction/verify/{quote(reference, safe='')}")
        check_verified(response, reference)
        try:
            answer = _Verified.model_validate_json(response.data)
        except ValidationError as error:
            raise PaystackUnavailable("PayStack's answer can't be read") from error
        if not answer.status or answer.data.reference != reference:
            raise PaystackUnavailable("PayStack's answer is about another transaction")
        return answer.data

    def session_timeout(self) -> int:
        """The seconds after which PayStack ends a checkout's session; 0 for never.

        Source: PaystackOSS/openapi, ``GET /integration/payment_session_timeout``.

        Raises:
            PaystackRefusedUs: PayStack refuses our key or our business.
            PaystackUnavailable: no answer, a failing one, or one that can't be read.
        """
        response = self.ask("GET", "/integration/payment_session_timeout")
        check_read(response)
        try:
            answer = _Integration.model_validate_json(response.data)
        except ValidationError as error:
            raise PaystackUnavailable("PayStack's answer can't be read") from error
        return answer.data.payment_session_timeout

    def ask(
        self, method: str, path: str, body: Mapping[str, str | int] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """One call of the API, answered in whatever way.

        Raises:
            PaystackUnavailable: no answer.
        """
        url = self._base_url + path
        try:
            with outgoing_call("PayStack", method, url) as call:
                response = self._pool.request(
                    method,
                    url,
                    json=body,
                    headers={"Authorization": f"Bearer {self._secret_key.get_secret_value()}"},
                    timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
                    retries=False,
                    redirect=False,
                )
                call.answered(response.status)
                return response
        except urllib3.exceptions.HTTPError as error:
            raise PaystackUnavailable(f"No answer from PayStack: {type(error).__name__}") from error


def _wire_format(transaction: Transaction) -> dict[str, str]:
    body = {
        "email": transaction.email,
        "amount": str(transaction.amount_kobo),
        "currency": transaction.currency,
        "reference": transaction.reference,
        "metadata": json.dumps(transaction.metadata),
    }
    return body | ({"callback_url": transaction.callback_url} if transaction.callback_url else {})


def is_signed(raw_body: bytes, signature: str, secret_key: SecretStr) -> bool:
    """Whether ``signature`` is the hex HMAC-SHA512 of the raw body under our secret key.

    Compares in constant time.
    """
    expected = hmac.digest(secret_key.get_secret_value().encode(), raw_body, "sha512").hex()
    offered = signature.strip().lower().encode(errors="replace")
    return hmac.compare_digest(expected.encode(), offered)
