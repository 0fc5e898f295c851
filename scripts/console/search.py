"""The search: orders by what an operator has in hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from orderflow.clock import iso, utc_now
from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.status import PARKED, OrderStatus
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.durations import parse_duration
from scripts.console.stage import ConsoleStage, Reads
from scripts.inspection.order_ids import ABBREVIATED, UUID, full_id
from scripts.inspection.orders import account_of
from scripts.inspection.stuck_orders import StuckOrder

#: So many orders are shown, and so many are looked through for an error.
MAX_SHOWN: Final = 50
_MAX_READ: Final = 200

_REFERENCE: Final = re.compile(rf"({UUID.pattern})-\d+")
_STUCK: Final = (OrderStatus.FAILED, *PARKED)


@dataclass(frozen=True)
class Query:
    """What is searched for.

    Attributes:
        text: an order's id or its beginning, a payment's reference, a customer's id or e-mail
            address; any other text is looked for in the errors of orders.
        status: only this status.
        since: only orders that were created since then.
    """

    text: str = ""
    status: OrderStatus | None = None
    since: datetime | None = None

    @classmethod
    def of(cls, q: str, status: str, since: str) -> Query:
        """Read the page's fields.

        Raises:
            CommandError: the status is unknown, or the time has another form than ``2h``.
        """
        try:
            known = OrderStatus(status.upper()) if status else None
            span = parse_duration(since) if since else None
        except Exception as error:  # typer's and the enum's
            raise CommandError(
                f"Search by a status ({', '.join(OrderStatus)}) and a time such as 30m, 2h or 3d.",
                ExitCode.REFUSED,
            ) from error
        return cls(q.strip().lower(), known, utc_now() - span if span else None)


class Search:
    """Searches a stage's orders; what it reads is bounded.

    Args:
        stage: the stage.
    """

    def __init__(self, stage: ConsoleStage) -> None:
        self._stage = stage

    def view(self, query: Query, reads: Reads) -> dict[str, Any]:
        """At most 50 orders, the newest first."""
        how, candidates = self._candidates(query)
        wanted = (order for order in candidates if _meets(order, query))
        found = list(islice(wanted, MAX_SHOWN + 1))
        if len(found) > MAX_SHOWN:
            reads.limits.append(f"the first {MAX_SHOWN} orders are shown")
        return {"how": how, "orders": [summary(order) for order in found[:MAX_SHOWN]]}

    def _candidates(self, query: Query) -> tuple[str, Iterable[Order]]:
        text = query.text
        if not text:
            return "the newest orders", self._newest(query)
        if "@" in text:
            return "orders of this customer", self._of_address(text)
        if match := _REFERENCE.fullmatch(text):
            return "the order of this payment", self._order(match[1])
        if UUID.fullmatch(text):
            return "this order, or the orders of this customer", self._order_or_customer(text)
        if ABBREVIATED.fullmatch(text):
            return "orders whose id begins so", self._beginning(text)
        return "orders with this error", self._with_error(query)

    def _newest(self, query: Query) -> Iterator[Order]:
        statuses = [query.status] if query.status else [*OrderStatus]
        return self._stage.orders.newest_with_status(statuses, query.since, None, MAX_SHOWN)

    def _order(self, order_id: str) -> list[Order]:
        try:
            return [self._stage.orders.get(order_id)]
        except OrderNotFoundError:
            return []

    def _order_or_customer(self, text: str) -> Iterable[Order]:
        return self._order(text) or self._of_customer(text)

    def _of_customer(self, customer_id: str) -> Iterator[Order]:
        return self._stage.orders.newest_of_customer(customer_id, None, MAX_SHOWN)

    def _of_address(self, address: str) -> Iterator[Order]:
        """The orders of the account with this address."""
        customer = account_of(self._stage, address)
        if customer is not None:
            yield from self._of_customer(customer)

    def _beginning(self, text: str) -> list[Order]:
        return self._order(full_id(self._stage.orders, text))

    def _with_error(self, query: Query) -> Iterator[Order]:
        statuses = [query.status] if query.status else _STUCK
        read = self._stage.orders.newest_with_status(statuses, query.since, None, MAX_SHOWN)
        for order in islice(read, _MAX_READ):
            if query.text in _errors(order).lower():
                yield order


def _errors(order: Order) -> str:
    stuck = StuckOrder.of(order)
    return " ".join(filter(None, (stuck.cause.text, stuck.cause.error, order.status_reason)))


def _meets(order: Order, query: Query) -> bool:
    return (query.status in (None, order.status)) and (
        query.since is None or order.created_at >= query.since
    )


def summary(order: Order) -> dict[str, Any]:
    """An order in a list."""
    stuck = order.status in _STUCK
    return {
        "orderId": order.order_id,
        "customerId": order.customer_id,
        "status": order.status,
        "totalKobo": order.total_kobo,
        "createdAt": iso(order.created_at),
        "text": StuckOrder.of(order).cause.text if stuck else order.status_reason or "",
    }
