"""Which orders ``orders list`` shows."""

from __future__ import annotations

from datetime import datetime

from orderflow.orders.model import Order
from orderflow.orders.ports import OrderQueries
from orderflow.orders.status import OrderStatus


def find_orders(
    orders: OrderQueries,
    status: OrderStatus | None,
    limit: int,
    *,
    refunds: bool,
    disputes: bool,
) -> list[Order]:
    """At most ``limit`` orders, the newest first; those with a dispute by their deadline.

    Args:
        orders: the stage's.
        status: only of this status.
        limit: how many.
        refunds: only with a refund that is due or under way.
        disputes: only with an open dispute.
    """
    if not refunds and not disputes:
        return orders.newest(status, limit)
    found = {order.order_id: order for order in orders.with_open_reversals()}
    if refunds:
        found |= {order.order_id: order for order in orders.with_refunds_due()}
    wanted = [
        order
        for order in found.values()
        if (status in (None, order.status))
        and (not refunds or order.due_refunds or order.open_refunds)
        and (not disputes or order.open_disputes)
    ]
    if disputes:
        return sorted(wanted, key=_deadline)[:limit]
    return sorted(wanted, key=lambda order: order.created_at, reverse=True)[:limit]


def _deadline(order: Order) -> datetime:
    first = order.open_disputes[0]
    return first.due_at or first.opened_at
