"""PayStack's transactions and customers, in the forms of verify, fetch, list and the webhook.

Shapes: the schemas ``VerifyResponse``, ``TransactionFetchResponse`` and ``TransactionListResponse``
of https://github.com/PaystackOSS/openapi, and the samples of
https://github.com/PaystackOSS/doc-code-snippets. Amounts are in the minor unit (kobo).
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from orderflow.clock import iso
from scripts.local.stand_ins.paystack.customers import INTEGRATION, Customer
from scripts.local.stand_ins.paystack.requests import InitializeRequest


class Status(StrEnum):
    """The documented statuses of a transaction."""

    ABANDONED = "abandoned"
    ONGOING = "ongoing"
    PENDING = "pending"
    PROCESSING = "processing"
    QUEUED = "queued"
    FAILED = "failed"
    REVERSED = "reversed"
    SUCCESS = "success"


_GATEWAY_RESPONSES: Final = {
    Status.ABANDONED: "The transaction was not completed",
    Status.FAILED: "Declined",
    Status.REVERSED: "Reversed",
    Status.SUCCESS: "Successful",
}


@dataclass
class Transaction:
    """One payment link and its payment. ``opened`` is in epoch seconds."""

    number: int
    access_code: str
    authorization_url: str
    request: InitializeRequest
    customer: Customer
    domain: str
    opened: float = field(default_factory=time.time)
    status: Status = Status.ABANDONED
    paid_at: str | None = None
    amount: int = 0
    fees: int | None = None
    gateway_response: str | None = None
    session_ended: bool = False
    declines: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.amount = self.amount or self.request.amount

    @property
    def reference(self) -> str:
        """The merchant's reference."""
        return self.request.reference

    @property
    def opened_at(self) -> str:
        """When it was initialized, in PayStack's format."""
        return iso(datetime.fromtimestamp(self.opened, UTC))

    @property
    def is_paid(self) -> bool:
        """Whether money has come, even if it went back."""
        return self.paid_at is not None

    def pay(self, amount: int, fees: int) -> None:
        """Completes the payment with this amount."""
        self.amount, self.fees, self.paid_at = amount, fees, now()
        self._attempt("success", "Successfully paid with card")
        self.become(Status.SUCCESS)

    def decline(self) -> None:
        """Notes an attempt that the bank declined."""
        self.declines += 1
        self._attempt("error", "Error: Declined")
        self.become(Status.FAILED)

    def become(self, status: Status, gateway_response: str | None = None) -> None:
        """Changes the status."""
        self.status, self.gateway_response = status, gateway_response

    def _attempt(self, outcome: str, message: str) -> None:
        self._note("action", "Attempted to pay with card")
        self._note(outcome, message)

    def _note(self, kind: str, message: str) -> None:
        self.history.append({"type": kind, "message": message, "time": self._seconds_open()})

    def _seconds_open(self) -> int:
        return int(time.time() - self.opened)

    def log(self) -> dict[str, Any] | None:
        """What the customer did on the checkout page; None where nothing was done."""
        if not self.history:
            return None
        return {
            "start_time": int(self.opened),
            "time_spent": self.history[-1]["time"],
            "attempts": self.declines + self.is_paid,
            "errors": self.declines,
            "success": self.is_paid,
            "mobile": False,
            "input": [],
            "history": list(self.history),
        }


def verified(transaction: Transaction) -> dict[str, Any]:
    """A transaction in the form of verify."""
    return _common(transaction) | {
        "receipt_number": None,
        "fees_breakdown": None,
        "transaction_date": transaction.opened_at,
        "plan": None,
        "plan_object": {},
        "source": None,
    }


def charged(transaction: Transaction) -> dict[str, Any]:
    """A transaction in the form of the Charge API."""
    shown = verified(transaction)
    return shown | {
        "metadata": transaction.request.metadata or {},
        "customer": without(shown["customer"], "international_format_phone"),
    }


