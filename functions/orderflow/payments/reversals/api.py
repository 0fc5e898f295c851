"""PayStack's Refund API and its list of disputes.

Sources: https://paystack.com/docs/api/refund/ and https://paystack.com/docs/api/dispute/; the
shapes are the schemas ``RefundCreate``, ``RefundCreateResponse``, ``RefundListResponse`` and
``DisputeListResponse`` of https://github.com/PaystackOSS/openapi. Amounts are in the currency's
minor unit (kobo).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Annotated, Any, Final, Protocol, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from orderflow.clock import iso
from orderflow.errors import PaystackUnavailable
from orderflow.orders.money_records import RefundStatus
from orderflow.payments.answers import check_read, check_refunded
from orderflow.payments.paystack import LARGEST_AMOUNT, Charge, OptionalText, PaystackClient
from orderflow.payments.reversals.events import DisputeReport
from orderflow.records import Model

#: The entries of a page, and the most pages that are read of a list.
_PAGE_SIZE: Final = 100
_MAX_PAGES: Final = 10

#: PayStack's notes carry the number of our request, by which its refund is known again.
_NOTE: Final = "Refund request {request_id}"
_NOTED_REQUEST: Final = re.compile(r"Refund request ([0-9a-f-]{36})")


class NewRefund(Model):
    """A refund to make. ``reference`` is the payment's."""

    model_config = ConfigDict(frozen=True)

    reference: str
    amount: int
    currency: str
    request_id: str
    customer_note: str


def _transaction_number(value: Any) -> Any:
    """PayStack names a refund's transaction by its number, or shows all of it."""
    return value.get("id") if isinstance(value, dict) else value


class MadeRefund(Model):
    """A refund as PayStack's API shows it. ``transaction`` is the transaction's number."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    id: int
    transaction: Annotated[int, BeforeValidator(_transaction_number)]
    amount: int = Field(ge=0, le=LARGEST_AMOUNT)
    currency: str = Field(pattern=r"^[A-Za-z]{3}$")
    status: str = Field(max_length=50)
    merchant_note: OptionalText = None

    @property
    def known_status(self) -> RefundStatus:
        """Its state; a word that is new to us counts as processing."""
        ours = {RefundStatus.REQUESTED, RefundStatus.REFUSED}
        known = {str(each): each for each in RefundStatus if each not in ours}
        return known.get(self.status, RefundStatus.PROCESSING)

    @property
    def request_id(self) -> str | None:
        """Our request for it; None where it was made in the dashboard."""
        found = _NOTED_REQUEST.search(self.merchant_note or "")
        return found[1] if found else None


class _Created(Model):
    status: bool
    data: MadeRefund


class _Meta(Model):
    page_count: int | None = Field(default=None, alias="pageCount")


class _Page(Model):
    status: bool
    data: list[dict[str, Any]]
    meta: _Meta = Field(default_factory=_Meta)


class ReversalsApi(Protocol):
    """What PayStack tells and does about money that goes back.

    Each method raises BreakerOpen, PaystackRefusedUs or PaystackUnavailable where PayStack can't be
    asked.
    """

    def verify(self, reference: str) -> Charge:
        """The payment, see :class:`~orderflow.payments.paystack.PaystackClient`."""

    def refunds(self, transaction: int, since: datetime) -> list[MadeRefund]:
        """All refunds of a transaction; ``since`` is when it was paid, or earlier."""

    def disputes(self, charge: Charge) -> list[DisputeReport]:
        """All disputes of a payment."""

    def refund(self, refund: NewRefund) -> MadeRefund:
        """Make a refund. PayStack has no idempotency key: look at :meth:`refunds` first.

        Raises:
            RefundRefusedError: PayStack makes no such refund.
        """


_Query = dict[str, str | int]

_Answer = TypeVar("_Answer", bound=BaseModel)


class ReversalsClient:
    """:class:`ReversalsApi` over HTTP.

    Args:
        client: the account.
        calling: guards one call: the circuit breaker's, see
            :meth:`~orderflow.payments.guarded.GuardedPaystack.calling`.
    """

    def __init__(
        self, client: PaystackClient, calling: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._client = client
        self._calling = calling

    def verify(self, reference: str) -> Charge:
        """See :class:`ReversalsApi`."""
        with self._calling():
            return self._client.verify(reference)

    def refunds(self, transaction: int, since: datetime) -> list[MadeRefund]:
        """See :class:`ReversalsApi`."""
        wanted: _Query = {"transaction": transaction, "from": iso(since)}
        found = self._list("/refund", wanted, MadeRefund)
        # Whether PayStack filters by transaction is not in its description: we do.
        return [refund for refund in found if refund.transaction == transaction]

    def disputes(self, charge: Charge) -> list[DisputeReport]:
        """See :class:`ReversalsApi`."""
        found = self._list("/dispute", {"transaction": charge.id or 0}, DisputeReport)
        return [each for each in found if each.transaction.reference == charge.reference]

    def refund(self, refund: NewRefund) -> MadeRefund:
        """See :class:`ReversalsApi`."""
        body: _Query = {
            "transaction": refund.reference,
            "amount": refund.amount,
            "currency": refund.currency,
            "merchant_note": _NOTE.format(request_id=refund.request_id),
            "customer_note": refund.customer_note,
        }
        with self._calling():
            response = self._client.ask("POST", "/refund", body)
            check_refunded(response)
            return _read(_Created, response.data).data

    def _list(self, path: str, query: _Query, model: type[_Answer]) -> Iterator[_Answer]:
        for number in range(1, _MAX_PAGES + 1):
            page = self._page(path, {**query, "perPage": _PAGE_SIZE, "page": number})
            yield from (_validated(model, each) for each in page.data)
            count = page.meta.page_count
            if not page.data or (count is not None and number >= count):
                return
        raise PaystackUnavailable(f"PayStack's list {path} has more than {_MAX_PAGES} pages")

    def _page(self, path: str, query: _Query) -> _Page:
        with self._calling():
            response = self._client.ask("GET", f"{path}?{urlencode(query)}")
            check_read(response)
            return _read(_Page, response.data)


def _read(model: type[_Answer], body: bytes) -> _Answer:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise PaystackUnavailable("PayStack's answer can't be read") from error


def _validated(model: type[_Answer], value: dict[str, Any]) -> _Answer:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise PaystackUnavailable("PayStack's answer can't be read") from error
