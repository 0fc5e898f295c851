"""For ``parse_order``."""

from __future__ import annotations

from orderflow.orders.ports import Orders
from orderflow.platform.environment import OrdersEnvironment, load_environment
from orderflow.wiring import common


def orders() -> Orders:
    """The orders, as ParseOrder writes them."""
    return common.orders(load_environment(OrdersEnvironment), by="ParseOrder")
