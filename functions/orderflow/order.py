"""The order: its lines, its statuses, and which status may follow which."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from orderflow.errors import OrderAlreadyClosed

CURRENCY: Final = "NGN"

#: 10 million naira: more than a basket, and less than what 32-bit integers (GraphQL's Int) hold.
MAX_TOTAL_KOBO: Final = 1_000_000_000


class OrderStatus(StrEnum):
    """Where an order stands. The names are public: GraphQL, e-mails and dashboards use them."""

    PENDING_MATCHING = "PENDING_MATCHING"
    MATCHED = "MATCHED"
    PAYMENT_INITIATED = "PAYMENT_INITIATED"
    PAYMENT_DELAYED = "PAYMENT_DELAYED"
    PAYMENT_COMPLETED = "PAYMENT_COMPLETED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    FAILED = "FAILED"


_S = OrderStatus

_PARKED_AFTER: Final = frozenset({_S.MATCHED, _S.PAYMENT_DELAYED, _S.NEEDS_ATTENTION, _S.FAILED})

#: For each status, those that an order may come from. A status that an order starts in has none.
PREDECESSORS: Final[dict[OrderStatus, frozenset[OrderStatus]]] = {
    # Only where the very first step failed and is run again.
    _S.PENDING_MATCHING: frozenset({_S.FAILED}),
    _S.MATCHED: frozenset({_S.PENDING_MATCHING, _S.FAILED}),
    # After itself where a link that ended is replaced.
    _S.PAYMENT_INITIATED: frozenset(
        {_S.MATCHED, _S.PAYMENT_INITIATED, _S.PAYMENT_DELAYED, _S.NEEDS_ATTENTION, _S.FAILED}
    ),
    _S.PAYMENT_DELAYED: _PARKED_AFTER,
    _S.PAYMENT_COMPLETED: frozenset({_S.PAYMENT_INITIATED, _S.FAILED}),
    _S.EXPIRED: frozenset({_S.PAYMENT_INITIATED, _S.FAILED}),
    _S.CANCELLED: frozenset(
        {
            _S.PENDING_MATCHING,
            _S.MATCHED,
            _S.PAYMENT_INITIATED,
            _S.PAYMENT_DELAYED,
            _S.NEEDS_ATTENTION,
            _S.FAILED,
        }
    ),
    _S.REJECTED: frozenset(
        {_S.PENDING_MATCHING, _S.MATCHED, _S.PAYMENT_DELAYED, _S.NEEDS_ATTENTION, _S.FAILED}
    ),
    _S.NEEDS_ATTENTION: _PARKED_AFTER,
    # After itself where an order that was replayed fails again.
    _S.FAILED: frozenset(
        {
            _S.PENDING_MATCHING,
            _S.MATCHED,
            _S.PAYMENT_INITIATED,
            _S.PAYMENT_DELAYED,
            _S.NEEDS_ATTENTION,
            _S.FAILED,
        }
    ),
}

#: Statuses of an order that waits for a provider to come back.
PARKED: Final = (_S.PAYMENT_DELAYED, _S.NEEDS_ATTENTION)

#: Statuses that nothing follows: the order has ended.
CLOSED: Final = frozenset({_S.PAYMENT_COMPLETED, _S.EXPIRED, _S.CANCELLED, _S.REJECTED})


class MatchedBy(StrEnum):
    """How a line found its product."""

    EXACT = "exact"
    ALIAS = "alias"
    MODEL = "model"
    NAME = "name"


class _Record(BaseModel):
    """Fields are snake_case here and camelCase in the table, in GraphQL and in JSON output."""

    # Validation errors end up in logs and execution histories: without the customer's data.
    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        hide_input_in_errors=True,
    )


class RequestedLine(_Record):
    """One line of the list as the customer meant it, before any product is known."""

    text: str
    name: str
    quantity: Decimal
    unit: str = ""
    notes: list[str] = Field(default_factory=list)


class Alternative(_Record):
    """Another product that a line may mean; ``similarity`` of its name to the line's is 0 to 1."""

    product_id: str
    name: str
    similarity: Decimal


