"""What several functions need: the orders, and the alerts to operations."""

from __future__ import annotations

from orderflow.orders.ports import Orders
from orderflow.orders.store import OrderStore
from orderflow.platform import aws, snapshots
from orderflow.platform.alerts import Alerts, SnsAlerts
from orderflow.platform.environment import OperationsEnvironment, OrdersEnvironment

snapshots.prepare(aws.dynamodb)


def orders(environment: OrdersEnvironment, by: str) -> Orders:
    """The stored orders; ``by`` names the function in their history."""
    table = aws.table(environment.orders_table)
    return OrderStore(table, by, shards=environment.index_shards)


def alerts(environment: OperationsEnvironment) -> Alerts:
    """The alerts to operations staff."""
    return SnsAlerts(aws.sns(), environment.operations_topic_arn)
