"""``orders refunds``: payments that have to be refunded, and refunds under way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from orderflow.money import amount_in_words
from orderflow.orders.model import Order
from orderflow.orders.money_records import Refund, RefundDue, RefundReason
from orderflow.payments import refunds
from scripts.cli.console import CommandError, ExitCode, err, out, plain, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.durations import age
from scripts.cli.money.refund_creation import create_refund, whole_reference
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, OrderId, Reason, Stage
from scripts.cli.orders.show import find_order
from scripts.cli.orders.views import listing, status_text

app = typer.Typer(help="Payments to check and to refund.", no_args_is_help=True)

_WORDS: Final = {
    RefundReason.ORDER_ENDED: "the order had ended",
    RefundReason.DIFFERS: "it is not what the order asks for",
    RefundReason.PAID_TWICE: "the order has another payment",
    RefundReason.REFUND_FAILED: "its refund failed or needs attention at PayStack",
}

app.command("create")(create_refund)


@app.command("list")
def list_refunds(json: Json = False, stage: Stage = LOCAL) -> None:
    """List the payments to check and refund, the oldest first, with the refunds under way."""
    orders = [*connect(stage).orders.with_refunds_due()]
    found = [(order, refund) for order in orders for refund in order.due_refunds]
    if json:
        print_json([_as_json(order, refund) for order, refund in found])
        return
    if not found:
        err.print("No refund is due.")
        return
    now = datetime.now(UTC)
    for order, refund in found:
        _print_due(order, refund, now)


def _as_json(order: Order, refund: RefundDue) -> dict[str, Any]:
    shown = {"reference", "amount", "currency", "reason", "at", "paid_at", "customer_notified_at"}
    return {
        "orderId": order.order_id,
        "status": order.status,
        **refund.model_dump(by_alias=True, mode="json", include=shown),
        "outstanding": order.outstanding(refund),
        "refunds": [
            each.model_dump(by_alias=True, mode="json", include={"refund_id", "amount", "status"})
            for each in _refunds_of(order, refund)
        ],
    }


def _print_due(order: Order, due: RefundDue, now: datetime) -> None:
    command = f"{order.order_id} --reference {due.reference}"
    out.print(_row(order, due, now))
    out.print(plain(f"  {_WORDS[due.reason]}", "red"))
    for refund in _refunds_of(order, due):
        amount = amount_in_words(refund.currency, refund.amount)
        out.print(plain(f"  refund of {amount}: {refund.status}", "yellow"))
    if not any(refund.is_open for refund in _refunds_of(order, due)):
        out.print(plain(f"  orders refunds create {command} --reason WHY", "cyan"), soft_wrap=True)
    out.print(plain(f"  orders refunds done {command} --reason WHY", "cyan"), soft_wrap=True)


def _refunds_of(order: Order, due: RefundDue) -> list[Refund]:
    return [refund for refund in order.refunds if refund.reference == due.reference]


def _row(order: Order, refund: RefundDue, now: datetime) -> Table:
    left = order.outstanding(refund)
    table = listing()
    table.show_header = False
    table.add_row(
        plain(order.order_id),
        status_text(order.status),
        amount_in_words(refund.currency, left),
        age(refund.at, now),
    )
    return table


@app.command("done")
def settle_refund(
    order_id: OrderId,
    *,
    reference: Annotated[str, typer.Option(metavar="REFERENCE", help="PayStack's.")],
    reason: Reason,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Record that a payment was refunded in PayStack, or need not be: it leaves the list."""
    deployment = connect(stage)
    order = find_order(deployment, order_id)
    reference = whole_reference(order.order_id, reference)
    try:
        with AuditTrail(deployment).act("refund done", order.order_id, reason, reference=reference):
            refunds.settle(order, reference, deployment.orders)
    except refunds.NoSuchRefundError as error:
        raise CommandError(str(error), ExitCode.REFUSED) from error
    if json:
        print_json({"orderId": order.order_id, "reference": reference})
    else:
        out.print(f"{reference} is off the list.", soft_wrap=True)
