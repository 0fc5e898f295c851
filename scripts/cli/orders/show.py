"""``orders show``: one order, its history, and the states of its execution."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from orderflow.api.views import order_view
from orderflow.clock import iso
from orderflow.errors import OrderNotFoundError
from orderflow.money import naira
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.platform.audit import AuditEntry
from orderflow.workflow.executions import Execution, newest_run
from scripts.cli.console import CommandError, ExitCode, out, plain, print_field, print_json
from scripts.cli.deployment import Deployment
from scripts.cli.orders.execution import Progress, StateVisit, read_progress
from scripts.cli.orders.views import (
    acts_table,
    dispute_text,
    history_table,
    lines_table,
    model_use_text,
    refund_text,
    states_table,
    status_text,
)
from scripts.inspection.causes import FAILED_EXECUTIONS, failure_advice
from scripts.inspection.order_ids import SHORT, UUID
from scripts.inspection.story import HISTORY, story_of
from scripts.inspection.stuck_orders import payment_remark
from scripts.inspection.traces import trace_link


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
    story = _audited(deployment, order)
    if json:
        print_json(_as_json(deployment, order, progress, story))
    else:
        _print_order(order)
        _print_failure(order, progress)
        _print_story(story, order.customer_id)
        _print_execution(progress)
        _print_trace(deployment, order, progress)


def _audited(deployment: Deployment, order: Order) -> list[AuditEntry] | None:
    """Who did what, without the steps that the order's history repeats; None if it can't be read.

    The audit log takes permissions of its own.
    """
    try:
        story = story_of(deployment, order.order_id, order)
    except ClientError:
        return None
    return [entry for entry in story if not entry.action.startswith(_STEPS)]


def find_order(deployment: Deployment, order_id: str) -> Order:
    """Read one order by its id, or by the beginning of it.

    Raises:
        CommandError: if there is no such order, or several begin so.
    """
    whole_id = deployment.full_id(order_id)
    try:
        return deployment.orders.get(whole_id)
    except OrderNotFoundError as error:
        raise CommandError(_missing(deployment, whole_id), ExitCode.NOT_FOUND) from error


def _missing(deployment: Deployment, order_id: str) -> str:
    """Why there is no order: its first write may have failed, as in an outage of the database."""
    execution = _execution(deployment, order_id) if UUID.fullmatch(order_id) else None
    if execution is not None:
        advice = (
            f"`orders replay --order {order_id}` lets it go on, once what failed works again."
            if execution.unsuccessful
            else "It is written once the database takes it; look again then."
        )
        return (
            f"Order {order_id} is not recorded yet; its execution is {execution.status}. {advice}"
        )
    return (
        f"There is no order {order_id} on stage {deployment.stage}. "
        "`orders list` shows what there is; a new order takes a second to appear."
    )


def _execution(deployment: Deployment, order_id: str) -> Execution | None:
    sfn = deployment.client("stepfunctions")
    return newest_run(sfn, deployment.output("LiveStateMachineArn"), order_id)


def _as_json(
    deployment: Deployment, order: Order, progress: Progress | None, story: list[AuditEntry] | None
) -> dict[str, Any]:
    return {
        **order_view(order),
        "notifiedReference": order.notified_reference,
        "notifiedStatuses": sorted(order.notified_statuses or ()),
        "failure": _failure(order, progress),
        "story": story and [each.model_dump(by_alias=True, mode="json") for each in story],
        "modelUse": _model_use(order),
        **order.model_dump(by_alias=True, mode="json", include=_REVERSALS),
        "executionStatus": progress.status if progress else None,
        "traceId": progress.trace_id if progress else None,
        "traceLink": _trace_link(deployment, progress),
        "transitionsToLink": progress.transitions_to_link if progress else None,
        "states": [_state(visit) for visit in (progress.visits if progress else [])],
    }


#: What functions record of an order is in its history, too.
_STEPS: Final = "order"
_TRACE_LINES: Final = 6
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
        "message": visit.message,
    }


def _failure(order: Order, progress: Progress | None) -> dict[str, Any] | None:
    if order.failure is None:
        return None
    visit = progress.failed if progress else None
    return {
        **order.failure.model_dump(by_alias=True, mode="json"),
        "message": visit.message if visit else None,
        "trace": [*visit.trace] if visit else [],
    }


def _print_order(order: Order) -> None:
    print_field("Order", order.order_id)
    name = f"{order.customer_name}, " if order.customer_name else ""
    print_field("Customer", f"{name}{order.customer_email} ({order.customer_id})")
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
        print_field("Reference", order.payment.reference)
    if order.declined and not order.payment:
        print_field("Declined", f"{order.declined.reason} at {iso(order.declined.at)}")
    print_field("E-mails", _notices(order))
    _print_reversals(order)
    out.print(lines_table(order_view(order)))
    if order.lines:
        print_field("Model", model_use_text(order.model_use))
    out.rule("History", align="left")
    out.print(history_table(order))


def _notices(order: Order) -> str:
    """Which e-mails the customer was sent."""
    link = [f"link of {order.notified_reference}"] if order.notified_reference else []
    return ", ".join([*link, *sorted(order.notified_statuses or ())]) or "none"


def _print_failure(order: Order, progress: Progress | None) -> None:
    failure = order.failure
    if order.status is not OrderStatus.FAILED or failure is None:
        return
    out.rule("Failure", align="left")
    where = f" in {failure.state}" if failure.state else ""
    times = f", the {failure.count}th time" if failure.count > 1 else ""
    print_field("Error", f"{failure.error}{where} at {iso(failure.at)}{times}")
    row = failure_advice(failure.error)
    print_field("Cause", f"{row.cause}: {row.act} (docs/runbooks/{FAILED_EXECUTIONS})")
    visit = progress.failed if progress else None
    if visit and visit.message:
        print_field("Message", visit.message)
        for line in visit.trace[-_TRACE_LINES:]:
            out.print(plain(line, "dim"), soft_wrap=True)
    short = order.order_id[:SHORT]
    out.print(
        plain(f"orders logs {short}", "cyan"), plain(f"orders replay --order {short}", "cyan")
    )


def _print_story(story: list[AuditEntry] | None, customer_id: str) -> None:
    out.rule("Who did what", align="left")
    if story is None:
        out.print("The audit log can't be read with these credentials.")
        return
    acts = [entry for entry in story if entry.source != HISTORY]
    if acts:
        out.print(acts_table(acts, customer_id))
    else:
        out.print("No operator or customer has acted since the submission.")


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


def _trace_link(deployment: Deployment, progress: Progress | None) -> str | None:
    trace_id = progress.trace_id if progress else None
    return trace_link(deployment, trace_id) if trace_id else None


def _print_trace(deployment: Deployment, order: Order, progress: Progress | None) -> None:
    if progress is None or progress.trace_id is None:
        return
    print_field("Trace", f"{progress.trace_id} (orders trace {order.order_id[:SHORT]})")
    if link := _trace_link(deployment, progress):
        print_field("In AWS's console", link)
