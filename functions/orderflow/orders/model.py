"""The order as it is stored, and the rules that it knows about itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from orderflow.errors import OrderAlreadyClosed
from orderflow.money import CURRENCY
from orderflow.orders.lines import (
    MatchedLine,
    ModelUse,
    Rating,
    RequestedLine,
    Reviewable,
    UnmatchedLine,
)
from orderflow.orders.money_records import Decline, Payment, RefundReason, UnconfirmedPayment
from orderflow.orders.reversals import Reversals
from orderflow.orders.status import CLOSED, PARKED, OrderStatus
from orderflow.records import Record, Timestamp

#: 10 million naira: more than a basket, and less than what 32-bit integers (GraphQL's Int) hold.
MAX_TOTAL_KOBO: Final = 1_000_000_000

#: The workflow begins to wait for a payment so much later than the link was made, at most: it lies
#: in the retries of the states between the two.
PAYMENT_MARGIN: Final = timedelta(hours=1)


@dataclass(frozen=True)
class LinkTimes:
    """The times of a payment link's life: the stage's settings, by default those on AWS.

    Attributes:
        validity: how long a link can be paid, and the workflow waits for its payment.
        reuse_margin: a link that ends sooner than this is replaced rather than shown again.
        check_after: PayStack is asked about a link that is not paid for the first time after this;
            the pauses double then.
        checked_after_end: it is asked about for so long after the link's end.
    """

    validity: timedelta = timedelta(hours=24)
    reuse_margin: timedelta = timedelta(minutes=5)
    check_after: timedelta = timedelta(minutes=15)
    checked_after_end: timedelta = timedelta(hours=72)


class StatusChange(Record):
    """One entry of an order's history."""

    status: OrderStatus
    at: Timestamp
    by: str
    reason: str | None = None


class CancelRequest(Record):
    """The wish to cancel an order that has a link: PayStack is asked first whether it is paid.

    ``by`` is "customer" or "operations"; ``reason`` is for the customer.
    """

    at: Timestamp
    by: str
    reason: str


class Parked(Record):
    """How a parked order is resumed: by answering its task token.

    ``park_count`` counts the earlier times that it was parked in a row. ``at`` is when it was
    parked this time.
    """

    task_token: str
    provider: str
    park_count: int = Field(alias="parkings")
    at: Timestamp


class Failure(Record):
    """Why the order's execution ended before the order did.

    ``error`` is Step Functions' name of the error, ``state`` the state that raised it, if it is
    known. ``count`` is how many executions of this order have failed.
    """

    error: str
    state: str | None = None
    execution_arn: str
    at: Timestamp
    count: int = 1


class Report(Record):
    """The last alert that the order does not move, and the problem that it named."""

    problem: str
    at: Timestamp


