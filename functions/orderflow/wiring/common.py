"""What several functions need: the orders, links' times, and the alerts to operations."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from orderflow.orders.model import LinkTimes
from orderflow.orders.ports import Orders
from orderflow.orders.store import OrderStore, audited
from orderflow.platform import aws, snapshots
from orderflow.platform.alerts import Alerts, SnsAlerts
from orderflow.platform.environment import OperationsEnvironment, OrdersEnvironment

snapshots.prepare(aws.table_type)


class LinksEnvironment(OrdersEnvironment):
    """Make payment links, or look after them."""

    validity: float = Field(alias="LINK_VALIDITY_SECONDS", gt=0)
    reuse_margin: float = Field(alias="LINK_REUSE_MARGIN_SECONDS", gt=0)
    check_after: float = Field(alias="LINK_CHECK_AFTER_SECONDS", gt=0)
    checked_after_end: float = Field(alias="LINK_CHECKED_AFTER_END_SECONDS", gt=0)

    @property
    def link_times(self) -> LinkTimes:
        """The times of a link's life."""
        return LinkTimes(
            validity=timedelta(seconds=self.validity),
            reuse_margin=timedelta(seconds=self.reuse_margin),
            check_after=timedelta(seconds=self.check_after),
            checked_after_end=timedelta(seconds=self.checked_after_end),
        )


def orders(environment: OrdersEnvironment, by: str) -> Orders:
    """The stored orders, audited; ``by`` names the function in their history and in the audit."""
    table = aws.table(environment.orders_table)
    return audited(OrderStore(table, by, shards=environment.index_shards), by)


def alerts(environment: OperationsEnvironment) -> Alerts:
    """The alerts to operations staff."""
    return SnsAlerts(aws.sns(), environment.operations_topic_arn)
