"""ParseOrder: write the order with its parsed lines."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.catalog.known_names_cache import KnownNamesCache
from orderflow.catalog.store import CatalogStore
from orderflow.orders.intake import ExecutionInput, create_order
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.platform.environment import (
    CatalogTableEnvironment,
    OrdersEnvironment,
    load_environment,
)
from orderflow.platform.observability import logger
from orderflow.platform.tracing import tracer


class ParseEnvironment(OrdersEnvironment, CatalogTableEnvironment):
    """What this function needs."""


@cache
def _names_cache() -> KnownNamesCache:
    return KnownNamesCache()


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId, customerId, customerEmail, groceryList, ...}`` -> ``{orderId, lineCount}``."""
    environment = load_environment(ParseEnvironment)
    request = ExecutionInput.model_validate(event)
    logger.append_keys(order_id=request.order_id)
    order = create_order(
        request,
        OrderStore(aws.table(environment.orders_table), by="ParseOrder"),
        _names_cache().get(CatalogStore(aws.table(environment.catalog_table))),
    )
    logger.info("order parsed", extra={"lines": len(order.requested)})
    return {"orderId": order.order_id, "lineCount": len(order.requested)}
