"""Which orders a list shows: by status, customer and time, page by page; and how many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from orderflow.orders.model import Order
from orderflow.orders.pages import position, strictly_ordered
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import Deployment
from scripts.inspection.reading import Reading

#: So many of a customer's orders, or of those with refunds or disputes, are read at most.
MAX_FILTERED: Final = 1000
_READ_AT_A_TIME: Final = 100
_ADDRESS: Final = re.compile(r"[^\s\"\\@]+@[^\s\"\\@]+")
#: How a filter of Cognito's writes what would end its text.
_QUOTED: Final = str.maketrans({'"': '\\"', "\\": "\\\\"})


@dataclass(frozen=True)
class Wanted:
    """The orders that a list shall show.

    Attributes:
        statuses: only these; all where empty.
        customer_id: only this customer's.
        since: none that were created before.
        until: none that were created after.
        refunds: only with a refund that is due or under way.
        disputes: only with an open dispute.
        after: only those that follow this order, the last one of the page before.
    """

    statuses: tuple[OrderStatus, ...] = ()
    customer_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    refunds: bool = False
    disputes: bool = False
    after: Order | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether not all orders are wanted."""
        return self != Wanted()

    @property
    def newest(self) -> datetime | None:
        """None that were created later are wanted."""
        ends = [each for each in (self.until, self.after and self.after.created_at) if each]
        return min(ends, default=None)

    def includes(self, order: Order) -> bool:
        """Whether an order is wanted, wherever it was found."""
        return (
            (not self.statuses or order.status in self.statuses)
            and (self.customer_id in (None, order.customer_id))
            and (self.since is None or order.created_at >= self.since)
            and (self.until is None or order.created_at <= self.until)
            and (not self.refunds or bool(order.due_refunds or order.open_refunds))
            and (not self.disputes or bool(order.open_disputes))
        )


@dataclass(frozen=True)
class Count:
    """How many orders have a status; where ``is_complete`` is False, there are more."""

    status: OrderStatus
    number: int
    is_complete: bool


def find_orders(orders: OrderStore, wanted: Wanted, limit: int, reading: Reading) -> list[Order]:
    """One page, the newest first; those with a dispute by their deadline.

    Args:
        orders: the stage's.
        wanted: which ones.
        limit: how many.
        reading: counts what is read; :attr:`Reading.unread` is not empty where there are more.
    """
    if wanted.refunds or wanted.disputes:
        found = _with_reversals(orders, wanted, reading)
        rest = iter(_from_next(found, wanted.after))
        page = [*islice(rest, limit)]
        if next(rest, None) is not None:
            reading.unread.append("orders")
        return page
    candidates = strictly_ordered(_candidates(orders, wanted, limit))
    following = (
        order
        for order in candidates
        if (wanted.after is None or position(order) < position(wanted.after))
        and wanted.includes(order)
    )
    return [*reading.bounded(following, limit, "orders")]


def counts(orders: OrderStore, wanted: Wanted) -> list[Count]:
    """How many orders have which status; of all orders, from the index alone."""
    statuses = wanted.statuses or tuple(OrderStatus)
    if wanted.customer_id or wanted.refunds or wanted.disputes:
        reading = Reading()
        found = find_orders(orders, wanted, MAX_FILTERED, reading)
        return [
            Count(each, sum(order.status is each for order in found), reading.is_complete)
            for each in statuses
        ]
    return [Count(each, *orders.count(each, wanted.since, wanted.newest)) for each in statuses]


def _candidates(orders: OrderStore, wanted: Wanted, limit: int) -> Iterator[Order]:
    read = min(limit + 1, _READ_AT_A_TIME)
    if wanted.customer_id is not None:
        found = orders.newest_of_customer(wanted.customer_id, wanted.newest, read)
        return islice(found, MAX_FILTERED)
    statuses = wanted.statuses or tuple(OrderStatus)
    return orders.newest_with_status(statuses, wanted.since, wanted.newest, read)


def _with_reversals(orders: OrderStore, wanted: Wanted, reading: Reading) -> list[Order]:
    """Those with a refund or a dispute."""
    sources = [orders.with_open_reversals()]
    if wanted.refunds:
        sources.append(orders.with_refunds_due())
    read: dict[str, Order] = {}
    for source in sources:
        for order in reading.bounded(source, MAX_FILTERED, "refunds and disputes"):
            read[order.order_id] = order
    found = [order for order in read.values() if wanted.includes(order)]
    if wanted.disputes:
        return sorted(found, key=_deadline)
    return sorted(found, key=position, reverse=True)


def _from_next(found: list[Order], after: Order | None) -> list[Order]:
    ids = [order.order_id for order in found]
    return found[ids.index(after.order_id) + 1 :] if after and after.order_id in ids else found


def _deadline(order: Order) -> datetime:
    first = order.open_disputes[0]
    return first.due_at or first.opened_at


def customer_id(deployment: Deployment, text: str) -> str:
    """The customer's Cognito ``sub``, of an e-mail address or as it stands.

    Args:
        deployment: the stage.
        text: an address, or a ``sub``.

    Raises:
        CommandError: no account has this address.
    """
    if "@" not in text:
        return text
    if not _ADDRESS.fullmatch(text):
        raise CommandError(f"{text} is no e-mail address.", ExitCode.REFUSED)
    found = account_of(deployment, text)
    if found is None:
        raise CommandError(
            f"No account of stage {deployment.stage} has the address {text}.", ExitCode.NOT_FOUND
        )
    return found


def account_of(deployment: Deployment, address: str) -> str | None:
    """The ``sub`` of the account with this e-mail address; None if there is none."""
    answer = deployment.client("cognito-idp").list_users(
        UserPoolId=deployment.output("UserPoolId"),
        Filter=f'email = "{address.translate(_QUOTED)}"',
        Limit=1,
    )
    attributes = (each for user in answer["Users"] for each in user["Attributes"])
    return next((str(each["Value"]) for each in attributes if each["Name"] == "sub"), None)
