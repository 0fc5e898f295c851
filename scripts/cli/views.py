"""Orders and executions as tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from orderflow.order import Order, OrderStatus
from scripts.cli.console import naira
from scripts.cli.execution import Progress, StateVisit

_COLOURS: Final = {
    OrderStatus.PAYMENT_INITIATED: "green",
    OrderStatus.PAYMENT_COMPLETED: "bold green",
    OrderStatus.PAYMENT_DELAYED: "yellow",
    OrderStatus.NEEDS_ATTENTION: "bold yellow",
    OrderStatus.REJECTED: "red",
    OrderStatus.FAILED: "bold red",
    OrderStatus.EXPIRED: "magenta",
    OrderStatus.CANCELLED: "magenta",
}


def status_text(status: str) -> Text:
    """A status in its colour."""
    return Text(status, style=_COLOURS.get(OrderStatus(status), "cyan"))


def states_table(progress: Progress | None) -> Table:
    """The states of an execution: how long each took and how often it was retried."""
    table = Table("", "State", "Seconds", "Retries", "Last error", box=None, pad_edge=False)
    table.columns[2].justify = table.columns[3].justify = "right"
    now = datetime.now(UTC)
    for visit in progress.visits if progress else []:
        table.add_row(
            _mark(visit),
            visit.name,
            f"{visit.seconds(now):.2f}",
            str(visit.retries or ""),
            Text(visit.error or "", style="red"),
        )
    return table


def _mark(visit: StateVisit) -> Text:
    if visit.error:
        return Text("✗" if visit.exited is None else "↷", style="yellow")
    return Text("…", style="cyan") if visit.exited is None else Text("✓", style="green")


def lines_table(order: dict[str, Any]) -> Table:
    """An order's matched lines and total, then what could not be matched."""
    table = Table("You wrote", "Product", "Packs", "Price", "Total", "Matched by", title=None)
    for column in (2, 3, 4):
        table.columns[column].justify = "right"
    for line in order["lines"]:
        table.add_row(
            line["text"],
            f"{line['name']} ({line['packSize']})",
            str(line["packs"]),
            naira(line["unitPriceKobo"]),
            naira(line["lineTotalKobo"]),
            f"{line['matchedBy']} ({float(line['confidence']):.0%})",
        )
    for line in order["unmatched"]:
        table.add_row(line["text"], Text(line["reason"], style="yellow"), "", "", "", "")
    table.add_section()
    table.add_row("", "", "", "Total", Text(naira(order["totalKobo"]), style="bold"), "")
    return table


def orders_table(orders: list[Order]) -> Table:
    """One row an order."""
    table = Table("Order", "Status", "Lines", "Total", "Created", "Reason")
    table.columns[2].justify = table.columns[3].justify = "right"
    for order in orders:
        table.add_row(
            order.order_id,
            status_text(order.status),
            str(len(order.lines)),
            naira(order.total_kobo),
            order.created_at,
            order.status_reason or "",
        )
    return table


def history_table(order: Order) -> Table:
    """The changes of an order's status."""
    table = Table("At", "Status", "By", "Reason", box=None, pad_edge=False)
    for change in order.history:
        table.add_row(change.at, status_text(change.status), change.by, change.reason or "")
    return table
