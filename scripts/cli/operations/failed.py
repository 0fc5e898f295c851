"""``orders failed``: lists failed, parked and undecided orders with the reason and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from orderflow.clock import iso
from orderflow.orders.model import Order
from orderflow.orders.ports import OrderQueries
from orderflow.orders.status import OrderStatus
from scripts.cli.console import err, out, plain, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.durations import age
from scripts.cli.options import Json, Since, Stage
from scripts.cli.orders.views import listing, status_text
from scripts.inspection.stuck_orders import payment_remark

#: The statuses that need an operator come first.
_STATUSES: Final = (OrderStatus.FAILED, OrderStatus.NEEDS_ATTENTION, OrderStatus.PAYMENT_DELAYED)


#: PayStack answers within seconds. After this time operations may want to know that it has not.
_UNDECIDED_FOR_LONG: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class StuckOrder:
    """The reason and remedy of a stuck order.

    ``attempts`` is None if unknown.
    """

    order: Order
    since: datetime
    attempts: int | None
    error: str | None
    command: str

    @classmethod
    def of(cls, order: Order) -> StuckOrder:
        """Read them from the order's record."""
        if order.status is OrderStatus.FAILED and order.failure is not None:
            failure = order.failure
            error = f"{failure.state}: {failure.error}" if failure.state else failure.error
            return cls(order, failure.at, failure.count, error, _command("replay", order))
        if order.parked is not None:
            parked = order.parked
            reason = order.status_reason
            return cls(order, parked.at, parked.park_count, reason, _command("resume", order))
        if remark := payment_remark(order):
            since = order.undecided_since(order.updated_at) or order.updated_at
            return cls(order, since, None, remark, f"orders show {order.order_id}")
        # Resumed just now, or written before the record had these fields.
        failed = order.status is OrderStatus.FAILED
        command = _command("replay", order) if failed else f"orders show {order.order_id}"
        return cls(order, order.updated_at, None, order.status_reason, command)

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {
            "orderId": self.order.order_id,
            "status": self.order.status,
            "since": iso(self.since),
            "attempts": self.attempts,
            "error": self.error,
            "provider": self.order.parked.provider if self.order.parked else None,
            "executionArn": self.order.execution_arn,
            "command": self.command,
        }


def _command(name: str, order: Order) -> str:
    return f"orders {name} --order {order.order_id}"


def list_failed(
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """List the orders that failed, are parked or undecided, and the command that helps each."""
    now = datetime.now(UTC)
    orders = connect(stage).orders
    if any(orders.with_refunds_due()):
        err.print("Refunds are due: see `orders refunds list`.")
    found = [
        stuck for stuck in _stuck_orders(orders, now) if since is None or stuck.since >= now - since
    ]
    if json:
        print_json([stuck.as_json() for stuck in found[:limit]])
        return
    if not found:
        err.print("No order failed, and none is parked.")
        return
    out.print(stuck_orders_table(found[:limit], now))
    if len(found) > limit:
        err.print(f"... and {len(found) - limit} more: raise --limit to see them.")


def _stuck_orders(orders: OrderQueries, now: datetime) -> Iterator[StuckOrder]:
    """Failed and parked orders, then those that PayStack has left undecided for long."""
    for status in _STATUSES:
        yield from _newest_first(map(StuckOrder.of, orders.with_status(status)))
    undecided = (
        order
        for order in orders.with_status(OrderStatus.PAYMENT_INITIATED)
        if payment_remark(order) and now - order.updated_at > _UNDECIDED_FOR_LONG
    )
    yield from _newest_first(map(StuckOrder.of, undecided))


def _newest_first(stuck_orders: Iterator[StuckOrder]) -> list[StuckOrder]:
    return sorted(stuck_orders, key=lambda stuck: stuck.since, reverse=True)


def stuck_orders_table(stuck_orders: list[StuckOrder], now: datetime) -> RenderableType:
    """Orders; below each, its error and its remedy, over the table's full width."""
    parts: list[RenderableType] = []
    for number, stuck in enumerate(stuck_orders):
        parts.append(_row(stuck, now, with_header=number == 0))
        if stuck.error:
            parts.append(Padding(plain(stuck.error, "red"), (0, 0, 0, 2)))
        parts.append(Padding(plain(stuck.command, "cyan"), (0, 0, 0, 2)))
    return Group(*parts)


def _row(stuck: StuckOrder, now: datetime, *, with_header: bool) -> Table:
    table = listing()
    table.show_header = with_header
    table.add_column("Order", width=36, overflow="fold")
    table.add_column("Status", width=max(map(len, OrderStatus)))
    table.add_column("Age", width=4, justify="right")
    table.add_column("Attempts", width=8, justify="right")
    table.add_row(
        plain(stuck.order.order_id),
        status_text(stuck.order.status),
        age(stuck.since, now),
        "" if stuck.attempts is None else str(stuck.attempts),
    )
    return table
