"""Cancels an order that is not paid.

An order that never had a link is cancelled at once, together with its execution. One that has a
link may have been paid, and the webhook lost. So the wish is recorded, the link is no longer shown,
and the order's execution asks PayStack before it cancels the order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from orderflow.clock import Clock, utc_now
from orderflow.errors import IllegalTransitionError, ProviderUnavailableError
from orderflow.orders.model import CancelRequest, Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.platform.aws_errors import error_code, outages_as
from orderflow.workflow.executions import describe
from orderflow.workflow.task_tokens import answer

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: The error in the history of the stopped execution.
ERROR: Final = "OrderCancelled"


def cancel(
    order_id: str,
    store: Orders,
    sfn: SFNClient,
    reason: str,
    *,
    by: str = "customer",
    clock: Clock = utc_now,
) -> Order:
    """Cancel the order, then stop its execution; or have its execution cancel it.

    The order comes first: if the execution continues, because of a crash between the two, it finds
    a closed order and ends. Another call stops an execution that was left running, or lets one go
    on that was left waiting.

    Args:
        order_id: the order.
        store: the orders.
        sfn: Step Functions.
        reason: for the customer.
        by: who wishes it: "customer" or "operations".
        clock: the time of the wish.

    Returns:
        The order: CANCELLED, or with ``cancel_requested`` until PayStack has answered.

    Raises:
        OrderNotFoundError: no order has this id.
        IllegalTransitionError: the order has ended otherwise, or is paid.
        StoreUnavailable: the order may be unchanged; try again.
        ProviderUnavailableError: the order is changed; its execution may still run or wait.
    """
    try:
        order = store.cancel(order_id, reason)
    except IllegalTransitionError as refusal:
        if refusal.status == OrderStatus.CANCELLED:
            order = store.get(order_id)
        else:
            wish = CancelRequest(at=clock(), by=by, reason=reason)
            return _ask_execution(store.request_cancellation(order_id, wish), sfn)
    if order.execution_arn is not None:
        _stop(sfn, order.execution_arn)
    return order


def _ask_execution(order: Order, sfn: SFNClient) -> Order:
    if order.task_token is not None:
        with outages_as(ProviderUnavailableError, "Step Functions"):
            answer(sfn, order.task_token, {"orderId": order.order_id})
    return order


def _stop(sfn: SFNClient, execution_arn: str) -> None:
    try:
        with outages_as(ProviderUnavailableError, "Step Functions"):
            sfn.stop_execution(
                executionArn=execution_arn, error=ERROR, cause="The order was cancelled."
            )
    except ClientError as error:
        if error_code(error) == "ExecutionDoesNotExist":
            return
        # The same error says that the execution has ended and that our request is malformed.
        if error_code(error) != "ValidationException" or not _has_ended(sfn, execution_arn):
            raise


def _has_ended(sfn: SFNClient, execution_arn: str) -> bool:
    with outages_as(ProviderUnavailableError, "Step Functions"):
        execution = describe(sfn, execution_arn)
    return execution is None or execution.has_ended
