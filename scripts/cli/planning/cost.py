"""``orders cost``: what orders cost on AWS, counted from their executions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final

import typer

from scripts.cli.console import CommandError, ExitCode, err, out, print_field, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.options import Json, Since, Stage
from scripts.cli.orders.show import find_order
from scripts.cli.orders.views import listing
from scripts.cost.prices import Cost, PriceError, bill, price_table, total
from scripts.cost.stage import Counted, count, newest_since
from scripts.cost.usage import Usage

#: So many orders are counted at most.
_LIMIT: Final = 1000


def show_cost(
    order_id: Annotated[
        str | None, typer.Argument(help="One order: its id, or the beginning of it.")
    ] = None,
    *,
    since: Since = None,
    region: Annotated[
        str, typer.Option(help="Whose prices: eu-west-1 or us-east-1.")
    ] = "eu-west-1",
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Count what AWS bills for an order, or for those of a time: --since 1h."""
    if (order_id is None) == (since is None):
        raise CommandError(
            "Name one order, or a time: `orders cost ORDER_ID` or `orders cost --since 1h`.",
            ExitCode.REFUSED,
        )
    deployment = connect(stage)
    if order_id:
        orders = [find_order(deployment, order_id)]
    else:
        assert since is not None  # nosec B101 # one of both is given
        orders = newest_since(deployment, since, _LIMIT)
    if not orders:
        raise CommandError(f"No order was placed on {stage} in this time.", ExitCode.NOT_FOUND)
    counted = count(deployment, orders)
    try:
        show = _print_json if json else _print
        show(counted, region, len(orders))
    except PriceError as error:
        raise CommandError(str(error), ExitCode.REFUSED) from error


def _print_json(counted: Counted, region: str, orders: int) -> None:
    mean = counted.mean
    print_json(
        {
            "orders": orders,
            "region": region,
            "pricesLookedUp": price_table().looked_up,
            "isComplete": counted.is_complete,
            "usdPerThousandOrders": _thousand(mean, region),
            "usdPerThousandOrdersWithoutModel": _thousand(mean, region, with_model=False),
            "usage": mean.as_json(),
            "costs": [_as_json(each) for each in bill(mean, region)],
            "usedForNoOrder": counted.rest.as_json(),
        }
    )


def _as_json(cost: Cost) -> dict[str, Any]:
    return {"unit": cost.unit, "for": cost.detail, "amount": cost.amount, "usd": str(cost.usd)}


def _thousand(usage: Usage, region: str, *, with_model: bool = True) -> str:
    return f"{1000 * total(usage, region, with_model=with_model):.4f}"


def _print(counted: Counted, region: str, orders: int) -> None:
    mean = counted.mean
    table = listing()
    table.add_column("Unit")
    table.add_column("Used for", overflow="fold")
    table.add_column("Amount", justify="right")
    table.add_column("$ for 1,000 orders", justify="right")
    for each in _largest_first(bill(mean, region)):
        table.add_row(each.unit, each.detail, f"{each.amount:,.6g}", f"{1000 * each.usd:.4f}")
    out.print(table)
    print_field("Orders", str(orders))
    print_field("For 1,000 orders", f"${_thousand(mean, region)}")
    print_field("Without the model", f"${_thousand(mean, region, with_model=False)}")
    if counted.rest.units:
        print_field("Meanwhile, for no order", f"${total(counted.rest, region):.6f}")
    err.print(
        f"List prices of {region}, read on {price_table().looked_up}: docs/performance/cost.md"
    )
    if not counted.is_complete:
        err.print(
            "Only executions and functions' reports were counted: this stage records no requests "
            "to its services. The local stack does; docs/performance/cost.md has all units of one."
        )


def _largest_first(costs: Iterable[Cost]) -> list[Cost]:
    return sorted(costs, key=lambda each: (-each.usd, each.unit, each.detail))
