"""``orders forget``: erases a customer's personal data; a second run goes on with the first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Final

import typer

from orderflow.orders.model import Order
from orderflow.orders.store import Erasure, is_erased, may_be_erased
from orderflow.orders.submission_limits import KEY
from scripts.cli.console import CommandError, ExitCode, out, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Reason, Stage

_READ: Final = 100


@dataclass(frozen=True)
class Forgotten:
    """What was done: orders that were erased now, and before."""

    erased: int
    erased_before: int


def forget_customer(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The Cognito sub.")],
    *,
    reason: Reason,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Erase a customer's personal data: orders keep what was sold and paid, the account goes.

    Nothing is erased while an order of the customer goes on, or a refund is due. Run it again if it
    was interrupted.
    """
    done = forget(connect(stage), customer_id, reason)
    if json:
        print_json({"customerId": customer_id, "erased": done.erased, "before": done.erased_before})
    else:
        out.print(
            f"Customer {customer_id} is forgotten: {done.erased} orders erased now, "
            f"{done.erased_before} before.",
            soft_wrap=True,
        )


def forget(deployment: Deployment, customer_id: str, reason: str) -> Forgotten:
    """Erase the orders, what limits submissions, and at last the account.

    The account is disabled first, so that no new order comes in; it is deleted last, so that a run
    that was interrupted can be told from one that is done.

    Raises:
        CommandError: orders go on, or refunds are due; or the act can't be audited.
    """
    cognito, pool = deployment.client("cognito-idp"), deployment.output("UserPoolId")
    user = {"UserPoolId": pool, "Username": customer_id}
    orders = [*deployment.orders.newest_of_customer(customer_id, None, _READ)]
    _refuse_while_needed(orders)
    erasure = Erasure(deployment.orders_table, by="orders CLI")
    with AuditTrail(deployment).act("forget", customer_id, reason, orders=len(orders)):
        with suppress(cognito.exceptions.UserNotFoundException):
            cognito.admin_disable_user(**user)
        pending = [order for order in orders if not is_erased(order)]
        for order in pending:
            if not erasure.erase(order):
                raise _needed([order])
        deployment.submissions_table.delete_item(Key={KEY: customer_id})
        with suppress(cognito.exceptions.UserNotFoundException):
            cognito.admin_delete_user(**user)
    return Forgotten(len(pending), len(orders) - len(pending))


def _refuse_while_needed(orders: list[Order]) -> None:
    needed = [order for order in orders if not is_erased(order) and not may_be_erased(order)]
    if needed:
        raise _needed(needed)


def _needed(orders: list[Order]) -> CommandError:
    listed: Any = ", ".join(f"{order.order_id} ({order.status})" for order in orders)
    return CommandError(
        f"These orders go on, or have a refund due: {listed}. End them first: orders cancel, "
        "orders refunds list.",
        ExitCode.REFUSED,
    )
