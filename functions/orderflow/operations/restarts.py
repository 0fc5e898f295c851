"""Starts orders again whose executions failed only because AWS was busy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orderflow.operations.replay_plan import Planner
from orderflow.operations.replayer import Replayer, ReplayOutcome
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.platform.audit import LoggedTrail

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: An order is started again so often; after that it waits for operations like each failed order.
MAX_RESTARTS: Final = 3

#: Errors that fail an execution when its retries are used up, and that pass with time.
BUSY_ERRORS: Final = frozenset(
    {
        "DynamoDB.ProvisionedThroughputExceededException",
        "DynamoDB.RequestLimitExceededException",
        "DynamoDB.ThrottlingException",
        "DynamoDb.ProvisionedThroughputExceededException",
        "DynamoDb.RequestLimitExceededException",
        "DynamoDb.ThrottlingException",
        "Lambda.CodeArtifactUserPendingException",
        "Lambda.ResourceConflictException",
        "Lambda.ResourceNotReadyException",
        "Lambda.SnapStartNotReadyException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "StoreUnavailable",
    }
)


def failed_while_busy(order: Order) -> bool:
    """Whether the order failed on an error that passes with time, and not too often."""
    failure = order.failure
    return failure is not None and failure.error in BUSY_ERRORS and failure.count <= MAX_RESTARTS


def start_again(
    order: Order, store: Orders, sfn: SFNClient, state_machine_arn: str, by: str
) -> bool:
    """Redrive or restart the order's execution, as ``orders replay`` does, and audit it.

    Args:
        order: the order.
        store: the orders.
        sfn: Step Functions.
        state_machine_arn: what executions are started with.
        by: the actor, for the audit trail.

    Returns:
        Whether it runs again because of this call; False where it does already.

    Raises:
        ClientError: Step Functions throttles or refuses.
    """
    step = Planner(sfn, store, state_machine_arn, offers_redrive=True, restart=False).plan(
        order.order_id
    )
    if not step.is_act or step.lost is not None:  # what is lost, operations bring back
        return False
    result = Replayer(sfn, LoggedTrail(by), state_machine_arn).act(step)
    return result.outcome in {ReplayOutcome.REDRIVEN, ReplayOutcome.RESTARTED}
