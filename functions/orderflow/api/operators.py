"""What operations staff may do with orders through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.errors import BusinessRefusalError, OrderflowError, OrderNotFoundError
from orderflow.operations.replay_plan import UNKNOWN, Action, Planner
from orderflow.operations.replayer import Replayer, ReplayOutcome, ReplayResult
from orderflow.orders.access import Caller, is_order_id
from orderflow.orders.ports import Orders
from orderflow.platform.audit import Trail

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class NotAllowedError(BusinessRefusalError):
    """Only operations staff may do this. AppSync refuses others by the schema's directive."""


class NotReplayableError(OrderflowError):
    """The order or its execution can't be read, so nothing was done."""


def require_operator(caller: Caller) -> None:
    """Refuse callers who are not operations staff.

    Raises:
        NotAllowedError: the caller is not operations staff.
    """
    if not caller.is_operator:
        raise NotAllowedError("Only operations staff may do this.")


def replay_order(
    order_id: str,
    store: Orders,
    sfn: SFNClient,
    state_machine_arn: str,
    trail: Trail,
    *,
    restart: bool,
) -> ReplayResult:
    """Replay a failed order, as ``orders replay`` does. Another call changes nothing.

    Args:
        order_id: the order.
        store: the orders.
        sfn: Step Functions.
        state_machine_arn: what executions are started with.
        trail: records the act first.
        restart: a new execution, even where a redrive is possible.

    Raises:
        OrderNotFoundError: neither the orders nor Step Functions know it.
        NotReplayableError: the order or its execution can't be read.
        ClientError: Step Functions refuses.
    """
    if not is_order_id(order_id):
        raise OrderNotFoundError(order_id)
    planner = Planner(sfn, store, state_machine_arn, offers_redrive=True, restart=restart)
    step = planner.plan(order_id)
    if step.why == UNKNOWN:
        raise OrderNotFoundError(order_id)
    if step.action is Action.BLOCKED:
        raise NotReplayableError(f"Order {order_id}: {step.why}")
    if not step.is_act:
        return ReplayResult(order_id, ReplayOutcome.SKIPPED, step.why)
    return Replayer(sfn, trail, state_machine_arn).act(step)
