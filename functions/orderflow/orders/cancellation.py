"""Cancels an order that is not paid, together with its execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from orderflow.errors import IllegalTransitionError, ProviderUnavailableError
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.platform.aws_errors import error_code, outages_as

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: The error in the history of the stopped execution.
ERROR: Final = "OrderCancelled"

#: Step Functions' errors for an execution that does not exist, and for one that has ended.
_NOTHING_TO_STOP: Final = frozenset({"ExecutionDoesNotExist", "ValidationException"})


def cancel(order_id: str, store: Orders, sfn: SFNClient, reason: str) -> Order:
    """Cancel the order, then stop its execution. A parked order's task token ends with it.

    The order comes first: if the execution continues, because of a crash between the two, it finds
    a closed order and ends. Another call stops an execution that was left running.

    Args:
        order_id: the order.
        store: the orders.
        sfn: Step Functions.
        reason: for the customer.

    Raises:
        OrderNotFoundError: no order has this id.
        IllegalTransitionError: the order has ended otherwise, or is paid.
        StoreUnavailable: the order may be unchanged; try again.
        ProviderUnavailableError: the order is CANCELLED; its execution may still run.
    """
    order = _cancelled(order_id, store, reason)
    if order.execution_arn is not None:
        _stop(sfn, order.execution_arn)
    return order


def _cancelled(order_id: str, store: Orders, reason: str) -> Order:
    try:
        return store.cancel(order_id, reason)
    except IllegalTransitionError as refusal:
        if refusal.status != OrderStatus.CANCELLED:
            raise
        return store.get(order_id)


def _stop(sfn: SFNClient, execution_arn: str) -> None:
    try:
        with outages_as(ProviderUnavailableError, "Step Functions"):
            sfn.stop_execution(
                executionArn=execution_arn, error=ERROR, cause="The order was cancelled."
            )
    except ClientError as error:
        if error_code(error) not in _NOTHING_TO_STOP:
            raise
