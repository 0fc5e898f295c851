"""For ``api`` and ``operations_api``."""

from __future__ import annotations

from orderflow.orders.ports import Orders
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import OrdersEnvironment, WorkflowEnvironment, load_environment
from orderflow.wiring import common

snapshots.prepare(aws.step_functions)


class _ApiEnvironment(OrdersEnvironment, WorkflowEnvironment):
    """What the functions that resolve GraphQL fields need."""


def orders(by: str) -> Orders:
    """The orders; ``by`` names the function in their history."""
    return common.orders(load_environment(_ApiEnvironment), by)


def state_machine_arn() -> str:
    """What executions are started with."""
    return load_environment(_ApiEnvironment).state_machine_arn
