"""PayStack's refunds: their states, answers and events.

A refund goes from ``pending`` over ``processing`` to ``processed``; a bank may fail it, or PayStack
may need the customer's account (``needs-attention``). Shapes: the schemas ``RefundCreateResponse``
and ``RefundFetchResponse`` of https://github.com/PaystackOSS/openapi, and the samples of the events
in https://github.com/PaystackOSS/doc-code-snippets. Amounts are in the minor unit (kobo).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from orderflow.clock import iso
from scripts.local.stand_ins.paystack.customers import INTEGRATION, MERCHANT
from scripts.local.stand_ins.paystack.requests import RefundRequest
from scripts.local.stand_ins.paystack.transactions import Transaction, now, without

#: PayStack's seconds from one state to the next.
SECONDS_UNTIL_PROCESSING: Final = 300.0
SECONDS_UNTIL_PROCESSED: Final = 3600.0


class RefundStatus(StrEnum):
    """The documented statuses of a refund."""

    PENDING = "pending"
    PROCESSING = "processing"
    PROCESSED = "processed"
    FAILED = "failed"
    NEEDS_ATTENTION = "needs-attention"


#: A refund in one of these states does not go on by itself.
SETTLED: Final = frozenset(
    {RefundStatus.PROCESSED, RefundStatus.FAILED, RefundStatus.NEEDS_ATTENTION}
)


@dataclass
class Refund:
    """One refund of a transaction."""

    number: int
    transaction: Transaction
    amount: int
    request: RefundRequest
    status: RefundStatus = RefundStatus.PENDING
    created_at: str = field(default_factory=now)
    refunded_at: str | None = None
    deliveries: list[str] = field(default_factory=list)

    def become(self, status: RefundStatus) -> None:
        """Changes the status."""
        self.status = status
        if status is RefundStatus.PROCESSED:
            self.refunded_at = now()

    @property
    def customer_note(self) -> str:
        """What the customer reads about it."""
        default = f"Refund for transaction {self.transaction.reference}"
        return self.request.customer_note or default

    @property
    def merchant_note(self) -> str:
        """What the merchant reads about it."""
        default = f"Refund for transaction {self.transaction.reference} by {MERCHANT}"
        return self.request.merchant_note or default


def created(refund: Refund) -> dict[str, Any]:
    """A refund in the form of its creation."""
    transaction = refund.transaction
    return {
        **_common(refund),
        "transaction": {
            "id": transaction.number,
            "domain": transaction.domain,
            "reference": transaction.reference,
            "amount": transaction.amount,
            "paid_at": transaction.paid_at,
            "channel": "card",
            "currency": transaction.request.currency,
            "authorization": {"exp_month": None, "exp_year": None, "account_name": None},
            "customer": {"international_format_phone": None},
            "plan": {},
            "subaccount": {"currency": None},
            "split": {},
            "order_id": None,
            "paidAt": transaction.paid_at,
            "pos_transaction_data": None,
            "source": None,
            "fees_breakdown": None,
        },
        "channel": None,
        "fully_deducted": False,
    }


def listed(refund: Refund) -> dict[str, Any]:
    """A refund in the form of a list."""
    return without(fetched(refund), "updatedAt")


def fetched(refund: Refund) -> dict[str, Any]:
    """A refund in the form of fetch.

    PayStack's samples name no customer; its schema has one whose metadata is a text, which a client
    of others (pypaystack2) can't read. So there is none.
    """
    transaction = refund.transaction
    return {
        **_common(refund),
        "transaction": transaction.number,
        "dispute": None,
        "settlement": None,
        "refunded_at": refund.refunded_at,
        "deducted_amount": refund.amount if refund.refunded_at else 0,
        "fully_deducted": int(refund.refunded_at is not None),
        "bank_reference": None,
        "transaction_reference": transaction.reference,
        "reason": refund.customer_note,
        "refund_type": "full" if refund.amount == transaction.amount else "partial",
        "transaction_amount": transaction.amount,
        "initiated_by": MERCHANT,
        "refund_channel": "card",
        "session_id": None,
        "collect_account_number": refund.status is RefundStatus.NEEDS_ATTENTION,
    }


def _common(refund: Refund) -> dict[str, Any]:
    expected = datetime.now(UTC) + timedelta(days=10)
    return {
        "id": refund.number,
        "integration": INTEGRATION,
        "domain": refund.transaction.domain,
        "amount": refund.amount,
        "deducted_amount": 0,
        "currency": refund.transaction.request.currency,
        "status": refund.status,
        "refunded_by": MERCHANT,
        "expected_at": iso(expected),
        "customer_note": refund.customer_note,
        "merchant_note": refund.merchant_note,
        "createdAt": refund.created_at,
        "updatedAt": now(),
    }


def announced(refund: Refund) -> dict[str, Any]:
    """A refund in the form of its events.

    The amount is a text, but a number where the refund failed or needs attention; PayStack's
    samples differ so.
    """
    is_number = refund.status in (RefundStatus.FAILED, RefundStatus.NEEDS_ATTENTION)
    is_sent = refund.status in SETTLED
    customer = refund.transaction.customer.shape()
    data = {
        "status": refund.status,
        "transaction_reference": refund.transaction.reference,
        "refund_reference": f"TRF_{refund.number}" if is_sent else None,
        "amount": refund.amount if is_number else str(refund.amount),
        "currency": refund.transaction.request.currency,
        "customer": {name: customer[name] for name in ("first_name", "last_name", "email")},
        "integration": INTEGRATION,
        "domain": refund.transaction.domain,
    }
    if refund.status is not RefundStatus.NEEDS_ATTENTION:
        return data | {"processor": "instant-transfer"}
    return data | {
        "id": str(refund.number),
        "customer_note": refund.customer_note,
        "merchant_note": refund.merchant_note,
    }
