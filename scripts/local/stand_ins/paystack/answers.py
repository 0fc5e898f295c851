"""PayStack's answers: its envelopes, the codes that it documents, and the answers of gateways.

An error is ``{status, message, meta.nextStep, type, code}`` with the type ``validation_error``,
``processor_error`` or ``api_error``. Some answers lack the last three or have a ``code`` that is
null, and gateways before the API answer in HTML. Each is also a fault that can be set by its name.
Shapes: https://paystack.com/docs/api/errors/ and the schemas ``Error`` and
``TransactionInitializeBadRequestModel`` of https://github.com/PaystackOSS/openapi.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from pydantic import ValidationError
from starlette.responses import HTMLResponse, Response

from orderflow.validation import field_problems
from scripts.local.stand_ins.faults import Fault, Mode
from scripts.local.stand_ins.javascript_json import stringify


class ErrorType(StrEnum):
    """The documented types of errors."""

    VALIDATION = "validation_error"
    PROCESSOR = "processor_error"
    API = "api_error"


class ApiError(Exception):
    """Ends a request with a failure."""

    def __init__(self, failure: "Failure") -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True)
class Failure:
    """An answer of PayStack's API that is an error. Without a type it is a bare message."""

    status: HTTPStatus
    message: str
    type: ErrorType | None = None
    code: str | None = None
    next_step: str = "Check the request and send it again"

    def response(self) -> Response:
        """The answer."""
        body: dict[str, Any] = {"status": False, "message": self.message}
        if self.type is not None:
            body |= {"meta": {"nextStep": self.next_step}, "type": self.type, "code": self.code}
        return json_response(body, self.status)

    def error(self) -> ApiError:
        """The exception that ends a request with it."""
        return ApiError(self)


@dataclass(frozen=True)
class _Page:
    """An HTML page of a gateway before the API."""

    status: HTTPStatus

    def response(self) -> Response:
        title = f"{self.status.value} {self.status.phrase}"
        return HTMLResponse(f"<html><h1>{title}</h1></html>", self.status)


def accepted(message: str, data: Any, **further: Any) -> Response:
    """PayStack's envelope of a successful answer."""
    return json_response({"status": True, "message": message, "data": data, **further})


def json_response(
    body: Mapping[str, Any],
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON answer, written as PayStack's Node writes it."""
    return Response(stringify(body), status, headers, media_type="application/json")


def invalid(message: str, code: str) -> Failure:
    """The error of a request that is itself at fault."""
    return Failure(HTTPStatus.BAD_REQUEST, message, ErrorType.VALIDATION, code)


def missing(what: str) -> Failure:
    """404 for a path or an object that does not exist."""
    return Failure(HTTPStatus.NOT_FOUND, f"{what} not found", ErrorType.VALIDATION, "not_found")


INVALID_KEY: Final = Failure(
    HTTPStatus.UNAUTHORIZED,
    "Invalid key",
    ErrorType.VALIDATION,
    "invalid_Key",
    "Send the secret key of this integration",
)
DISABLED_BUSINESS: Final = Failure(
    HTTPStatus.FORBIDDEN, "Your business has been disabled", ErrorType.API, "business_disabled"
)
DUPLICATE_REFERENCE: Final = invalid("Duplicate Transaction Reference", "duplicate_reference")
UNKNOWN_REFERENCE: Final = invalid("Transaction reference not found.", "transaction_not_found")
INVALID_PARAMETERS: Final = invalid("Invalid parameters passed", "invalid_params")

#: The answers that a fault can name (``{"mode": "answer", "answer": NAME}``).
ANSWERS: Final[Mapping[str, Failure | _Page]] = {
    "missing_params": invalid("Email Address is required", "missing_params"),
    "invalid_amount": invalid("Invalid Amount Sent", "invalid_amount"),
    "invalid_params": INVALID_PARAMETERS,
    "duplicate_reference": DUPLICATE_REFERENCE,
    "duplicate_without_code": Failure(
        HTTPStatus.BAD_REQUEST, "Duplicate Transaction Reference", ErrorType.VALIDATION
    ),
    "unknown_reference": UNKNOWN_REFERENCE,
    "unknown_reference_404": Failure(
        HTTPStatus.NOT_FOUND, "Transaction reference not found.", ErrorType.VALIDATION
    ),
    "null_code": Failure(HTTPStatus.BAD_REQUEST, "Request failed", ErrorType.VALIDATION),
    "bare_message": Failure(HTTPStatus.BAD_REQUEST, "Request failed"),
    "processor_error": Failure(
        HTTPStatus.BAD_REQUEST,
        "The processor can't take payments now",
        ErrorType.PROCESSOR,
        "processor_unavailable",
    ),
    "api_error": Failure(
        HTTPStatus.INTERNAL_SERVER_ERROR, "An error occurred", ErrorType.API, "unknown"
    ),
    "api_error_400": Failure(HTTPStatus.BAD_REQUEST, "An error occurred", ErrorType.API, "unknown"),
    "invalid_key": INVALID_KEY,
    "disabled_business": DISABLED_BUSINESS,
    "blocked_address": Failure(
        HTTPStatus.FORBIDDEN, "Your IP address is not allowed to make this call"
    ),
    "not_found": missing("Entity"),
    "html_400": _Page(HTTPStatus.BAD_REQUEST),
    "html_403": _Page(HTTPStatus.FORBIDDEN),
    "html_404": _Page(HTTPStatus.NOT_FOUND),
    "html_502": _Page(HTTPStatus.BAD_GATEWAY),
}


def error_answer(fault: Fault) -> Response:
    """PayStack's answer for an injected fault."""
    match fault.mode:
        case Mode.ANSWER:
            return ANSWERS[fault.answer or ""].response()
        case Mode.THROTTLE:
            headers = {"retry-after": str(fault.retry_after_seconds)}
            body = {"status": False, "message": "Too many requests"}
            return json_response(body, HTTPStatus.TOO_MANY_REQUESTS, headers)
        case Mode.BAD_REQUEST:
            return INVALID_PARAMETERS.response()
        case Mode.OUTAGE:
            return Failure(HTTPStatus.SERVICE_UNAVAILABLE, "Service unavailable").response()
        case Mode.TIMEOUT:
            return Failure(HTTPStatus.GATEWAY_TIMEOUT, "Gateway timeout").response()
        case _:
            return Failure(HTTPStatus.INTERNAL_SERVER_ERROR, "An error occurred").response()


def about(error: ValidationError) -> Failure:
    """The error of the first wrong parameter of a request."""
    parameter = field_problems(error)[0].field.partition(".")[0]
    absent = error.errors()[0]["type"] == "missing" or error.errors()[0]["input"] in (None, "")
    if parameter in _REQUIRED and absent:
        return invalid(_REQUIRED[parameter], "missing_params")
    return {
        "email": invalid("Invalid Email Address Passed", "invalid_email_address"),
        "amount": invalid("Invalid Amount Sent", "invalid_amount"),
    }.get(parameter, INVALID_PARAMETERS)


_REQUIRED: Final = {
    "email": "Email Address is required",
    "amount": "Amount is required",
    "transaction": "Transaction is required",
}
