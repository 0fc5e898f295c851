"""PayStack's messages: what its API takes and what it answers.

Shapes: https://paystack.com/docs/api/transaction/ and https://paystack.com/docs/api/errors/
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, Field, ValidationError
from starlette.responses import JSONResponse, Response

from orderflow.clock import iso
from scripts.local.stand_ins.faults import Fault, Mode


class InitializeRequest(BaseModel):
    """The body of ``POST /transaction/initialize``. ``amount`` is in the minor unit (kobo)."""

    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    amount: int = Field(gt=0)
    currency: str = Field(default="NGN", pattern=r"^[A-Z]{3}$")
    reference: str = Field(
        default_factory=lambda: secrets.token_hex(5), pattern=r"^[A-Za-z0-9.=-]+$"
    )
    callback_url: str | None = None
    metadata: Any = None


class Status(StrEnum):
    """The statuses of a transaction that this stand-in has; PayStack has a few more."""

    SUCCESS = "success"
    FAILED = "failed"
    ABANDONED = "abandoned"


_GATEWAY_RESPONSES: Final = {
    Status.SUCCESS: "Successful",
    Status.FAILED: "Declined",
    Status.ABANDONED: "The transaction was not completed",
}


@dataclass
class Transaction:
    """One payment link and what became of it."""

    number: int
    access_code: str
    authorization_url: str
    request: InitializeRequest
    created_at: str
    paid_at: str | None = None
    declines: int = 0
    deliveries: list[str] = field(default_factory=list)

    @property
    def status(self) -> Status:
        """PayStack's word for it. A link that nobody has tried yet is "abandoned", too."""
        if self.paid_at is not None:
            return Status.SUCCESS
        return Status.FAILED if self.declines else Status.ABANDONED


def charge(transaction: Transaction) -> dict[str, Any]:
    """A transaction as verify and the webhook show it, with all of the documented fields."""
    wanted = transaction.request
    status = transaction.status
    return {
        "id": transaction.number,
        "domain": "test",
        "status": status,
        "reference": wanted.reference,
        "receipt_number": None,
        "amount": wanted.amount,
        "requested_amount": wanted.amount,
        "currency": wanted.currency,
        "channel": "card",
        "gateway_response": _GATEWAY_RESPONSES[status],
        "message": None,
        "paid_at": transaction.paid_at,
        "created_at": transaction.created_at,
        "paidAt": transaction.paid_at,
        "createdAt": transaction.created_at,
        "transaction_date": transaction.created_at,
        "ip_address": "127.0.0.1",
        "fees": None,
        "fees_split": None,
        "fees_breakdown": None,
        "metadata": wanted.metadata,
        "log": {
            "attempts": transaction.declines + (status is Status.SUCCESS),
            "errors": transaction.declines,
            "success": status is Status.SUCCESS,
            "mobile": False,
            "input": [],
            "history": [],
        },
        "authorization": _AUTHORIZATION if status is Status.SUCCESS else {},
        "customer": {
            "id": transaction.number,
            "email": wanted.email,
            "customer_code": f"CUS_{transaction.number}",
            "first_name": None,
            "last_name": None,
            "phone": None,
            "metadata": None,
            "risk_action": "default",
            "international_format_phone": None,
        },
        "plan": None,
        "plan_object": {},
        "split": {},
        "subaccount": {},
        "source": None,
        "connect": None,
        "order_id": None,
        "pos_transaction_data": None,
    }


#: A test card of PayStack's.
_AUTHORIZATION: Final = {
    "authorization_code": "AUTH_standin",
    "bin": "408408",
    "last4": "4081",
    "exp_month": "12",
    "exp_year": "2030",
    "channel": "card",
    "card_type": "visa",
    "bank": "TEST BANK",
    "country_code": "NG",
    "brand": "visa",
    "reusable": True,
    "signature": "SIG_standin",
    "account_name": None,
}


def record(transaction: Transaction) -> dict[str, Any]:
    """A transaction as the admin API lists it, for auditors and tests."""
    wanted = transaction.request
    return {
        "reference": wanted.reference,
        "accessCode": transaction.access_code,
        "authorizationUrl": transaction.authorization_url,
        "email": wanted.email,
        "amount": wanted.amount,
        "currency": wanted.currency,
        "metadata": wanted.metadata,
        "createdAt": transaction.created_at,
        "paidAt": transaction.paid_at,
        "status": transaction.status,
        "declines": transaction.declines,
        "webhookAttempts": list(transaction.deliveries),
    }


def error_answer(fault: Fault) -> Response:
    """PayStack's own body for an injected fault."""
    match fault.mode:
        case Mode.THROTTLE:
            headers = {"retry-after": str(fault.retry_after_seconds)}
            body = {"status": False, "message": "Too many requests"}
            return JSONResponse(body, HTTPStatus.TOO_MANY_REQUESTS, headers)
        case Mode.BAD_REQUEST:
            return refused("Invalid request", "invalid_params")
        case Mode.OUTAGE:
            return _failed("Service unavailable", HTTPStatus.SERVICE_UNAVAILABLE)
        case Mode.TIMEOUT:
            return _failed("Gateway timeout", HTTPStatus.GATEWAY_TIMEOUT)
        case _:
            return _failed("An error occurred", HTTPStatus.INTERNAL_SERVER_ERROR)


def now() -> str:
    """The time as PayStack writes it."""
    return iso(datetime.now(UTC))


def return_address(transaction: Transaction) -> str:
    """Where PayStack sends the customer after paying: the merchant's page, or this one again."""
    reference = transaction.request.reference
    callback = transaction.request.callback_url
    if not callback:
        return transaction.authorization_url
    joiner = "&" if urlsplit(callback).query else "?"
    return f"{callback}{joiner}{urlencode({'trxref': reference, 'reference': reference})}"


def complaint(error: ValidationError) -> str:
    """PayStack names the first wrong parameter only."""
    location = error.errors(include_url=False)[0]["loc"]
    messages = {"email": "Invalid Email Address Passed", "amount": "Invalid Amount Sent"}
    return messages.get(str(location[0]) if location else "", "Invalid parameters passed")


def accepted(message: str, data: dict[str, Any]) -> Response:
    """PayStack's envelope of a success."""
    return JSONResponse({"status": True, "message": message, "data": data})


def refused(message: str, code: str) -> Response:
    """PayStack's envelope of a request that is at fault."""
    body = {
        "status": False,
        "message": message,
        "meta": {"nextStep": "Correct the request and send it again"},
        "type": "validation_error",
        "code": code,
    }
    return JSONResponse(body, HTTPStatus.BAD_REQUEST)


def invalid_key() -> Response:
    """PayStack's answer to a secret key that it does not know."""
    body = {
        "status": False,
        "message": "Invalid key",
        "meta": {"nextStep": "Provide the secret key of this integration"},
        "type": "validation_error",
        "code": "invalid_Key",
    }
    return JSONResponse(body, HTTPStatus.UNAUTHORIZED)


def _failed(message: str, status: HTTPStatus) -> Response:
    return JSONResponse({"status": False, "message": message}, status)
