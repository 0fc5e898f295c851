"""NotifyCustomer: the e-mail with the payment link."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.platform.observability import logger
from orderflow.platform.tracing import traced
from orderflow.wiring.emails import email_payment_link


@logger.inject_lambda_context(clear_state=True)
@traced
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId}`` -> ``{orderId, reference}``: the link with this reference was sent."""
    logger.append_keys(order_id=event["orderId"])
    order = email_payment_link(event["orderId"])
    return {"orderId": order.order_id, "reference": order.payment_reference}
