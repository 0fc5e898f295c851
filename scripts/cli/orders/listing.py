"""``orders list``: orders by status, customer and time, in pages, counted, or kept up to date."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table

from orderflow.api.views import order_view
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from scripts.cli.console import CommandError, ExitCode, err, out, plain, print_json, print_reading
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.durations import parse_moment
from scripts.cli.options import Json, Stage, parse_status
from scripts.cli.orders.show import find_order
from scripts.cli.orders.views import listing, orders_table, status_text
from scripts.inspection.order_ids import SHORT
from scripts.inspection.orders import Wanted, counts, customer_id, find_orders
from scripts.inspection.reading import Reading

_REFRESH_SECONDS: Final = 2.0

Moment = Annotated[
    datetime | None,
    typer.Option(
        parser=parse_moment, metavar="TIME", help="A time ago (2h), or a moment (2026-01-31T12:00)."
    ),
]


@dataclass(frozen=True)
class _Page:
    """One page as it was found."""

    orders: list[Order]
    reading: Reading


def list_orders(  # noqa: PLR0913 - options
    *,
    status: Annotated[
        list[OrderStatus] | None,
        typer.Option(
            metavar="STATUS",
            parser=parse_status,
            help="Only orders of this status, in any case; may be repeated.",
        ),
    ] = None,
    customer: Annotated[
        str | None,
        typer.Option(metavar="EMAIL", help="Only this customer's: an e-mail address or a sub."),
    ] = None,
    since: Moment = None,
    until: Moment = None,
    refunds: Annotated[
        bool, typer.Option("--refunds", help="Only orders with a refund that is due or under way.")
    ] = False,
    disputes: Annotated[
        bool, typer.Option("--disputes", help="Only orders with an open dispute.")
    ] = False,
    after: Annotated[
        str | None, typer.Option(metavar="ORDER_ID", help="The next page: what follows this order.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    count: Annotated[bool, typer.Option("--count", help="Only how many, by status.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Keep it up to date until Ctrl-C.")
    ] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """List orders, the newest first; those with disputes by their deadline."""
    if watch and (json or count):
        raise CommandError("--watch is for people: drop --json and --count.", ExitCode.REFUSED)
    deployment = connect(stage)
    wanted = Wanted(
        statuses=tuple(status or ()),
        customer_id=customer_id(deployment, customer) if customer else None,
        since=since,
        until=until,
        refunds=refunds,
        disputes=disputes,
        after=find_order(deployment, after) if after else None,
    )
    if count:
        _show_counts(deployment, wanted, json=json)
    elif watch:
        _watch(deployment, wanted, limit)
    else:
        _show(_page(deployment, wanted, limit), wanted, json=json)


def _page(deployment: Deployment, wanted: Wanted, limit: int) -> _Page:
    reading = Reading()
    return _Page(find_orders(deployment.orders, wanted, limit, reading), reading)


def _show(page: _Page, wanted: Wanted, *, json: bool) -> None:
    if json:
        last = page.orders[-1].order_id if page.orders and not page.reading.is_complete else None
        print_json({"orders": [order_view(order) for order in page.orders], "after": last})
        return
    if page.orders:
        out.print(orders_table(page.orders))
    else:
        err.print("There are no such orders." if wanted.is_filtered else "There are no orders yet.")
    if not page.reading.is_complete:
        last = page.orders[-1].order_id[:SHORT]
        err.print(f"There are more: the same command with --after {last} shows the next page.")
    print_reading(Reading(page.reading.items))


def _show_counts(deployment: Deployment, wanted: Wanted, *, json: bool) -> None:
    found = counts(deployment.orders, wanted)
    if json:
        print_json({each.status: each.number for each in found})
        return
    table = listing()
    table.add_column("Status")
    table.add_column("Orders", justify="right")
    for each in found:
        more = "" if each.is_complete else "+"
        style = "" if each.number else "dim"
        table.add_row(status_text(each.status), plain(f"{each.number:,}{more}", style))
    out.print(table)
    counted = sum(each.number for each in found)
    print_reading(f"Counted {counted:,} entries of the index; no order was read.")


def _watch(deployment: Deployment, wanted: Wanted, limit: int) -> None:
    with Live(console=out, auto_refresh=False, vertical_overflow="crop") as live:
        while True:
            live.update(_refreshed(deployment, wanted, limit), refresh=True)
            time.sleep(_REFRESH_SECONDS)


def _refreshed(deployment: Deployment, wanted: Wanted, limit: int) -> RenderableType:
    page = _page(deployment, wanted, limit)
    table: Table = orders_table(page.orders)
    clock = f"{datetime.now(UTC):%H:%M:%S} UTC. {page.reading} Ctrl-C ends it."
    return Group(table, plain(clock, "dim"))
