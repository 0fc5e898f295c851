"""``orders failed``: the orders that are stuck, why, and what helps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from scripts.cli.console import err, out, plain, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.durations import age
from scripts.cli.options import Json, Since, Stage
from scripts.cli.views import listing, status_text

#: Those first that people have to do something about.
_STATUSES: Final = (OrderStatus.FAILED, OrderStatus.NEEDS_ATTENTION, OrderStatus.PAYMENT_DELAYED)


@dataclass(frozen=True)
class Trouble:
    """Why an order does not go on. ``since`` is ISO 8601; ``attempts`` is None where unknown."""

    order: Order
    since: str
    attempts: int | None
    error: str | None
    command: str

    @classmethod
    def of(cls, order: Order) -> Trouble:
        """What the order's record says."""
        if order.status is OrderStatus.FAILED and order.failure is not None:
            failure = order.failure
            error = f"{failure.state}: {failure.error}" if failure.state else failure.error
            return cls(order, failure.at, failure.count, error, _command("replay", order))
        if order.parked is not None:
            parked = order.parked
            reason = order.status_reason
            return cls(order, parked.at, parked.park_count, reason, _command("resume", order))
        # Woken a moment ago, or marked by something older than the record's fields.
        failed = order.status is OrderStatus.FAILED
        command = _command("replay", order) if failed else f"orders show {order.order_id}"
        return cls(order, order.updated_at, None, order.status_reason, command)

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "orderId": self.order.order_id,
            "status": self.order.status,
            "since": self.since,
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
    """List the orders that failed or are parked, and the command that helps each."""
    now = datetime.now(UTC)
    orders = connect(stage).orders
    if any(orders.with_refunds_due()):
        err.print("Refunds are due: see `orders refunds list`.")
    found = [
        trouble
        for status in _STATUSES
        for trouble in _newest_first(map(Trouble.of, orders.with_status(status)))
        if since is None or datetime.fromisoformat(trouble.since) >= now - since
    ]
    if json:
        print_json([trouble.as_json() for trouble in found[:limit]])
        return
    if not found:
        err.print("No order failed, and none is parked.")
        return
    out.print(troubles_table(found[:limit], now))
    if len(found) > limit:
        err.print(f"... and {len(found) - limit} more: raise --limit to see them.")


def _newest_first(troubles: Iterator[Trouble]) -> list[Trouble]:
    return sorted(troubles, key=lambda trouble: trouble.since, reverse=True)


def troubles_table(troubles: list[Trouble], now: datetime) -> RenderableType:
    """Orders; below each, what went wrong and what helps, over the table's whole width."""
    parts: list[RenderableType] = []
    for number, trouble in enumerate(troubles):
        parts.append(_row(trouble, now, with_header=number == 0))
        if trouble.error:
            parts.append(Padding(plain(trouble.error, "red"), (0, 0, 0, 2)))
        parts.append(Padding(plain(trouble.command, "cyan"), (0, 0, 0, 2)))
    return Group(*parts)


def _row(trouble: Trouble, now: datetime, *, with_header: bool) -> Table:
    table = listing()
    table.show_header = with_header
    table.add_column("Order", width=36, overflow="fold")
    table.add_column("Status", width=max(map(len, _STATUSES)))
    table.add_column("Age", width=4, justify="right")
    table.add_column("Attempts", width=8, justify="right")
    table.add_row(
        plain(trouble.order.order_id),
        status_text(trouble.order.status),
        age(trouble.since, now),
        "" if trouble.attempts is None else str(trouble.attempts),
    )
    return table
