"""NotifyCustomer: the e-mail with the payment link."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.emails.notices import send_payment_link
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.platform.environment import OrdersEnvironment, SenderEnvironment, load_environment
from orderflow.platform.observability import logger
from orderflow.platform.tracing import tracer


class NotifyEnvironment(OrdersEnvironment, SenderEnvironment):
    """What this function needs."""


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId}`` -> ``{orderId, reference}``: the link with this reference was sent."""
    environment = load_environment(NotifyEnvironment)
    logger.append_keys(order_id=event["orderId"])
    order = send_payment_link(
        event["orderId"],
        OrderStore(aws.table(environment.orders_table), by="NotifyCustomer"),
        aws.ses(),
        environment.sender_email,
    )
    return {"orderId": order.order_id, "reference": order.payment_reference}
