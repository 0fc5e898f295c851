"""Ending an order that is not paid, together with its execution."""

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

#: What the execution's history says of its end.
ERROR: Final = "OrderCancelled"

#: Step Functions' names for an execution that is gone, and for one that is over already.
_NOTHING_TO_STOP: Final = frozenset({"ExecutionDoesNotExist", "ValidationException"})


def cancel(order_id: str, store: Orders, sfn: SFNClient, reason: str) -> Order:
    """End the order, then its execution. A parked order's task token dies with the execution.

    The record comes first: an execution that runs on meanwhile, or for ever because of a crash
    between the two, finds a closed order and ends. Doing it again stops what was left running.

    Args:
        reason: for the customer.

    Raises:
        OrderNotFoundError: no order has this id.
        IllegalTransitionError: the order has ended otherwise, or a payment has come in.
        StoreUnavailable: nothing was changed, as far as is known.
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
