"""``orders resume``: resumes parked orders and resets their automatic attempts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from orderflow.breakers.providers import ProviderName
from orderflow.clock import epoch_ms
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.recovery.resumer import Resumption, resume
from scripts.cli.console import CommandError, ExitCode, err, out, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.operations.bulk import Bulk, Result, print_notes, summary, summary_table
from scripts.cli.options import Json, Rate, Stage
from scripts.cli.orders.show import find_order
from scripts.inspection.breakers import is_open, lets_through


class ResumeOutcome(StrEnum):
    """The outcome for one order."""

    RESUMED = "resumed"
    #: Its token was answered already, or its execution has ended.
    SPENT = "spent"
    NOT_PARKED = "not-parked"
    FAILED = "failed"


_OUTCOMES: Final = {
    Resumption.RESUMED: ResumeOutcome.RESUMED,
    Resumption.SPENT: ResumeOutcome.SPENT,
    Resumption.NOT_PARKED: ResumeOutcome.NOT_PARKED,
}


def resume_orders(
    *,
    order: Annotated[str | None, typer.Option(metavar="ORDER_ID", help="This order.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All orders that wait for the provider.")
    ] = False,
    provider: Annotated[
        ProviderName, typer.Option(help="... which is this.")
    ] = ProviderName.PAYSTACK,
    rate: Rate = 5,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Resume parked orders, and give them three new automatic attempts."""
    if everything == (order is not None):
        raise CommandError("Say which orders: --order, or --all.", ExitCode.REFUSED)
    deployment = connect(stage)
    if order is None:
        orders = list(deployment.orders.parked(provider))
    else:
        orders = [find_order(deployment, order)]
    raise typer.Exit(_resume_all(deployment, orders, rate, json=json))


def _resume_all(
    deployment: Deployment, orders: list[Order], rate: float, *, json: bool
) -> ExitCode:
    _warn_of_open_breakers(deployment, orders)
    resumer = AuditedResumer(deployment)
    bulk = Bulk(
        "Resuming",
        rate,
        resumer.resume,
        order_id=lambda order: order.order_id,
        failed=ResumeOutcome.FAILED,
    )
    try:
        bulk.run(orders)
    finally:  # also after an error or Ctrl-C
        _report(bulk.results, json=json)
    failed = any(result.outcome is ResumeOutcome.FAILED for result in bulk.results)
    return ExitCode.FAILED if failed else ExitCode.OK


def _warn_of_open_breakers(deployment: Deployment, orders: list[Order]) -> None:
    now = epoch_ms()
    for provider in sorted({order.parked.provider for order in orders if order.parked}):
        item = deployment.breakers.read(provider)
        if is_open(item, now):
            err.print(
                f"The breaker of {provider} is open (lets through: {lets_through(item, now)}); "
                "the orders will be parked again.",
                soft_wrap=True,
            )


class AuditedResumer:
    """Resumes orders, with an audit entry before each."""

    def __init__(self, deployment: Deployment) -> None:
        self._sfn: Any = deployment.client("stepfunctions")
        self._store = deployment.orders
        self._trail = AuditTrail(deployment)

    def resume(self, order: Order) -> Result:
        """Answer the order's token."""
        if order.parked is None:
            return Result(order.order_id, ResumeOutcome.NOT_PARKED, _not_parked(order))
        parked = order.parked
        with self._trail.act(
            "resume", order.order_id, order.status_reason or "",
            provider=parked.provider, park_count=parked.park_count,
        ):  # fmt: skip
            outcome = _OUTCOMES[resume(order, self._sfn, self._store, by="operator")]
        spent = outcome is ResumeOutcome.SPENT
        return Result(order.order_id, outcome, _spent(order) if spent else None)


def _spent(order: Order) -> str:
    return f"its token is spent: `orders show {order.order_id}` says where it stands"


def _not_parked(order: Order) -> str:
    if order.status is OrderStatus.FAILED:
        return f"it is FAILED: `orders replay --order {order.order_id}` lets it go on"
    return f"it is {order.status}, not parked"


def _report(results: list[Result], *, json: bool) -> None:
    counts = summary(ResumeOutcome, results)
    if json:
        print_json({"results": [result.as_json() for result in results], "summary": counts})
        return
    print_notes(results, ResumeOutcome.FAILED)
    if results:
        out.print(summary_table(counts))
    else:
        err.print("No order is parked.")
