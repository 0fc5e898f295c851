"""How PayStack's answers are read: by their status, type and code, by their message last.

An answer decides over an order only where it is PayStack's own JSON. A gateway's page, a proxy's
refusal and an unknown error are outages: the order is parked, and the call is made again later.

Source: PaystackOSS/openapi, schemas Error and TransactionInitializeBadRequestModel (``status``,
``message``, ``type`` of validation_error, processor_error or api_error, ``code``, ``meta``); the
codes are those of PaystackOSS/doc-code-snippets and of https://paystack.com/docs/api/errors/.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import urllib3
from pydantic import BaseModel, ConfigDict, ValidationError

from orderflow.clock import parse_retry_after
from orderflow.errors import (
    DuplicateReferenceError,
    PaymentRefused,
    PaystackRefusedUs,
    PaystackUnavailable,
    RefundRefusedError,
    UnknownTransactionError,
)

#: PayStack answers with either; 201 where it has created something.
SUCCESSES: Final = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})

#: The statuses of a refusal. 401 is always about our key; 403 and 404 are also a gateway's, so
#: that they decide nothing by themselves.
_REFUSALS: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.CONFLICT,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)

_DUPLICATE: Final = "duplicate_reference"
_UNKNOWN_TRANSACTION: Final = "transaction_not_found"

#: Codes that are about our account: no other order would fare better.
_ABOUT_US: Final = frozenset(
    {
        "invalid_key",
        "unauthorized",
        "inactive_merchant",
        "merchant_disabled",
        "feature_unavailable",
        "unsupported_currency",
        "unallowed_ip",
    }
)

#: Codes that are about the order's request. A fault of our set-up, such as an account without
#: channels, is a ``validation_error``, too: so the type alone rejects no order.
_ABOUT_THE_REQUEST: Final = frozenset(
    {
        "missing_params",
        "invalid_params",
        "invalid_amount",
        "invalid_email_address",
        "amount_too_large",
        "amount_too_small",
    }
)

#: Codes that are about one request, whatever the message says.
_ABOUT_ONE_REQUEST: Final = _ABOUT_THE_REQUEST | {_DUPLICATE, _UNKNOWN_TRANSACTION}

#: Where PayStack names no code: the beginning of the message, in lower case.
_DUPLICATE_MESSAGE: Final = "duplicate transaction reference"
_UNKNOWN_TRANSACTION_MESSAGE: Final = "transaction reference not found"
_MESSAGES_ABOUT_THE_REQUEST: Final = (
    "invalid amount",
    "invalid email",
    "email address is required",
    "amount is required",
)

#: A part of the message, where no known code says that one request is meant.
_PHRASES_ABOUT_US: Final = (
    "invalid key",
    "business is disabled",
    "business has been disabled",
    "merchant is not active",
    "merchant may be inactive",
    "currency not supported by merchant",
    "ip address is not allowed",
)

#: PayStack's message is cut to so many characters.
_MESSAGE_LENGTH: Final = 200


class _Refusal(BaseModel):
    """The envelope of PayStack's errors. ``type`` and ``code`` may be missing or null."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    status: bool
    message: str
    type: str | None = None
    code: str | None = None

    def says(self, *beginnings: str) -> bool:
        """Whether the message begins so, where there is nothing better to go by."""
        return not self.code and self.message.strip().lower().startswith(beginnings)

    @property
    def is_about_us(self) -> bool:
        """Whether PayStack refuses our key or our business, whatever the order."""
        if self.code in _ABOUT_US:
            return True
        words = self.message.lower()
        is_about_one = self.code in _ABOUT_ONE_REQUEST
        return not is_about_one and any(phrase in words for phrase in _PHRASES_ABOUT_US)

    @property
    def is_duplicate(self) -> bool:
        return self.code == _DUPLICATE or self.says(_DUPLICATE_MESSAGE)

    @property
    def is_unknown_transaction(self) -> bool:
        return self.code == _UNKNOWN_TRANSACTION or self.says(_UNKNOWN_TRANSACTION_MESSAGE)

    @property
    def is_validation_error(self) -> bool:
        """Whether PayStack calls the request itself at fault: the same again is refused again."""
        return self.type == "validation_error" or (self.type is None and self._is_about_the_order)

    @property
    def is_about_the_order(self) -> bool:
        """Whether the order's part of the request is at fault, for a reason that is known."""
        return self.is_validation_error and self._is_about_the_order

    @property
    def _is_about_the_order(self) -> bool:
        return self.code in _ABOUT_THE_REQUEST or self.says(*_MESSAGES_ABOUT_THE_REQUEST)

    @property
    def summary(self) -> str:
        """PayStack's message and code, for customers and operations."""
        words = self.message.strip()[:_MESSAGE_LENGTH] or "no reason given"
        return f"{words} ({self.code})" if self.code else words


