"""CreatePaymentLink: a PayStack transaction and its link."""

from __future__ import annotations

from functools import cache
from typing import Any

import urllib3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.breakers.factory import breaker_for
from orderflow.orders.store import OrderStore
from orderflow.payments.guarded import PAYSTACK, GuardedLinkMaker
from orderflow.payments.links import ensure_payment_link
from orderflow.payments.paystack import PaystackClient
from orderflow.payments.settings import load_paystack_key
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    BreakerEnvironment,
    OrdersEnvironment,
    PaystackApiEnvironment,
    load_environment,
)
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import tracer

snapshots.prepare(aws.dynamodb, aws.secrets, aws.ssm_parameters)


class LinkEnvironment(OrdersEnvironment, PaystackApiEnvironment, BreakerEnvironment):
    """What this function needs."""


@cache
def _connections() -> urllib3.PoolManager:
    return urllib3.PoolManager()


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId, breaker, retryCount}`` -> ``{orderId, paymentLink, reference}``."""
    environment = load_environment(LinkEnvironment)
    logger.append_keys(order_id=event["orderId"])
    paystack = PaystackClient(
        environment.paystack_base_url,
        load_paystack_key(environment.paystack_secret_name),
        _connections(),
    )
    breaker = breaker_for(PAYSTACK, event, environment, by="CreatePaymentLink")
    order = ensure_payment_link(
        event["orderId"],
        OrderStore(aws.table(environment.orders_table), by="CreatePaymentLink"),
        GuardedLinkMaker(paystack, breaker),
        environment.payment_callback_url,
    )
    metrics.add_metric("PaymentLinksReady", MetricUnit.Count, 1)
    return {
        "orderId": order.order_id,
        "paymentLink": order.payment_link,
        "reference": order.payment_reference,
    }
