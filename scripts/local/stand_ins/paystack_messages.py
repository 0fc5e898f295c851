"""The requests and answers of PayStack's API.

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
from orderflow.validation import field_problems
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
    """The statuses of a transaction in this stand-in; PayStack has a few more."""

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
    """One payment link and its payment."""

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
        """PayStack's status. A link without an attempt to pay is "abandoned" too."""
        if self.paid_at is not None:
            return Status.SUCCESS
        return Status.FAILED if self.declines else Status.ABANDONED


def charge(transaction: Transaction) -> dict[str, Any]:
    """A transaction in the form of verify and the webhook, with all documented fields."""
    requested = transaction.request
    status = transaction.status
    return {
        "id": transaction.number,
        "domain": "test",
        "status": status,
        "reference": requested.reference,
        "receipt_number": None,
        "amount": requested.amount,
        "requested_amount": requested.amount,
        "currency": requested.currency,
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
        "metadata": requested.metadata,
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
            "email": requested.email,
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


#: PayStack's test card.
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
    """A transaction in the form of the admin API."""
    requested = transaction.request
    return {
        "reference": requested.reference,
        "accessCode": transaction.access_code,
        "authorizationUrl": transaction.authorization_url,
        "email": requested.email,
        "amount": requested.amount,
        "currency": requested.currency,
        "metadata": requested.metadata,
        "createdAt": transaction.created_at,
        "paidAt": transaction.paid_at,
        "status": transaction.status,
        "declines": transaction.declines,
        "webhookAttempts": list(transaction.deliveries),
    }


def error_answer(fault: Fault) -> Response:
    """PayStack's error for an injected fault."""
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
    """The time in PayStack's format."""
    return iso(datetime.now(UTC))


def return_address(transaction: Transaction) -> str:
    """The address after a payment: the merchant's callback, else the checkout page."""
    reference = transaction.request.reference
    callback = transaction.request.callback_url
    if not callback:
        return transaction.authorization_url
    joiner = "&" if urlsplit(callback).query else "?"
    return f"{callback}{joiner}{urlencode({'trxref': reference, 'reference': reference})}"


def first_problem(error: ValidationError) -> str:
    """PayStack's message for the first wrong parameter."""
    parameter = field_problems(error)[0].field.partition(".")[0]
    messages = {"email": "Invalid Email Address Passed", "amount": "Invalid Amount Sent"}
    return messages.get(parameter, "Invalid parameters passed")


def accepted(message: str, data: dict[str, Any]) -> Response:
    """PayStack's envelope of a successful answer."""
    return JSONResponse({"status": True, "message": message, "data": data})


def refused(message: str, code: str) -> Response:
    """PayStack's envelope of an answer to an invalid request."""
    body = {
        "status": False,
        "message": message,
        "meta": {"nextStep": "Correct the request and send it again"},
        "type": "validation_error",
        "code": code,
    }
    return JSONResponse(body, HTTPStatus.BAD_REQUEST)


def invalid_key() -> Response:
    """PayStack's answer to an unknown secret key."""
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