class Order(Reversals, Reviewable):
    """One order as the ``orders`` table holds it. Times are UTC; money is kobo.

    A field with an alias of its own is stored under its earlier name, because the records of orders
    in flight outlive a deployment.
    """

    order_id: str
    customer_id: str
    customer_email: str
    customer_name: str | None = None
    grocery_list: str
    execution_arn: str | None = None
    #: Whether the canary sent it: it is in no index by status, and no figure counts it.
    synthetic: bool | None = None
    status: OrderStatus
    requested: list[RequestedLine] = Field(default_factory=list)
    lines: list[MatchedLine] = Field(default_factory=list)
    unmatched: list[UnmatchedLine] = Field(default_factory=list)
    model_use: ModelUse | None = None
    rating: Rating | None = None
    total_kobo: int = 0
    currency: str = CURRENCY
    status_reason: str | None = None
    payment_link: str | None = None
    payment_reference: str | None = None
    payment_link_expires_at: Timestamp | None = None
    payment_attempts: int = 0
    payment: Payment | None = None
    #: How often the webhook reported the payment. It tells whether a report came while PayStack was
    #: asked.
    payment_reports: int = 0
    #: The latest reported payments that PayStack did not confirm.
    unconfirmed_payments: list[UnconfirmedPayment] = Field(default_factory=list, alias="denials")
    declined: Decline | None = None
    cancel_requested: CancelRequest | None = None
    #: When operations were alerted that PayStack neither confirms nor denies a payment.
    unsettled_alerted_at: Timestamp | None = None
    #: How often the reconciler has asked PayStack about the link, and when it asks next.
    link_checks: int = 0
    link_check_at: Timestamp | None = None
    task_token: str | None = None
    parked: Parked | None = None
    failure: Failure | None = None
    #: When operations were alerted about ``failure``.
    alerted_at: Timestamp | None = None
    report: Report | None = None
    notified_reference: str | None = None
    #: The statuses that the customer was notified of by e-mail.
    notified_statuses: set[OrderStatus] | None = Field(default=None, alias="told")
    history: list[StatusChange] = Field(default_factory=list)
    version: int = 1
    created_at: Timestamp
    updated_at: Timestamp
    ttl: int | None = None

    def personal_texts(self) -> Iterator[str]:
        """The customer's name and list: whole, by line and by word."""
        yield self.grocery_list
        yield from self.grocery_list.splitlines()
        yield from (line.text for line in self.requested)
        yield from (line.text for line in self.unmatched)
        if self.customer_name:
            yield self.customer_name
            yield from self.customer_name.split()

    @property
    def is_closed(self) -> bool:
        """Whether the order has ended: no status follows."""
        return self.status in CLOSED

    def refuse_if_closed(self) -> None:
        """Stop a step that comes too late.

        Raises:
            OrderAlreadyClosed: the order has ended.
        """
        if self.is_closed:
            raise OrderAlreadyClosed(f"Order {self.order_id} is {self.status}.")

    @property
    def execution_name(self) -> str:
        """The name of the latest execution: the order's id, with a number after restarts."""
        return (self.execution_arn or self.order_id).rpartition(":")[2]

    def has_valid_link(self, now: datetime, margin: timedelta) -> bool:
        """Whether the link can be paid for ``margin`` more, at least."""
        ends = self.payment_link_expires_at
        return ends is not None and ends > now + margin

    def has_expired(self, now: datetime) -> bool:
        """Whether the order has no link that can be paid any more."""
        ends = self.payment_link_expires_at
        return ends is None or ends <= now

    @property
    def is_parked_before_matching(self) -> bool:
        """Whether the order waits until its products can be looked up, not for its link."""
        return self.status in PARKED and not self.lines

    @property
    def link_opened_at(self) -> datetime | None:
        """When the customer was asked to pay for the last time."""
        opened = (each.at for each in self.history if each.status is OrderStatus.PAYMENT_INITIATED)
        return max(opened, default=None)

    def link_ends_by(self, validity: timedelta) -> datetime:
        """When the latest link ends at the latest; known also of orders that have ended."""
        return (self.link_opened_at or self.created_at) + validity

    @property
    def link_validity(self) -> timedelta | None:
        """How long the customer may pay, from when the link was opened; None without a link."""
        opened, ends = self.link_opened_at, self.payment_link_expires_at
        return None if opened is None or ends is None else ends - opened

    @property
    def can_be_paid(self) -> bool:
        """Whether the customer is asked to pay with the link."""
        return (
            self.status is OrderStatus.PAYMENT_INITIATED
            and self.payment is None
            and self.cancel_requested is None
        )

    @property
    def lacks_link_check(self) -> bool:
        """Whether the order has a link that is not paid, and that no check was scheduled for.

        Links from before checks existed are such.
        """
        return (
            self.payment_reference is not None
            and self.payment is None
            and self.link_check_at is None
            and self.link_checks == 0
        )

    @property
    def has_received_payment(self) -> bool:
        """Whether a payment has come in that the order is still to be completed with."""
        return self.payment is not None and not self.is_closed

    def undecided_since(self, now: datetime) -> datetime | None:
        """Since when PayStack's answer decides over the order; None while it may just be paid."""
        if self.payment is not None:
            return self.updated_at
        if self.cancel_requested is not None:
            return self.cancel_requested.at
        ends = self.payment_link_expires_at
        return ends if ends is not None and ends <= now else None

    def waits_for_payment(self, now: datetime, validity: timedelta) -> bool:
        """Whether the order stands still for a good reason: its customer may still pay.

        Args:
            now: the present time.
            validity: of links; the workflow waits as long.
        """
        return (
            self.can_be_paid
            and self.task_token is not None
            and now - self.updated_at < validity + PAYMENT_MARGIN
        )

    @property
    def is_unverified(self) -> bool:
        """Whether a payment was reported that PayStack has not confirmed."""
        return self.payment is not None and self.payment.verified_at is None

    @property
    def has_confirmed_payment(self) -> bool:
        """Whether PayStack has confirmed a payment, so that nothing is left to ask about it."""
        return self.payment is not None and self.payment.verified_at is not None

    @property
    def refund_reason(self) -> RefundReason | None:
        """Why the order can't take a payment that it asked for; None where it can."""
        if self.payment is not None:
            return RefundReason.PAID_TWICE
        return RefundReason.ORDER_ENDED if self.is_closed else None

    @property
    def first_parked_at(self) -> datetime:
        """When the order was parked for the first time; ``updated_at`` if its history is silent."""
        return min(self._parked_at(), default=self.updated_at)

    def was_parked_since(self, moment: datetime) -> bool:
        """Whether the order was parked at ``moment`` or later."""
        return any(at >= moment for at in self._parked_at())

    def _parked_at(self) -> Iterator[datetime]:
        return (change.at for change in self.history if change.status in PARKED)