class UnmatchedLine(_Record):
    """A line that goes without a product, and why, in words for the customer."""

    text: str
    reason: str
    alternatives: list[Alternative] = Field(default_factory=list)


class Reading(_Record):
    """What was understood of a list, and what was not."""

    requested: list[RequestedLine] = Field(default_factory=list)
    not_understood: list[UnmatchedLine] = Field(default_factory=list)


class MatchedLine(_Record):
    """A line with its product. ``line_total_kobo == packs * unit_price_kobo``, always.

    ``quantity`` and ``unit`` are what the customer asked for (2 "cup"); ``packs`` is how many of
    the product (sold as ``pack_size``, such as "1 litre") cover it. ``packing`` tells the customer
    how the one became the other, where that needs telling. ``confidence`` is 0 to 1.
    """

    text: str
    product_id: str
    name: str
    quantity: Decimal
    unit: str = ""
    packs: int
    pack_size: str
    unit_price_kobo: int
    line_total_kobo: int
    matched_by: MatchedBy
    confidence: Decimal
    notes: list[str] = Field(default_factory=list)
    packing: str = ""
    alternatives: list[Alternative] = Field(default_factory=list)


class ModelUse(_Record):
    """What asking the model for an order's unclear lines took.

    ``cost_usd`` is None where no prices are configured.
    """

    model_id: str
    prompt_version: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None = None


class StatusChange(_Record):
    """One entry of an order's history."""

    status: OrderStatus
    at: str
    by: str
    reason: str | None = None


class Payment(_Record):
    """A payment as PayStack's webhook reported it: signed, and just what the order asks for.

    ``verified_at`` is when PayStack's API confirmed it, too. Until then it completes nothing.
    """

    reference: str
    amount_kobo: int
    currency: str
    channel: str | None = None
    paid_at: str
    verified_at: str | None = None


class Denial(_Record):
    """A reported payment that PayStack's API did not confirm, and what it said instead.

    ``told_at`` is when operations were told.
    """

    payment: Payment
    said: str
    at: str
    told_at: str | None = None


class Decline(_Record):
    """The customer's last attempt to pay that failed; the same link takes another one."""

    reference: str
    reason: str
    at: str


class RefundWhy(StrEnum):
    """Why money that came in is not the order's payment."""

    #: The order had expired, or was cancelled or rejected.
    ORDER_ENDED = "order-ended"
    #: Another amount, currency or reference than the order asks for.
    DIFFERS = "differs"
    #: The order has another payment.
    PAID_TWICE = "paid-twice"


class RefundDue(_Record):
    """Reported money that no order can take: people check it and give it back.

    ``amount`` is in the currency's minor unit (kobo). ``told_at`` and ``customer_told_at`` are
    when operations and the customer were told, ``settled_at`` is when people were done with it.
    """

    reference: str
    amount: int
    currency: str
    why: RefundWhy
    at: str
    paid_at: str
    told_at: str | None = None
    customer_told_at: str | None = None
    settled_at: str | None = None


class Parked(_Record):
    """How a parked order can be woken: by answering its task token.

    ``parkings`` counts the earlier times that it was parked in a row; ``at`` is when this began.
    """

    task_token: str
    provider: str
    parkings: int
    at: str


class Failure(_Record):
    """Why the order's execution ended before the order did.

    ``error`` is Step Functions' name for it, ``state`` where it happened, as far as is known;
    ``count`` is how often executions of this order have failed.
    """

    error: str
    state: str | None = None
    execution_arn: str
    at: str
    count: int = 1


class Report(_Record):
    """The last time that operations were told that the order does not move, and why."""

    problem: str
    at: str


class Order(_Record):
    """One order as the ``orders`` table holds it. Times are ISO 8601 in UTC; money is kobo."""

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
    denials: list[Denial] = Field(default_factory=list)
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
    told: set[OrderStatus] | None = None
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


def naira(kobo: int) -> str:
    """``123456`` kobo -> ``₦1,234.56``."""
    return f"₦{kobo // 100:,}.{kobo % 100:02d}"


def iso(moment: datetime) -> str:
    """``2026-01-31T12:00:00.000Z``: the form that JSONata's ``$now()`` writes too."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
