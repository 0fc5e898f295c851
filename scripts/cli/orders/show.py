"""``orders show``: one order, its history, and the states of its execution."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from orderflow.api.views import order_view
from orderflow.clock import iso
from orderflow.errors import OrderNotFoundError
from orderflow.money import naira
from orderflow.orders.model import Order
from scripts.cli.console import CommandError, ExitCode, out, print_field, print_json
from scripts.cli.deployment import Deployment
from scripts.cli.orders.execution import Progress, StateVisit, read_progress
from scripts.cli.orders.views import (
    dispute_text,
    history_table,
    lines_table,
    model_use_text,
    refund_text,
    states_table,
    status_text,
)
from scripts.inspection.stuck_orders import payment_remark


def show_order(deployment: Deployment, order_id: str, *, json: bool) -> None:
    """Print one order.

    Raises:
        CommandError: if there is no such order.
    """
    order = find_order(deployment, order_id)
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


def find_order(deployment: Deployment, order_id: str) -> Order:
    """Read one order.

    Raises:
        CommandError: if there is no such order.
    """
    try:
        return deployment.orders.get(order_id)
    except OrderNotFoundError as error:
        raise CommandError(
            f"There is no order {order_id} on stage {deployment.stage}. "
            "`orders list` shows what there is; a new order takes a second to appear.",
            ExitCode.NOT_FOUND,
        ) from error


def _as_json(order: Order, progress: Progress | None) -> dict[str, Any]:
    return {
        **order_view(order),
        "modelUse": _model_use(order),
        **order.model_dump(by_alias=True, mode="json", include=_REVERSALS),
        "executionStatus": progress.status if progress else None,
        "transitionsToLink": progress.transitions_to_link if progress else None,
        "states": [_state(visit) for visit in (progress.visits if progress else [])],
    }


_REVERSALS: Final = {"refunds_due", "refunds", "disputes"}


def _model_use(order: Order) -> dict[str, Any] | None:
    return order.model_use.model_dump(by_alias=True, mode="json") if order.model_use else None


def _state(visit: StateVisit) -> dict[str, Any]:
    return {
        "name": visit.name,
        "outcome": visit.outcome,
        "seconds": round(visit.seconds(datetime.now(UTC)), 3),
        "attempts": visit.attempts,
        "error": visit.error,
    }


def _print_order(order: Order) -> None:
    print_field("Order", order.order_id)
    print_field("Status", status_text(order.status))
    if order.status_reason:
        print_field("Reason", order.status_reason)
    if remark := payment_remark(order):
        print_field("Waits", remark)
    if order.payment_link and order.cancel_requested is None:
        print_field("Payment link", order.payment_link)
    if order.cancel_requested:
        wish = order.cancel_requested
        print_field("To cancel", f"wished by {wish.by} at {iso(wish.at)}: {wish.reason}")
    if order.payment:
        unconfirmed = "" if order.payment.verified_at else " (not confirmed by PayStack yet)"
        paid = f"{naira(order.payment.amount_kobo)} at {iso(order.payment.paid_at)}"
        print_field("Paid", f"{paid}{unconfirmed}")
    if order.declined and not order.payment:
        print_field("Declined", f"{order.declined.reason} at {iso(order.declined.at)}")
    _print_reversals(order)
    out.print(lines_table(order_view(order)))
    if order.lines:
        print_field("Model", model_use_text(order.model_use))
    out.rule("History", align="left")
    out.print(history_table(order))


def _print_reversals(order: Order) -> None:
    for due in order.due_refunds:
        print_field("Refund due", f"{due.reference} since {iso(due.at)}: orders refunds list")
    for refund in order.refunds:
        print_field("Refund", refund_text(refund))
    for dispute in order.disputes:
        print_field("Dispute", dispute_text(dispute))


def _print_execution(progress: Progress | None) -> None:
    out.rule("Execution", align="left")
    if progress is None:
        out.print("Step Functions does not hold its history (it keeps them for 90 days).")
        return
    out.print(states_table(progress))
    until = "to the link" if progress.has_link else "so far"
    out.print(f"State transitions from the start {until}: {progress.transitions_to_link}")
