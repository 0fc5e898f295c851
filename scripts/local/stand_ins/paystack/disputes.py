"""PayStack's disputes: a customer's bank takes a payment back unless the merchant answers in time.

Shapes: the schemas ``DisputeFetchResponse`` and ``DisputeResolveResponse`` of
https://github.com/PaystackOSS/openapi, and the samples of the events in
https://github.com/PaystackOSS/doc-code-snippets. Amounts are in the minor unit (kobo).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from orderflow.clock import iso
from scripts.local.stand_ins.paystack.customers import INTEGRATION, MERCHANT
from scripts.local.stand_ins.paystack.transactions import CARD, Transaction, disputed, now, without

#: PayStack's seconds from a dispute to its deadline, and to the reminder before it.
SECONDS_UNTIL_REMINDER: Final = 24 * 3600.0
SECONDS_UNTIL_DUE: Final = 48 * 3600.0


class DisputeStatus(StrEnum):
    """The statuses of a dispute in this stand-in."""

    AWAITING_MERCHANT = "awaiting-merchant-feedback"
    RESOLVED = "resolved"


#: The resolution of a dispute that the merchant did not answer in time.
AUTO_ACCEPTED: Final = "auto-accepted"
#: The resolutions that give the money back.
ACCEPTED: Final = frozenset({AUTO_ACCEPTED, "merchant-accepted"})


@dataclass
class Dispute:
    """One dispute of a payment."""

    number: int
    transaction: Transaction
    refund_amount: int
    due_at: datetime
    category: str = "chargeback"
    status: DisputeStatus = DisputeStatus.AWAITING_MERCHANT
    resolution: str | None = None
    resolved_at: str | None = None
    evidence: int | None = None
    created_at: str = field(default_factory=now)
    messages: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.say(self.transaction.customer.email, "Customer complained about this payment")

    @property
    def is_open(self) -> bool:
        """Whether the merchant may still answer."""
        return self.status is DisputeStatus.AWAITING_MERCHANT

    def say(self, sender: str, body: str) -> None:
        """Adds a message."""
        self.messages.append({"sender": sender, "body": body, "createdAt": now()})

    def resolve(self, resolution: str, refund_amount: int) -> None:
        """Ends the dispute."""
        self.status, self.resolution = DisputeStatus.RESOLVED, resolution
        self.resolved_at = now()
        self.refund_amount = refund_amount


def listed(dispute: Dispute) -> dict[str, Any]:
    """A dispute in the form of a list."""
    shown = fetched(dispute)
    return shown | {"transaction": without(shown["transaction"], "requested_amount")}


def fetched(dispute: Dispute) -> dict[str, Any]:
    """A dispute in the form of fetch."""
    return _common(dispute) | {"createdAt": dispute.created_at, "updatedAt": now()}


def announced(dispute: Dispute) -> dict[str, Any]:
    """A dispute in the form of its events."""
    common = _common(dispute)
    hidden = ("createdAt", "connect", "source", "fees_breakdown")
    return common | {
        "transaction": without(common["transaction"], *hidden) | {"ip_address": None},
        "customer": common["customer"] | {"metadata": {}},
        "created_at": dispute.created_at,
        "updated_at": now(),
    }


def resolved(dispute: Dispute) -> dict[str, Any]:
    """A dispute in the form of its resolution by the merchant."""
    return {
        "currency": dispute.transaction.request.currency,
        **CARD,
        "transaction_reference": None,
        "merchant_transaction_reference": dispute.transaction.reference,
        "refund_amount": dispute.refund_amount,
        "status": dispute.status,
        "domain": dispute.transaction.domain,
        "resolution": dispute.resolution,
        "category": dispute.category,
        "note": None,
        "attachments": "",
        "id": dispute.number,
        "integration": INTEGRATION,
        "transaction": dispute.transaction.number,
        "created_by": INTEGRATION,
        "evidence": dispute.evidence,
        "resolvedAt": dispute.resolved_at,
        "createdAt": dispute.created_at,
        "updatedAt": dispute.resolved_at,
        "dueAt": iso(dispute.due_at),
        "message": {
            "dispute": dispute.number,
            **dispute.messages[-1],
            "id": dispute.number,
            "updatedAt": now(),
        },
    }


def _common(dispute: Dispute) -> dict[str, Any]:
    return {
        "id": dispute.number,
        "refund_amount": dispute.refund_amount,
        "currency": dispute.transaction.request.currency,
        "status": dispute.status,
        "resolution": dispute.resolution,
        "domain": dispute.transaction.domain,
        "transaction": disputed(dispute.transaction),
        "transaction_reference": None,
        "category": dispute.category,
        "customer": dispute.transaction.customer.shape(),
        **CARD,
        "dueAt": iso(dispute.due_at),
        "resolvedAt": dispute.resolved_at,
        "evidence": dispute.evidence,
        "attachments": None,
        "note": None,
        "history": [{"status": "pending", "by": MERCHANT, "createdAt": dispute.created_at}],
        "messages": list(dispute.messages),
    }
