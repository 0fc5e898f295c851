"""The order: its lines, its statuses, and which status may follow which."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import Field

from orderflow.errors import OrderAlreadyClosed
from orderflow.orders.lines import MatchedLine, ModelUse, RequestedLine, UnmatchedLine
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.records import Record

CURRENCY: Final = "NGN"


#: 10 million naira: more than a basket, and less than what 32-bit integers (GraphQL's Int) hold.
MAX_TOTAL_KOBO: Final = 1_000_000_000


class StatusChange(Record):
    """One entry of an order's history."""

    status: OrderStatus
    at: str
    by: str
    reason: str | None = None


class Payment(Record):
    """A payment as PayStack's webhook reported it: signed, and just what the order asks for.

    ``verified_at`` is when PayStack's API confirmed it, too. Until then it completes nothing.
    """

    reference: str
    amount_kobo: int
    currency: str
    channel: str | None = None
    paid_at: str
    verified_at: str | None = None


class UnconfirmedPayment(Record):
    """A reported payment that PayStack's API did not confirm, and what it said instead.

    ``notified_at`` is when operations were told.
    """

    payment: Payment
    said: str
    at: str
    notified_at: str | None = Field(default=None, alias="toldAt")


class Decline(Record):
    """The customer's last attempt to pay that failed; the same link takes another one."""

    reference: str
    reason: str
    at: str


class RefundReason(StrEnum):
    """Why money that came in is not the order's payment."""

    #: The order had expired, or was cancelled or rejected.
    ORDER_ENDED = "order-ended"
    #: Another amount, currency or reference than the order asks for.
    DIFFERS = "differs"
    #: The order has another payment.
    PAID_TWICE = "paid-twice"


class RefundDue(Record):
    """Reported money that no order can take: people check it and give it back.

    ``amount`` is in the currency's minor unit (kobo). ``notified_at`` and ``customer_notified_at``
    are when operations and the customer were told, ``settled_at`` is when people were done with it.
    """

    reference: str
    amount: int
    currency: str
    reason: RefundReason = Field(alias="why")
    at: str
    paid_at: str
    notified_at: str | None = Field(default=None, alias="toldAt")
    customer_notified_at: str | None = Field(default=None, alias="customerToldAt")
    settled_at: str | None = None


class Parked(Record):
    """How a parked order can be woken: by answering its task token.

    ``park_count`` counts the earlier times that it was parked in a row; ``at`` is when this began.
    """

    task_token: str
    provider: str
    park_count: int = Field(alias="parkings")
    at: str


class Failure(Record):
    """Why the order's execution ended before the order did.

    ``error`` is Step Functions' name for it, ``state`` where it happened, as far as is known;
    ``count`` is how often executions of this order have failed.
    """

    error: str
    state: str | None = None
    execution_arn: str
    at: str
    count: int = 1


class Report(Record):
    """The last time that operations were told that the order does not move, and why."""

    problem: str
    at: str


class Order(Record):
    """One order as the ``orders`` table holds it. Times are ISO 8601 in UTC; money is kobo.

    An attribute with an alias of its own is stored under its first name: the records of orders in
    flight outlive a deployment.
    """

    order_id: str
    customer_id: str
    customer_email: str
    customer_name: str | None = None
    grocery_list: str
    execution_arn: str | None = None
    status: OrderStatus
    requested: list[RequestedLine] = Field(default_factory=list)
    lines: list[MatchedLine] = Field(default_factory=list)
    unmatched: list[UnmatchedLine] = Field(default_factory=list)
    model_use: ModelUse | None = None
    total_kobo: int = 0
    currency: str = CURRENCY
    status_reason: str | None = None
    payment_link: str | None = None
    payment_reference: str | None = None
    payment_link_expires_at: str | None = None
    payment_attempts: int = 0
    payment: Payment | None = None
    #: How often the webhook reported a payment that counts: what was seen when PayStack was asked.
    payment_reports: int = 0
    #: Reported payments that PayStack did not confirm, the latest ones.
    unconfirmed_payments: list[UnconfirmedPayment] = Field(default_factory=list, alias="denials")
    declined: Decline | None = None
    refunds_due: list[RefundDue] = Field(default_factory=list)
    #: Grows with each change of ``refunds_due``.
    refunds_revision: int = 0
    task_token: str | None = None
    parked: Parked | None = None
    failure: Failure | None = None
    #: When operations were told of ``failure``.
    alerted_at: str | None = None
    report: Report | None = None
    notified_reference: str | None = None
    #: The statuses that the customer was told of by an e-mail of their own.
    notified_statuses: set[OrderStatus] | None = Field(default=None, alias="told")
    history: list[StatusChange] = Field(default_factory=list)
    version: int = 1
    created_at: str
    updated_at: str
    ttl: int | None = None


def refuse_closed(order: Order) -> None:
    """Stop a step that came too late.

    Raises:
        OrderAlreadyClosed: the order has ended.
    """
    if order.status in CLOSED:
        raise OrderAlreadyClosed(f"Order {order.order_id} is {order.status}.")
