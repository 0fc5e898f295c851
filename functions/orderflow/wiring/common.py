"""What several functions need: the orders, and the alerts to operations."""

from __future__ import annotations

from orderflow.orders.ports import Orders
from orderflow.orders.store import OrderStore, audited
from orderflow.platform import aws, snapshots
from orderflow.platform.alerts import Alerts, SnsAlerts
from orderflow.platform.environment import OperationsEnvironment, OrdersEnvironment

snapshots.prepare(aws.dynamodb)


def orders(environment: OrdersEnvironment, by: str) -> Orders:
    """The stored orders, audited; ``by`` names the function in their history and in the audit."""
    table = aws.table(environment.orders_table)
    return audited(OrderStore(table, by, shards=environment.index_shards), by)


def alerts(environment: OperationsEnvironment) -> Alerts:
    """The alerts to operations staff."""
    return SnsAlerts(aws.sns(), environment.operations_topic_arn)
