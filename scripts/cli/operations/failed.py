"""``orders failed``: failed, parked and undecided orders by their cause, with what helps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from orderflow.money import naira
from orderflow.orders.status import OrderStatus
from scripts.cli.console import err, out, plain, print_json, print_reading
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.durations import age
from scripts.cli.options import Json, Since, Stage
from scripts.cli.orders.views import listing, status_text
from scripts.inspection.causes import Kind
from scripts.inspection.order_ids import SHORT
from scripts.inspection.reading import MAX_ORDERS
from scripts.inspection.stuck_orders import StuckGroup, stuck_orders, unrecorded_failures

RUNBOOKS: Final = "docs/runbooks"
_IDS_IN_A_GROUP: Final = 6
_UNRECORDED: Final = """\
Failed, but not recorded on the order yet, which takes some minutes ({number}): {ids}.
`orders replay --order ORDER_ID` lets one go on, once what failed works again."""
_STYLES: Final = {Kind.FAILED: "bold red", Kind.PARKED: "bold yellow"}


def list_failed(
    *,
    since: Since = None,
    each: Annotated[
        bool, typer.Option("--orders", help="List the orders of each group, too.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="With --orders, so many of each group.")
    ] = 20,
    read: Annotated[
        int, typer.Option(min=1, max=10_000, help="Read so many orders of each status, the newest.")
    ] = MAX_ORDERS,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Show what is stuck, by cause: how many orders, whose, how much, since when, what helps."""
    now = datetime.now(UTC)
    deployment = connect(stage)
    found = stuck_orders(deployment.orders, deployment.breakers, now, since, read)
    unrecorded = list(
        unrecorded_failures(
            deployment.client("stepfunctions"),
            deployment.orders,
            deployment.output("LiveStateMachineArn"),
            now,
        )
    )
    if json:
        groups = [group.as_json() for group in found.groups]
        reading = found.reading.as_json()
        print_json({"groups": groups, "unrecorded": unrecorded, "read": reading})
        return
    if any(deployment.orders.with_refunds_due()):
        err.print("Refunds are due: see `orders refunds list`.")
    if found.groups:
        out.print(groups_view(found.groups, now, orders=limit if each else 0))
    elif not unrecorded:
        err.print("No order failed, and none is parked.")
    if unrecorded:
        err.print(_UNRECORDED.format(number=len(unrecorded), ids=", ".join(unrecorded)))
    print_reading(found.reading)
    if not found.reading.is_complete:
        err.print("`--read 2000` reads more of each status.")


def groups_view(groups: list[StuckGroup], now: datetime, orders: int = 0) -> RenderableType:
    """The groups, each with its numbers, cause and advice.

    Args:
        groups: those of :func:`~scripts.inspection.stuck_orders.stuck_orders`.
        now: the time.
        orders: list so many orders of each.
    """
    parts: list[RenderableType] = []
    for group in groups:
        parts += [_heading(group, now), *_below(group)]
        if orders:
            parts.append(Padding(_orders_table(group, now, orders), (0, 0, 0, 2)))
        parts.append(Text())
    return Group(*parts[:-1])


def _heading(group: StuckGroup, now: datetime) -> Text:
    """What was not read makes each figure a lower bound, which the heading says."""
    number, customers = len(group.orders), group.customers
    more, least = ("", "") if group.is_complete else ("+", "at least ")
    alone = number == 1 and group.is_complete
    whose = f"{customers}{more} customer{'' if customers == 1 and group.is_complete else 's'}"
    return Text.assemble(
        (f"{number}{more} order{'' if alone else 's'}", _STYLES.get(group.cause.kind, "bold")),
        f" of {whose}, {least}{_money(group)}, for {least}{age(group.since, now)}",
    )


def _money(group: StuckGroup) -> str:
    if not group.unpriced:
        return naira(group.total_kobo)
    known = f"{naira(group.total_kobo)} and " if group.total_kobo else ""
    return f"{known}{group.unpriced} without a price yet"


def _below(group: StuckGroup) -> list[RenderableType]:
    more = "" if group.is_complete else "+"
    statuses = ", ".join(f"{number}{more} {status}" for status, number in group.statuses.items())
    lines = [plain(group.cause.text, "bold"), plain(statuses, "dim")]
    if group.cause.kind is not Kind.FAILED:  # the reason of a failure is for the customer
        lines += [plain(f"{number}{more} x {why}") for why, number in group.reasons.items()]
    if group.breaker and group.breaker.shown_reason:
        lines.append(plain(f"breaker: {group.breaker.shown_reason}"))
    advice, page = group.advice.text, f"{RUNBOOKS}/{group.advice.runbook}"
    lines.append(plain(f"{advice[:1].upper()}{advice[1:]} ({page})."))
    if group.advice.command:
        lines.append(plain(group.advice.command, "cyan"))
    lines.append(plain(_ids(group), "dim"))
    return [Padding(line, (0, 0, 0, 2)) for line in lines]


def _ids(group: StuckGroup) -> str:
    shown = [stuck.order.order_id[:SHORT] for stuck in group.orders[:_IDS_IN_A_GROUP]]
    rest = len(group.orders) - len(shown)
    also = f"and {rest}{'' if group.is_complete else '+'} more (--orders)"
    return " ".join([*shown, also] if rest else shown)


def _orders_table(group: StuckGroup, now: datetime, limit: int) -> RenderableType:
    table = listing()
    table.add_column("Order", width=36, overflow="fold")
    table.add_column("Status", width=max(map(len, OrderStatus)))
    table.add_column("Age", width=4, justify="right")
    table.add_column("Attempts", width=8, justify="right")
    for stuck in group.orders[:limit]:
        table.add_row(
            plain(stuck.order.order_id),
            status_text(stuck.order.status),
            age(stuck.since, now),
            "" if stuck.attempts is None else str(stuck.attempts),
        )
    return table
