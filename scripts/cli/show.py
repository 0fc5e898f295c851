"""``orders show``: one order, its history, and the states of its execution."""

from __future__ import annotations

from typing import Any

from orderflow.errors import OrderNotFoundError
from orderflow.order import Order
from orderflow.views import order_view
from scripts.cli.console import CommandError, ExitCode, naira, out, print_json
from scripts.cli.deployment import Deployment
from scripts.cli.execution import Progress, read_progress
from scripts.cli.views import history_table, lines_table, states_table, status_text


def show_order(deployment: Deployment, order_id: str, *, json: bool) -> None:
    """Print one order.

    Raises:
        CommandError: there is no such order.
    """
    try:
        order = deployment.orders.get(order_id)
    except OrderNotFoundError as error:
        raise CommandError(
            f"There is no order {order_id} on stage {deployment.stage}. "
            "`orders list` shows what there is.",
            ExitCode.NOT_FOUND,
        ) from error
    progress = (
        read_progress(deployment.client("stepfunctions"), order.execution_arn)
        if order.execution_arn
        else None
    )
    if json:
        print_json(_as_json(order, progress))
    else:
        _print_order(order)
        _print_execution(progress)


def _as_json(order: Order, progress: Progress | None) -> dict[str, Any]:
    return {
        **order_view(order),
        "transitionsToLink": progress.transitions_to_link if progress else None,
        "states": [
            {"name": visit.name, "attempts": visit.attempts, "error": visit.error}
            for visit in (progress.visits if progress else [])
        ],
    }


def _print_order(order: Order) -> None:
    out.print(f"Order [bold]{order.order_id}[/bold]:", status_text(order.status))
    if order.status_reason:
        out.print("Reason:", order.status_reason, markup=False)
    out.print(lines_table(order_view(order)))
    if order.payment_link:
        out.print(f"Payment link: {order.payment_link}", soft_wrap=True)
    if order.payment:
        out.print(f"Paid: {naira(order.payment.amount_kobo)} at {order.payment.paid_at}")
    out.rule("History", align="left")
    out.print(history_table(order))


def _print_execution(progress: Progress | None) -> None:
    out.rule("Execution", align="left")
    if progress is None:
        out.print("Step Functions no longer holds its history (kept for 90 days).")
        return
    out.print(states_table(progress))
    out.print(f"State transitions from the start to the link: {progress.transitions_to_link}")
