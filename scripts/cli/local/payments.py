"""``orders pay``, ``expire``, ``dispute``, ``refund``: what people, banks and time do, locally.

They act at the PayStack stand-in, as the customer's bank does; the shop learns of it by webhooks or
by asking.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, cast

import typer

from orderflow.clock import iso
from orderflow.money import naira
from orderflow.orders.model import Order
from orderflow.orders.status import CLOSED, OrderStatus
from scripts.cli.console import CommandError, ExitCode, out, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.local.faults import RefundOutcome
from scripts.cli.local.stand_ins import admin
from scripts.cli.options import Json, OrderId
from scripts.cli.orders.show import find_order
from scripts.local.stack.state import Urls

_PATIENCE_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.5


class Resolution(StrEnum):
    """A merchant's answers to a dispute."""

    ACCEPTED = "merchant-accepted"
    DECLINED = "declined"


def pay(
    order_id: OrderId,
    *,
    late: Annotated[
        bool, typer.Option("--late", help="Let the order expire first (as `orders expire`).")
    ] = False,
    twice: Annotated[bool, typer.Option("--twice", help="Send the webhook twice.")] = False,
    amount: Annotated[
        int | None, typer.Option(min=1, metavar="KOBO", help="Pay another amount.")
    ] = None,
    silently: Annotated[
        bool, typer.Option("--silently", help="Lose the webhook: it is never sent.")
    ] = False,
    json: Json = False,
) -> None:
    """Pay an order at the local PayStack, as its customer or in a way that goes wrong."""
    if twice and silently:
        raise CommandError("--twice sends a webhook, --silently none: drop one.", ExitCode.REFUSED)
    deployment = connect(LOCAL)
    order = _with_link(deployment, order_id)
    if late:
        _expire(deployment, order)
        _wait_for_the_end(deployment, order.order_id)
    paid = _act(deployment, order, "pay", {"amount": amount} if amount else {})
    webhooks = 0 if silently else 1 + twice
    for _ in range(webhooks):
        _act(deployment, order, "announce")
    if json:
        print_json(paid | {"webhooks": webhooks})
        return
    sum_paid = naira(paid["amountPaid"])
    out.print(
        f"Order {order.order_id}: {sum_paid} paid; webhooks sent: {webhooks}.", soft_wrap=True
    )


def expire(order_id: OrderId, *, json: Json = False) -> None:
    """End an order's link and its wait for the payment now, as 24 hours do."""
    deployment = connect(LOCAL)
    waiting = _with_link(deployment, order_id)
    _expire(deployment, waiting)
    order = _wait_for_the_end(deployment, waiting.order_id)
    if json:
        print_json({"orderId": order.order_id, "status": order.status})
    else:
        out.print(f"Order {order.order_id} is {order.status}.", soft_wrap=True)


def dispute(
    order_id: OrderId,
    *,
    remind: Annotated[
        bool, typer.Option("--remind", help="Let PayStack remind of the dispute's deadline.")
    ] = False,
    resolve: Annotated[
        Resolution | None, typer.Option(help="Answer the dispute, as staff do in the dashboard.")
    ] = None,
    json: Json = False,
) -> None:
    """Let the customer's bank dispute an order's payment; unanswered, it takes the money back."""
    if remind and resolve:
        raise CommandError("--remind and --resolve are two acts: drop one.", ExitCode.REFUSED)
    act = "remind" if remind else "resolve" if resolve else "dispute"
    deployment = connect(LOCAL)
    options = {"resolution": resolve} if resolve else {}
    record = _act(deployment, _with_reference(deployment, order_id), act, options)
    if json:
        print_json(record)
        return
    (latest,) = record["disputes"][-1:]
    out.print(
        f"Dispute {latest['id']} of {naira(latest['amount'])}: an answer is due at "
        f"{latest['dueAt']}; it is {latest['status']}.",
        soft_wrap=True,
    )


def refund(
    order_id: OrderId,
    *,
    amount: Annotated[
        int | None, typer.Option(min=1, metavar="KOBO", help="A part of the payment.")
    ] = None,
    end: Annotated[
        RefundOutcome | None,
        typer.Option(metavar="STATUS", help="Let the last refund end so, instead of a new one."),
    ] = None,
    json: Json = False,
) -> None:
    """Refund an order's payment in PayStack's dashboard, as staff do, without the shop."""
    if end and amount:
        raise CommandError("--end makes no refund: drop --amount.", ExitCode.REFUSED)
    deployment = connect(LOCAL)
    options: dict[str, Any] = {"refundStatus": end} if end else {"amount": amount}
    act = "end-refund" if end else "refund"
    record = _act(deployment, _with_reference(deployment, order_id), act, options)
    if json:
        print_json(record)
        return
    (latest,) = record["refunds"][-1:]
    sum_refunded = naira(latest["amount"])
    out.print(f"Refund {latest['id']} of {sum_refunded} is {latest['status']}.", soft_wrap=True)


def _with_reference(deployment: Deployment, order_id: str) -> Order:
    order = find_order(deployment, order_id)
    if order.payment_reference is None:
        raise CommandError(
            f"Order {order.order_id} is {order.status} and has no payment link yet.",
            ExitCode.REFUSED,
        )
    return order


def _with_link(deployment: Deployment, order_id: str) -> Order:
    order = _with_reference(deployment, order_id)
    if order.payment is not None:
        raise CommandError(f"Order {order.order_id} is paid already.", ExitCode.REFUSED)
    return order


def _expire(deployment: Deployment, order: Order) -> None:
    """End the link in PayStack and on the record, and the execution's wait by its timeout."""
    if order.status is not OrderStatus.PAYMENT_INITIATED or order.task_token is None:
        raise CommandError(
            f"Order {order.order_id} is {order.status} and does not wait for a payment.",
            ExitCode.REFUSED,
        )
    _act(deployment, order, "expire")
    deployment.client("dynamodb").update_item(
        TableName=deployment.output("OrdersTable"),
        Key={"orderId": {"S": order.order_id}},
        UpdateExpression="SET paymentLinkExpiresAt = :now",
        ConditionExpression="attribute_exists(paymentLinkExpiresAt)",
        ExpressionAttributeValues={":now": {"S": iso(datetime.now(UTC))}},
    )
    deployment.client("stepfunctions").send_task_failure(
        taskToken=order.task_token, error="States.Timeout"
    )


def _wait_for_the_end(deployment: Deployment, order_id: str) -> Order:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        order = deployment.orders.get(order_id)
        if order.status in CLOSED:
            return order
        time.sleep(_POLL_SECONDS)
    raise CommandError(
        f"Order {order_id} has not ended within {_PATIENCE_SECONDS:.0f} s; it waits for PayStack. "
        "`orders show` says more.",
        ExitCode.UNAVAILABLE,
    )


def _act(
    deployment: Deployment, order: Order, act: str, options: dict[str, Any] | None = None
) -> dict[str, Any]:
    urls = cast("Urls", deployment.urls)  # the local stage has them
    resource = f"transactions/{order.payment_reference}/{act}"
    record: dict[str, Any] = admin(urls.paystack, "POST", resource, options or {})
    return record
