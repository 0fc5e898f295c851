"""For ``parse_order``: the orders, and the names of the catalog."""

from __future__ import annotations

from functools import cache

from orderflow.catalog.known_names_cache import KnownNamesCache
from orderflow.catalog.store import CatalogStore
from orderflow.grocery_list.known_names import KnownNames
from orderflow.orders.ports import Orders
from orderflow.platform import aws
from orderflow.platform.environment import (
    CatalogTableEnvironment,
    OrdersEnvironment,
    load_environment,
)
from orderflow.wiring import common


def orders() -> Orders:
    """The orders, as ParseOrder writes them."""
    return common.orders(load_environment(OrdersEnvironment), by="ParseOrder")


@cache
def names_cache() -> KnownNamesCache:
    """The catalog's names, which a warm function keeps."""
    return KnownNamesCache()


def known_names() -> KnownNames | None:
    """The catalog's names, for reading lists; None where there are none, or they can't be read."""
    table = aws.table(load_environment(CatalogTableEnvironment).catalog_table)
    return names_cache().get(CatalogStore(table))
