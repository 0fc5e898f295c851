"""PayStack's protocol: initialize and verify transactions, and check webhooks' signatures.

Sources: https://paystack.com/docs/api/transaction/ (#initialize, #verify) and
https://paystack.com/docs/payments/webhooks/#signature-validation. Amounts are in kobo there too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote

import urllib3
from pydantic import ConfigDict, Field, SecretStr, ValidationError

from orderflow.clock import whole_milliseconds
from orderflow.errors import (
    DuplicateReferenceError,
    PaymentRefused,
    PaystackCredentialsError,
    PaystackUnavailable,
    UnknownTransactionError,
)
from orderflow.platform.retry_after import parse_retry_after
from orderflow.records import Model

#: Seconds. Below the function's own timeout, which is below the state's.
CONNECT_TIMEOUT: Final = 3.0
READ_TIMEOUT: Final = 10.0

#: The header that carries the webhook's signature.
SIGNATURE_HEADER: Final = "x-paystack-signature"


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


#: Allows all that PayStack allows in references, and no character that a log must escape.
_Reference = Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]


class Charge(Model):
    """A transaction as verify shows it, and as the ``data`` of a ``charge.success`` event.

    ``amount`` is in the currency's minor unit (kobo), at most 2**50.
    """

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    reference: _Reference
    amount: int = Field(ge=0, le=2**50)
    currency: str = Field(pattern=r"^[A-Za-z]{3}$")
    status: str = Field(max_length=50)
    channel: str | None = Field(default=None, max_length=50)
    paid_at: str | None = None

    def time_paid(self, now: datetime) -> datetime:
        """When it was paid (UTC); ``now`` where PayStack names no readable time."""
        try:
            return whole_milliseconds(datetime.fromisoformat(self.paid_at or ""))
        except (ValueError, OverflowError):
            return now


class FailedCharge(Model):
    """The ``data`` of a ``charge.failed`` event: an attempt to pay that was declined."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    reference: _Reference
    gateway_response: str | None = None


class WebhookEvent(Model):
    """An event as PayStack sends it: a name, and data whose shape depends on it."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    event: str
    data: dict[str, Any]


class _Verified(Model):
    status: bool
    data: Charge


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
            PaymentRefused: PayStack refuses this transaction.
            PaystackCredentialsError: PayStack refuses our key.
            PaystackUnavailable: no answer, a failing one, or one that can't be read.
        """
        response = self._ask("POST", "/transaction/initialize", _wire_format(transaction))
        _raise_for_status(response)
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
            PaystackCredentialsError: PayStack refuses our key.
            PaystackUnavailable: no answer, a failing one, or one that can't be read.
        """
        response = self._ask("GET", f"/transaction/verify/{quote(reference, safe='')}")
        if _is_unknown_transaction(response):
            raise UnknownTransactionError(reference)
        _raise_for_status(response)
        try:
            answer = _Verified.model_validate_json(response.data)
        except ValidationError as error:
            raise PaystackUnavailable("PayStack's answer can't be read") from error
        if not answer.status or answer.data.reference != reference:
            raise PaystackUnavailable("PayStack's answer is about another transaction")
        return answer.data

    def _ask(
        self, method: str, path: str, body: dict[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(
                method,
                self._base_url + path,
                json=body,
                headers={"Authorization": f"Bearer {self._secret_key.get_secret_value()}"},
                timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
                retries=False,
                redirect=False,
            )
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


def _raise_for_status(response: urllib3.BaseHTTPResponse) -> None:
    status = response.status
    if status == HTTPStatus.OK:
        return
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or not (
        HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        raise PaystackUnavailable(
            f"PayStack answered with status {status}",
            parse_retry_after(response.headers.get("Retry-After")),
        )
    refusal = _refusal(response.data)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
        raise PaystackCredentialsError(f"PayStack answered with status {status}: {refusal.message}")
    if refusal.is_duplicate:
        raise DuplicateReferenceError(refusal.message)
    raise PaymentRefused(f"The payment provider refused this order: {refusal.message}")


def _is_unknown_transaction(response: urllib3.BaseHTTPResponse) -> bool:
    """Documented as 400 with a code; 404 with the message alone has been seen as well."""
    if response.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
        return False
    refusal = _refusal(response.data)
    return (
        refusal.code == "transaction_not_found"
        or "transaction reference not found" in refusal.message.lower()
    )


class _Refusal(Model):
    message: str = "no reason given"
    code: str = ""

    @property
    def is_duplicate(self) -> bool:
        return self.code == "duplicate_reference" or "duplicate" in self.message.lower()


def _refusal(data: bytes) -> _Refusal:
    try:
        return _Refusal.model_validate_json(data)
    except ValidationError:
        return _Refusal()


def is_signed(raw_body: bytes, signature: str, secret_key: SecretStr) -> bool:
    """Whether ``signature`` is the hex HMAC-SHA512 of the raw body under our secret key.

    Compares in constant time.
    """
    expected = hmac.new(
        secret_key.get_secret_value().encode(), raw_body, hashlib.sha512
    ).hexdigest()
    offered = signature.strip().lower().encode(errors="replace")
    return hmac.compare_digest(expected.encode(), offered)
