"""The search: orders by what an operator has in hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from orderflow.clock import iso, utc_now
from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.pages import READ_AHEAD, position, strictly_ordered
from orderflow.orders.status import PARKED, OrderStatus
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.durations import parse_duration
from scripts.console.stage import ConsoleStage, Reads
from scripts.inspection.order_ids import ABBREVIATED, UUID, full_id
from scripts.inspection.orders import account_of
from scripts.inspection.stuck_orders import StuckOrder

#: A page shows so many orders, and so many are looked through for it: the next page goes on there.
MAX_SHOWN: Final = 20
MAX_LOOKED_THROUGH: Final = 40

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
        after: the id of the order that the page before ended with; empty for the first page.
    """

    text: str = ""
    status: OrderStatus | None = None
    since: datetime | None = None
    after: str = ""

    @classmethod
    def of(cls, q: str, status: str, since: str, after: str = "") -> Query:
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
        return cls(q.strip().lower(), known, utc_now() - span if span else None, after)


class Search:
    """Searches a stage's orders; what it reads is bounded.

    Args:
        stage: the stage.
    """

    def __init__(self, stage: ConsoleStage) -> None:
        self._stage = stage

    def view(self, query: Query, reads: Reads) -> dict[str, Any]:
        """One page, the newest orders first; ``after`` leads to the next one, None on the last.

        Raises:
            OrderNotFoundError: the order that the page before ended with is gone.
        """
        end = self._stage.orders.get(query.after) if query.after else None
        how, candidates = self._candidates(query, end)
        found: list[Order] = []
        last: Order | None = None
        for looked_through, order in enumerate(_after(end, candidates)):
            if len(found) == MAX_SHOWN or looked_through == MAX_LOOKED_THROUGH:
                break
            last = order
            if _meets(order, query):
                found.append(order)
        else:
            last = None
        if last is not None:
            reads.limits.append(
                f"the first {MAX_SHOWN} orders are shown"
                if len(found) == MAX_SHOWN
                else f"{MAX_LOOKED_THROUGH} orders were looked through"
            )
        return {
            "how": how,
            "orders": [summary(order) for order in found],
            "after": last.order_id if last else None,
        }

    def _candidates(self, query: Query, end: Order | None) -> tuple[str, Iterable[Order]]:
        text = query.text
        if not text:
            statuses = [query.status] if query.status else [*OrderStatus]
            return "the newest orders", self._newest(statuses, query, end, MAX_SHOWN)
        if "@" in text:
            return "orders of this customer", self._of_address(text, end)
        if match := _REFERENCE.fullmatch(text):
            return "the order of this payment", self._order(match[1])
        if UUID.fullmatch(text):
            return "this order, or the orders of this customer", self._order_or_customer(text, end)
        if ABBREVIATED.fullmatch(text):
            return "orders whose id begins so", self._beginning(text)
        statuses = [query.status] if query.status else [*_STUCK]
        return "orders with this error", self._newest(statuses, query, end, MAX_LOOKED_THROUGH)

    def _newest(
        self, statuses: list[OrderStatus], query: Query, end: Order | None, read: int
    ) -> Iterator[Order]:
        return self._stage.orders.newest_with_status(
            statuses, query.since, _until(end), read + READ_AHEAD
        )

    def _order(self, order_id: str) -> list[Order]:
        try:
            return [self._stage.orders.get(order_id)]
        except OrderNotFoundError:
            return []

    def _order_or_customer(self, text: str, end: Order | None) -> Iterable[Order]:
        return self._order(text) or self._of_customer(text, end)

    def _of_customer(self, customer_id: str, end: Order | None) -> Iterator[Order]:
        return self._stage.orders.newest_of_customer(
            customer_id, _until(end), MAX_SHOWN + READ_AHEAD
        )

    def _of_address(self, address: str, end: Order | None) -> Iterator[Order]:
        """The orders of the account with this address."""
        customer = account_of(self._stage, address)
        if customer is not None:
            yield from self._of_customer(customer, end)

    def _beginning(self, text: str) -> list[Order]:
        return self._order(full_id(self._stage.orders, text))


def _until(end: Order | None) -> datetime | None:
    return end.created_at if end else None


def _after(end: Order | None, newest: Iterable[Order]) -> Iterator[Order]:
    """The orders that come after the one that the page before ended with."""
    for order in strictly_ordered(iter(newest)):
        if end is None or position(order) < position(end):
            yield order


def _errors(order: Order) -> str:
    stuck = StuckOrder.of(order)
    return " ".join(filter(None, (stuck.cause.text, stuck.cause.error, order.status_reason)))


def _meets(order: Order, query: Query) -> bool:
    return (
        (query.status in (None, order.status))
        and (query.since is None or order.created_at >= query.since)
        and (not _is_an_error(query.text) or query.text in _errors(order).lower())
    )


def _is_an_error(text: str) -> bool:
    """Whether the text is none of what orders are found by directly."""
    is_key = any(each.fullmatch(text) for each in (_REFERENCE, UUID, ABBREVIATED))
    return bool(text) and "@" not in text and not is_key


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
