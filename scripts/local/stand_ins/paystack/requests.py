"""The requests of PayStack's API: their bodies, as JSON or as a form, and their queries.

Fields: the schemas ``TransactionInitialize``, ``ChargeCreate``, ``RefundCreate`` and
``DisputeResolve`` of https://github.com/PaystackOSS/openapi. An optional field may be null.
"""

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import parse_qsl

import pydantic_core
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError
from starlette.requests import Request

from scripts.local.stand_ins.paystack.answers import INVALID_PARAMETERS, about

Body = TypeVar("Body", bound=BaseModel)


def _generated(value: Any) -> Any:
    return secrets.token_hex(5) if value in (None, "") else value


def _naira(value: Any) -> Any:
    return "NGN" if value in (None, "") else value


Reference = Annotated[str, BeforeValidator(_generated), Field(pattern=r"^[A-Za-z0-9.=-]+$")]
Currency = Annotated[str, BeforeValidator(_naira), Field(pattern=r"^[A-Z]{3}$")]
Amount = Annotated[int, Field(gt=0)]


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class InitializeRequest(BaseModel):
    """The body of ``POST /transaction/initialize``. ``amount`` is in the minor unit (kobo)."""

    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    amount: Amount
    currency: Currency = "NGN"
    reference: Reference = Field(default="", validate_default=True)
    callback_url: str | None = None
    metadata: Any = None


class ChargeRequest(InitializeRequest):
    """The body of ``POST /charge``: a transaction, and one way to pay it."""

    authorization_code: str | None = None
    card: dict[str, Any] | None = None
    bank: dict[str, Any] | None = None
    ussd: dict[str, Any] | None = None
    mobile_money: dict[str, Any] | None = None


class OtpRequest(BaseModel):
    """The body of ``POST /charge/submit_otp``."""

    otp: str
    reference: str


class RefundRequest(BaseModel):
    """The body of ``POST /refund``. ``transaction`` is a reference or an id."""

    transaction: int | str
    amount: Amount | None = None
    currency: str | None = None
    customer_note: str | None = None
    merchant_note: str | None = None


class ResolveRequest(BaseModel):
    """The body of ``PUT /dispute/{id}/resolve``. ``refund_amount`` is in the minor unit."""

    resolution: str = Field(pattern="^(merchant-accepted|declined)$")
    message: str
    refund_amount: int = Field(ge=0)
    uploaded_filename: str | None = None
    evidence: int | None = None


class TimeoutRequest(BaseModel):
    """The body of ``PUT /integration/payment_session_timeout``: seconds; 0 is none."""

    timeout: int = Field(ge=0)


class _Transaction(Protocol):
    @property
    def number(self) -> int: ...

    @property
    def reference(self) -> str: ...


class Page(BaseModel):
    """The part of a list that is asked for; absent filters match everything."""

    per_page: int = Field(default=50, ge=1, le=100, alias="perPage")
    page: int = Field(default=1, ge=1)
    status: str | None = None
    customer: int | None = None
    reference: str | None = None
    transaction: str | None = None
    amount: int | None = None
    since: Moment | None = Field(default=None, alias="from")
    until: Moment | None = Field(default=None, alias="to")

    def is_of(self, transaction: _Transaction) -> bool:
        """Whether what is listed belongs to the transaction that is asked for, if one is."""
        return self.transaction in (None, str(transaction.number), transaction.reference)

    def spans(self, moment: datetime) -> bool:
        """Whether a moment lies in the period that is asked for."""
        return (self.since or moment) <= moment <= (self.until or moment)


async def read_body(request: Request, model: type[Body]) -> Body:
    """The request's body, JSON or form.

    Raises:
        ApiError: a field is wrong, or the body is neither.
    """
    content = await request.body()
    is_form = request.headers.get("content-type", "").startswith(
        "application/x-www-form-urlencoded"
    )
    try:
        fields = dict(parse_qsl(content.decode())) if is_form else pydantic_core.from_json(content)
    except ValueError as error:
        raise INVALID_PARAMETERS.error() from error
    return _validated(fields, model)


def read_page(request: Request) -> Page:
    """The part of a list that the query asks for.

    Raises:
        ApiError: a parameter is wrong.
    """
    return _validated(dict(request.query_params), Page)


def _validated(fields: Any, model: type[Body]) -> Body:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise about(error).error() from error