def fetched(transaction: Transaction) -> dict[str, Any]:
    """A transaction in the form of fetch."""
    common = _common(transaction)
    return common | {
        "customer": common["customer"] | {"metadata": {}},
        "receipt_number": None,
        "fees_breakdown": None,
        "helpdesk_link": None,
        "source": without(_SOURCE, "entry_point"),
    }


def listed(transaction: Transaction) -> dict[str, Any]:
    """A transaction in the form of a list."""
    common = _common(transaction)
    return common | {
        "metadata": transaction.request.metadata,
        "customer": without(common["customer"], "international_format_phone"),
        "source": _SOURCE,
    }


def announced(transaction: Transaction) -> dict[str, Any]:
    """A transaction in the form of the webhook."""
    return without(_common(transaction), "createdAt", "connect") | {
        "fees_breakdown": None,
        "source": _SOURCE,
    }


def disputed(transaction: Transaction) -> dict[str, Any]:
    """A transaction in the form of a dispute."""
    return _common(transaction) | {
        "log": None,
        "authorization": {},
        "customer": {"international_format_phone": None},
        "source": None,
        "fees_breakdown": None,
    }


def rejected_transfer(transaction: Transaction, amount: int) -> dict[str, Any]:
    """The event of a bank transfer of a wrong amount, which goes back to the customer."""
    customer = without(transaction.customer.shape(), "international_format_phone")
    return {
        "bank_transfer": {
            "amount": str(amount),
            "message": "incorrect amount sent",
            "message_type": "INCORRECT_AMOUNT",
            "transaction_id": str(transaction.number),
        },
        "customer": customer
        | {
            "domain": transaction.domain,
            "integration": INTEGRATION,
            "createdAt": transaction.opened_at,
            "updatedAt": transaction.opened_at,
        },
    }


def _common(transaction: Transaction) -> dict[str, Any]:
    metadata = transaction.request.metadata
    status = transaction.status
    response = transaction.gateway_response or _GATEWAY_RESPONSES.get(status, "Pending")
    return {
        "id": transaction.number,
        "domain": transaction.domain,
        "status": status,
        "reference": transaction.reference,
        "amount": transaction.amount,
        "message": None,
        "gateway_response": response,
        "paid_at": transaction.paid_at,
        "created_at": transaction.opened_at,
        "channel": "card",
        "currency": transaction.request.currency,
        "ip_address": "127.0.0.1",
        "metadata": "" if metadata is None else metadata,
        "log": transaction.log(),
        "fees": transaction.fees,
        "fees_split": None,
        "authorization": _authorization(transaction),
        "customer": transaction.customer.shape(),
        "plan": {},
        "split": {},
        "subaccount": {},
        "order_id": None,
        "paidAt": transaction.paid_at,
        "createdAt": transaction.opened_at,
        "requested_amount": transaction.request.amount,
        "pos_transaction_data": None,
        "connect": None,
    }


_SOURCE: Final = {
    "source": "merchant_api",
    "type": "api",
    "identifier": None,
    "entry_point": "transaction_initialize",
}

#: PayStack's test card.
CARD: Final = {"bin": "408408", "last4": "4081"}


def _authorization(transaction: Transaction) -> dict[str, Any]:
    if not transaction.is_paid:
        return {}
    return {
        "authorization_code": f"AUTH_{transaction.access_code[:10]}",
        **CARD,
        "exp_month": "12",
        "exp_year": "2030",
        "channel": "card",
        "card_type": "visa ",
        "bank": "TEST BANK",
        "country_code": "NG",
        "brand": "visa",
        "reusable": True,
        "signature": "SIG_standin",
        "account_name": None,
    }


def without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    """The members but these."""
    return {name: value for name, value in members.items() if name not in names}


def now() -> str:
    """The time in PayStack's format."""
    return iso(datetime.now(UTC))


def return_address(transaction: Transaction) -> str:
    """The address after a payment: the merchant's callback, else the checkout page."""
    reference = transaction.reference
    callback = transaction.request.callback_url
    if not callback:
        return transaction.authorization_url
    joiner = "&" if urlsplit(callback).query else "?"
    return f"{callback}{joiner}{urlencode({'trxref': reference, 'reference': reference})}"
