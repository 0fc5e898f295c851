"""PayStack's events about money that goes back.

Shapes: the samples of the events in https://github.com/PaystackOSS/doc-code-snippets
(src/doc/payments/refunds/events, src/doc/payments/webhooks/events and
src/doc/payments/payment-methods/pwt-events). Amounts are in the currency's minor unit (kobo); some
are texts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field

from orderflow.clock import whole_milliseconds
from orderflow.orders.money_records import RefundStatus
from orderflow.payments.paystack import (
    LARGEST_AMOUNT,
    OptionalAmount,
    OptionalText,
    Reference,
)
from orderflow.records import Model

REFUND_EVENTS: Final = {
    "refund.pending": RefundStatus.PENDING,
    "refund.processing": RefundStatus.PROCESSING,
    "refund.processed": RefundStatus.PROCESSED,
    "refund.failed": RefundStatus.FAILED,
    "refund.needs-attention": RefundStatus.NEEDS_ATTENTION,
}

DISPUTE_REMINDER: Final = "charge.dispute.remind"

DISPUTE_EVENTS: Final = frozenset(
    {"charge.dispute.create", DISPUTE_REMINDER, "charge.dispute.resolve"}
)

REJECTED_TRANSFER: Final = "bank.transfer.rejected"


def readable_time(value: Any) -> datetime | None:
    """A time that is not needed to read the rest; None where it is null or unreadable."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return whole_milliseconds(moment) if moment is not None and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _readable_number(value: Any) -> int | None:
    """A number that may be a text; None where it is neither."""
    text = str(value)
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if is_number and not isinstance(value, bool) else None


#: Numbers have fewer digits than this: DynamoDB keeps 38.
_DIGITS: Final = 18

_OptionalTime = Annotated[datetime | None, BeforeValidator(readable_time)]
_OptionalNumber = Annotated[int | None, BeforeValidator(_readable_number)]
_Amount = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT)]
_Currency = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")]
_Word = Annotated[str, Field(pattern=r"^[!-~]{1,50}$")]


class _Shape(Model):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, populate_by_name=True)


class RefundReport(_Shape):
    """The ``data`` of a refund's event. ``id`` is in that of ``refund.needs-attention`` alone."""

    transaction_reference: Reference
    refund_reference: OptionalText = None
    amount: _Amount
    currency: _Currency
    id: _OptionalNumber = None


class _DisputedTransaction(_Shape):
    reference: Reference
    amount: OptionalAmount = None
    currency: OptionalText = None


class DisputeReport(_Shape):
    """A dispute: the ``data`` of its events, and an entry of the list of disputes."""

    id: Annotated[int, Field(ge=0, le=LARGEST_AMOUNT)]
    refund_amount: OptionalAmount = None
    currency: OptionalText = None
    status: _Word
    resolution: OptionalText = None
    category: OptionalText = None
    transaction: _DisputedTransaction
    due_at: _OptionalTime = Field(default=None, alias="dueAt")
    resolved_at: _OptionalTime = Field(default=None, alias="resolvedAt")
    created_at: _OptionalTime = Field(
        default=None, validation_alias=AliasChoices("created_at", "createdAt")
    )
    updated_at: _OptionalTime = Field(
        default=None, validation_alias=AliasChoices("updated_at", "updatedAt")
    )


class _BankTransfer(_Shape):
    amount: _Amount
    message: OptionalText = None
    message_type: OptionalText = None
    transaction_id: OptionalText = None


class RejectedTransfer(_Shape):
    """The ``data`` of ``bank.transfer.rejected``: it names neither reference nor currency."""

    bank_transfer: _BankTransfer
