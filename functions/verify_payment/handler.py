"""VerifyPayment: PayStack is asked whether a payment that its webhook reported is real."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import urllib3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.breakers.factory import breaker_for
from orderflow.orders.store import OrderStore
from orderflow.payments.guarded import PAYSTACK, GuardedVerifier
from orderflow.payments.paystack import PaystackClient
from orderflow.payments.settings import load_paystack_key
from orderflow.payments.verification import PaymentVerification
from orderflow.platform import alerts, aws, snapshots
from orderflow.platform.environment import (
    BreakerEnvironment,
    OperationsEnvironment,
    OrdersEnvironment,
    PaystackApiEnvironment,
    load_environment,
)
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import tracer

snapshots.prepare(aws.dynamodb, aws.sns, aws.secrets, aws.ssm_parameters)

BY = "VerifyPayment"


class VerifyEnvironment(
    OrdersEnvironment, PaystackApiEnvironment, BreakerEnvironment, OperationsEnvironment
):
    """What this function needs."""


@cache
def _connections() -> urllib3.PoolManager:
    return urllib3.PoolManager()


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId, breaker, retryCount, waits}`` -> ``{orderId, reference}``, confirmed."""
    environment = load_environment(VerifyEnvironment)
    logger.append_keys(order_id=event["orderId"])
    paystack = PaystackClient(
        environment.paystack_base_url,
        load_paystack_key(environment.paystack_secret_name),
        _connections(),
    )
    verification = PaymentVerification(
        OrderStore(aws.table(environment.orders_table), by=BY),
        GuardedVerifier(paystack, breaker_for(PAYSTACK, event, environment, by=BY)),
        partial(alerts.publish, aws.sns(), environment.operations_topic_arn),
        by=BY,
    )
    order = verification.verify(event["orderId"], event["waits"])
    metrics.add_metric("PaymentsConfirmed", MetricUnit.Count, 1)
    return {"orderId": order.order_id, "reference": order.payment and order.payment.reference}