def check_initialized(response: urllib3.BaseHTTPResponse) -> None:
    """Raise what an answer to initialize says, unless it is a success.

    Raises:
        DuplicateReferenceError: the reference exists already.
        PaymentRefused: the order's part of the request is at fault.
        PaystackRefusedUs: PayStack refuses our key or our business, or a request for an unknown
            reason.
        PaystackUnavailable: any other answer.
    """
    if response.status in SUCCESSES:
        return
    refusal = _refusal(response)
    if refusal is not None and response.status in _REFUSALS:
        if refusal.is_duplicate:
            raise DuplicateReferenceError(refusal.summary)
        if refusal.is_about_the_order:
            raise PaymentRefused(f"The payment provider refused this order: {refusal.summary}")
        if refusal.is_validation_error:
            raise PaystackRefusedUs(
                f"PayStack refuses a request for a reason that is not known here: {refusal.summary}"
            )
    raise _unavailable(response, refusal)


def check_verified(response: urllib3.BaseHTTPResponse, reference: str) -> None:
    """Raise what an answer to verify says, unless it is a success.

    Raises:
        UnknownTransactionError: PayStack's own JSON says that it knows no such reference.
        PaystackRefusedUs: PayStack refuses our key or our business.
        PaystackUnavailable: any other answer.
    """
    if response.status in SUCCESSES:
        return
    refusal = _refusal(response)
    known = {HTTPStatus.NOT_FOUND, *_REFUSALS}
    if refusal is not None and response.status in known and refusal.is_unknown_transaction:
        raise UnknownTransactionError(reference)
    raise _unavailable(response, refusal)


def check_refunded(response: urllib3.BaseHTTPResponse) -> None:
    """Raise what an answer to the creation of a refund says, unless it is a success.

    Raises:
        RefundRefusedError: PayStack's own JSON says that it makes no such refund.
        PaystackRefusedUs: PayStack refuses our key or our business.
        PaystackUnavailable: any other answer: the refund may have been made.
    """
    if response.status in SUCCESSES:
        return
    refusal = _refusal(response)
    if refusal is not None and response.status in _REFUSALS and refusal.is_validation_error:
        raise RefundRefusedError(f"PayStack refuses the refund: {refusal.summary}")
    raise _unavailable(response, refusal)


def check_read(response: urllib3.BaseHTTPResponse) -> None:
    """Raise what an answer to a question about our own account says, unless it is a success.

    Raises:
        PaystackRefusedUs: PayStack refuses our key or our business.
        PaystackUnavailable: any other answer.
    """
    if response.status not in SUCCESSES:
        raise _unavailable(response, _refusal(response))


def _refusal(response: urllib3.BaseHTTPResponse) -> _Refusal | None:
    """PayStack's refusal; None where the body is not its JSON, or the refusal is about us."""
    if not HTTPStatus.BAD_REQUEST <= response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    try:
        refusal = _Refusal.model_validate_json(response.data)
    except ValidationError:
        return None
    if refusal.status:
        return None
    if response.status == HTTPStatus.UNAUTHORIZED or refusal.is_about_us:
        raise PaystackRefusedUs(
            f"PayStack refuses our key or business (status {response.status}): {refusal.summary}"
        )
    return refusal


def _unavailable(
    response: urllib3.BaseHTTPResponse, refusal: _Refusal | None
) -> PaystackUnavailable:
    reason = f": {refusal.summary}" if refusal else ""
    return PaystackUnavailable(
        f"PayStack answered with status {response.status}{reason}",
        parse_retry_after(response.headers.get("Retry-After")),
    )
