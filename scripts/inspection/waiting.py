"""What open orders wait for, and why: in groups, with the money and the customers that wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from orderflow.breakers.ports import BreakerStore
from orderflow.breakers.state import BreakerItem
from orderflow.clock import iso, to_epoch_ms
from orderflow.orders.model import Order
from orderflow.orders.ports import OrderQueries
from orderflow.orders.status import CLOSED, OrderStatus
from scripts.inspection.breakers import lets_through
from scripts.inspection.reading import MAX_ORDERS, Reading
from scripts.inspection.stuck_orders import newest, stuck_since

_OPEN: Final = tuple(status for status in OrderStatus if status not in CLOSED)


class WaitsFor(StrEnum):
    """What an open order waits for."""

    #: Its provider; :attr:`Waiting.provider` names it.
    PROVIDER = "provider"
    #: A payment was reported, or the order is to be cancelled: PayStack's answer decides.
    CONFIRMATION = "confirmation"
    #: The customer looks at the products before a link is made.
    REVIEW = "review"
    #: The customer has a link.
    CUSTOMER = "customer"
    #: Its execution failed: operators replay it.
    OPERATORS = "operators"
    #: A step of its execution.
    STEP = "step"


_WORDS: Final = {
    WaitsFor.CONFIRMATION: "For PayStack's answer about a payment.",
    WaitsFor.REVIEW: "For the customer's review of the products, before there is a link.",
    WaitsFor.CUSTOMER: "For the customer's payment.",
    WaitsFor.OPERATORS: "For operators: the execution failed. `orders failed` says what helps.",
    WaitsFor.STEP: "For a step of the execution: on the way to a payment link.",
}


@dataclass(frozen=True)
class Waiting:
    """Orders that wait for the same.

    Attributes:
        waits_for: what for.
        provider: which one, if it is a provider.
        count: how many orders; where ``is_complete`` is False, there are more.
        customers: how many customers.
        total_kobo: what the orders cost.
        since: when the first of them began to wait.
        why: in words, with what ends it.
        is_complete: whether all such orders were read.
    """

    waits_for: WaitsFor
    provider: str | None
    count: int
    customers: int
    total_kobo: int
    since: datetime
    why: str
    is_complete: bool = True

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {
            "waitsFor": self.waits_for,
            "provider": self.provider,
            "count": self.count,
            "customers": self.customers,
            "totalKobo": self.total_kobo,
            "since": iso(self.since),
            "why": self.why,
            "isComplete": self.is_complete,
        }


@dataclass(frozen=True)
class WaitingOrders:
    """The groups, the largest first, and what was read."""

    groups: list[Waiting]
    reading: Reading = field(default_factory=Reading)


def waiting_orders(
    orders: OrderQueries, breakers: BreakerStore, now: datetime, limit: int = MAX_ORDERS
) -> WaitingOrders:
    """Find what the open orders wait for.

    Args:
        orders: the stage's.
        breakers: the providers' breakers.
        now: the time.
        limit: how many orders of a status are read at most, the newest.
    """
    reading = Reading()
    found: dict[tuple[WaitsFor, str | None], list[Order]] = {}
    for status in _OPEN:
        for order in newest(orders, status, reading, limit):
            found.setdefault(waits_for(order), []).append(order)
    groups = [_group(key, alike, breakers, now, reading) for key, alike in found.items()]
    return WaitingOrders(sorted(groups, key=lambda group: -group.count), reading)


def waits_for(order: Order) -> tuple[WaitsFor, str | None]:
    """What an open order waits for, and which provider that is."""
    if order.status is OrderStatus.FAILED:
        return WaitsFor.OPERATORS, None
    if order.parked is not None:
        return WaitsFor.PROVIDER, order.parked.provider
    if order.has_received_payment or order.cancel_requested is not None:
        return WaitsFor.CONFIRMATION, None
    if order.status is OrderStatus.AWAITING_REVIEW:
        return WaitsFor.REVIEW, None
    return (WaitsFor.CUSTOMER if order.can_be_paid else WaitsFor.STEP), None


def why_waiting(order: Order, breaker: BreakerItem | None, now: datetime) -> str:
    """Why one open order waits, and what ends that."""
    kind, provider = waits_for(order)
    if breaker is not None and order.parked is not None:
        return _for_provider(breaker, now)
    return _WORDS.get(kind, f"For {provider}.")


def _group(
    key: tuple[WaitsFor, str | None],
    alike: list[Order],
    breakers: BreakerStore,
    now: datetime,
    reading: Reading,
) -> Waiting:
    kind, provider = key
    breaker = breakers.read(provider) if provider else None
    return Waiting(
        waits_for=kind,
        provider=provider,
        count=len(alike),
        customers=len({order.customer_id for order in alike}),
        total_kobo=sum(order.total_kobo for order in alike),
        since=min(map(_since, alike)),
        why=why_waiting(alike[0], breaker, now),
        is_complete=not {str(order.status) for order in alike} & {*reading.unread},
    )


def _since(order: Order) -> datetime:
    kind, _ = waits_for(order)
    if kind is WaitsFor.CUSTOMER:
        return order.link_opened_at or order.updated_at
    return stuck_since(order)


def _for_provider(breaker: BreakerItem, now: datetime) -> str:
    provider = breaker.provider
    if breaker.admits_all:
        return (
            f"For {provider}, whose breaker is closed: they go on within minutes; at once with "
            f"`orders resume --all --provider {provider}`."
        )
    why = f" ({breaker.shown_reason.rstrip('.')})" if breaker.shown_reason else ""
    through = lets_through(breaker, to_epoch_ms(now))
    return (
        f"For {provider}{why}. They go on by themselves once its breaker closes; it lets through "
        f"{through}."
    )
