"""What an order's record holds of payments, failed attempts, refunds and disputes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import Field

from orderflow.clock import iso
from orderflow.records import Record, Timestamp


class Payment(Record):
    """A payment of what the order asks for, as PayStack's webhook or its API reported it.

    ``amount_kobo`` is the order's total. ``charged_kobo`` is what the customer paid where that is
    more, because PayStack's ``fees_kobo`` are passed on. ``verified_at`` is when PayStack's API
    confirmed the payment. Until then it completes nothing.
    """

    reference: str
    amount_kobo: int
    currency: str
    charged_kobo: int | None = None
    fees_kobo: int | None = None
    channel: str | None = None
    paid_at: Timestamp
    verified_at: Timestamp | None = None


class UnconfirmedPayment(Record):
    """A reported payment that PayStack's API did not confirm.

    ``paystack_answer`` is what PayStack answered instead. ``notified_at`` is when operations were
    alerted.
    """

    payment: Payment
    paystack_answer: str = Field(alias="said")
    at: Timestamp
    notified_at: Timestamp | None = Field(default=None, alias="toldAt")


class Decline(Record):
    """The customer's last failed attempt to pay. The same link accepts another attempt."""

    reference: str
    reason: str
    at: Timestamp


class RefundReason(StrEnum):
    """Why money that was paid is not the order's payment."""

    #: The order had expired, or was cancelled or rejected.
    ORDER_ENDED = "order-ended"
    #: Another amount, currency or reference than the order asks for.
    DIFFERS = "differs"
    #: The order has another payment.
    PAID_TWICE = "paid-twice"
    #: A refund of the order's payment failed, or needs attention at PayStack.
    REFUND_FAILED = "refund-failed"


class RefundDue(Record):
    """A payment that has to be given back: operations check it and refund it.

    ``amount`` is what is to be given back of the payment in all, in the currency's minor unit
    (kobo). ``notified_at`` and ``customer_notified_at`` are when operations and the customer were
    notified. ``settled_at`` is when operations closed it, or when the money was given back.
    """

    reference: str
    amount: int
    currency: str
    reason: RefundReason = Field(alias="why")
    at: Timestamp
    paid_at: Timestamp
    notified_at: Timestamp | None = Field(default=None, alias="toldAt")
    customer_notified_at: Timestamp | None = Field(default=None, alias="customerToldAt")
    settled_at: Timestamp | None = None


class RefundStatus(StrEnum):
    """The states of a refund at PayStack, after two of our own."""

    #: Recorded before PayStack is asked to make it.
    REQUESTED = "requested"
    #: PayStack did not make it.
    REFUSED = "refused"
    PENDING = "pending"
    PROCESSING = "processing"
    #: PayStack needs the account of the customer.
    NEEDS_ATTENTION = "needs-attention"
    FAILED = "failed"
    PROCESSED = "processed"


#: How far a refund has come in each state. Its events have no time, so one that comes late is known
#: by this alone.
_PROGRESS: Final = {
    RefundStatus.REQUESTED: 0,
    RefundStatus.PENDING: 1,
    RefundStatus.PROCESSING: 2,
    RefundStatus.NEEDS_ATTENTION: 3,
    RefundStatus.REFUSED: 4,
    RefundStatus.FAILED: 4,
    RefundStatus.PROCESSED: 5,
}

#: PayStack is at work on a refund in one of these states.
_UNDER_WAY: Final = frozenset(
    {RefundStatus.PENDING, RefundStatus.PROCESSING, RefundStatus.NEEDS_ATTENTION}
)


class Refund(Record):
    """A refund of one of the order's payments, made by us or in PayStack's dashboard.

    ``reference`` is the payment's; ``amount`` is in the currency's minor unit (kobo).
    ``refund_id`` and ``refund_reference`` are PayStack's and the bank's names of the refund, where
    they are known. ``request_id``, ``by`` and ``reason`` say who asked for it, and why; they are
    None where it was made in the dashboard. ``note`` is why PayStack did not make it.
    ``notified_status`` is the last state that operations were alerted about; ``check_at`` is when
    PayStack is asked about it, and ``checks`` how often it was.
    """

    reference: str
    amount: int
    currency: str
    status: RefundStatus
    refund_id: int | None = None
    refund_reference: str | None = None
    request_id: str | None = None
    by: str | None = None
    reason: str | None = None
    note: str | None = None
    at: Timestamp
    updated_at: Timestamp
    notified_status: RefundStatus | None = None
    checks: int = 0
    check_at: Timestamp | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether PayStack is at work on it."""
        return self.status in _UNDER_WAY

    @property
    def is_open(self) -> bool:
        """Whether its end is not known yet."""
        return self.is_under_way or self.status is RefundStatus.REQUESTED

    def can_become(self, status: RefundStatus) -> bool:
        """Whether a report of this state is news: it has not come as far."""
        return _PROGRESS[status] > _PROGRESS[self.status]


#: The statuses in which a dispute is over.
ENDED_DISPUTES: Final = frozenset({"resolved", "archived"})

#: The resolutions of a dispute that give the money to the customer.
_ACCEPTED: Final = frozenset({"merchant-accepted", "auto-accepted"})


class Dispute(Record):
    """A payment that the customer's bank disputes. Unanswered at ``due_at``, it is lost.

    ``amount`` is what the bank asks for, in the minor unit (kobo). ``status``, ``resolution`` and
    ``category`` are PayStack's words. ``changed_at`` is the time of PayStack's latest report,
    ``reminded_at`` that of its latest reminder; ``own_reminder_at`` is when we reminded.
    ``notified`` is the last :attr:`news` that operations were alerted about.
    """

    dispute_id: int
    reference: str
    amount: int | None = None
    currency: str | None = None
    status: str
    resolution: str | None = None
    category: str | None = None
    due_at: Timestamp | None = None
    opened_at: Timestamp
    changed_at: Timestamp
    resolved_at: Timestamp | None = None
    reminded_at: Timestamp | None = None
    own_reminder_at: Timestamp | None = None
    notified: str | None = None
    checks: int = 0
    check_at: Timestamp | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is not decided yet."""
        return self.status not in ENDED_DISPUTES

    @property
    def gives_money_back(self) -> bool:
        """Whether it was decided for the customer."""
        return not self.is_open and self.resolution in _ACCEPTED

    @property
    def news(self) -> str:
        """What operations are alerted about once: it differs after each change."""
        times = (self.due_at, self.reminded_at, self.own_reminder_at)
        parts = [self.status, self.resolution, self.amount, *(at and iso(at) for at in times)]
        return " ".join(str(part) for part in parts)
