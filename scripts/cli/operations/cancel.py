"""``orders cancel``: cancels an order that is not paid, or has its execution do so."""

from __future__ import annotations

from orderflow.api.views import order_view
from orderflow.errors import IllegalTransitionError, ProviderUnavailableError, StoreUnavailable
from orderflow.orders.cancellation import cancel
from orderflow.orders.model import Order
from scripts.cli.console import CommandError, ExitCode, out, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, OrderId, Reason, Stage
from scripts.cli.orders.show import find_order


def cancel_order(
    order_id: OrderId,
    *,
    reason: Reason,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Cancel an order that is not paid; the customer sees the reason.

    An order that has a payment link is cancelled once PayStack has answered that it is not paid.
    """
    deployment = connect(stage)
    order = cancel_audited(deployment, find_order(deployment, order_id), reason)
    if json:
        print_json(order_view(order))
    else:
        out.print(f"Order {order.order_id} {outcome_in_words(order)}", soft_wrap=True)


def outcome_in_words(order: Order) -> str:
    """What became of a cancellation: the end of a sentence about the order."""
    if order.cancel_requested is None or order.is_closed:
        return f"is {order.status}."
    return (
        "is to be cancelled: its link is void, and PayStack is asked first whether it was paid. "
        f"To see what became of it: orders show {order.order_id}"
    )


def cancel_audited(deployment: Deployment, order: Order, reason: str) -> Order:
    """Cancel an order, or have its execution do so; the act is audited first.

    Raises:
        CommandError: the order is paid or has ended, or its execution was not reached.
    """
    order_id, sfn = order.order_id, deployment.client("stepfunctions")
    try:
        with AuditTrail(deployment).act("cancel", order_id, reason, status=order.status):
            return cancel(order_id, deployment.orders, sfn, reason, by="operations")
    except IllegalTransitionError as error:
        paid = " It is paid." if deployment.orders.get(order_id).payment else ""
        raise CommandError(f"{error}{paid}", ExitCode.REFUSED) from error
    except StoreUnavailable:
        raise
    except ProviderUnavailableError as error:
        raise CommandError(
            f"Order {order_id} is changed, but its execution was not reached ({error}). "
            "The same command tries again.",
            ExitCode.UNAVAILABLE,
        ) from error
