"""ParseOrder: write the order with its parsed lines."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.orders.intake import ExecutionInput, create_order
from orderflow.platform.observability import logger
from orderflow.platform.tracing import traced
from orderflow.wiring.intake import known_names, orders


@logger.inject_lambda_context(clear_state=True)
@traced
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId, customerId, customerEmail, groceryList, ...}`` -> ``{orderId, lineCount}``."""
    request = ExecutionInput.model_validate(event)
    logger.append_keys(order_id=request.order_id)
    order = create_order(request, orders(), known_names())
    logger.info("order parsed", extra={"lines": len(order.requested)})
    return {"orderId": order.order_id, "lineCount": len(order.requested)}
