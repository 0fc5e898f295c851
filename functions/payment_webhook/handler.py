"""PayStack's webhook, behind a Lambda function URL.

Answers: 200 once a payment is on the record (and for events that are none of our business),
401 for a bad signature, 400 for a signed body that is no event. Anything that a repetition could
mend is left to fail: PayStack sends the event again.
"""

from __future__ import annotations

import base64
import binascii
import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import LambdaFunctionUrlEvent, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow import aws
from orderflow.config import (
    OperationsEnvironment,
    OrdersEnvironment,
    PaystackEnvironment,
    load_environment,
    load_paystack_key,
)
from orderflow.observability import logger, metrics
from orderflow.paystack import SIGNATURE_HEADER, is_signed
from orderflow.store import OrderStore
from orderflow.tracing import tracer
from orderflow.webhook import UnreadableEventError, WebhookReceiver


class WebhookEnvironment(OrdersEnvironment, PaystackEnvironment, OperationsEnvironment):
    """What this function needs."""


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
@event_source(data_class=LambdaFunctionUrlEvent)
def lambda_handler(event: LambdaFunctionUrlEvent, context: LambdaContext) -> dict[str, Any]:
    """A function URL event -> an HTTP answer."""
    environment = load_environment(WebhookEnvironment)
    body = _raw_body(event)
    signature = event.headers.get(SIGNATURE_HEADER, "")
    if not is_signed(body, signature, load_paystack_key(environment.paystack_secret_name)):
        logger.warning("webhook refused: bad signature")
        metrics.add_metric("WebhooksForged", MetricUnit.Count, 1)
        return _answer(HTTPStatus.UNAUTHORIZED, "bad-signature")
    receiver = WebhookReceiver(
        OrderStore(aws.table(environment.orders_table), by="payment_webhook"),
        aws.step_functions(),
        aws.sns(),
        environment.operations_topic_arn,
    )
    try:
        return _answer(HTTPStatus.OK, receiver.receive(body))
    except UnreadableEventError:
        logger.warning("webhook refused: signed, but no event")
        metrics.add_metric("WebhooksUnreadable", MetricUnit.Count, 1)
        return _answer(HTTPStatus.BAD_REQUEST, "unreadable")


def _raw_body(event: LambdaFunctionUrlEvent) -> bytes:
    """The bytes as they were signed."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return b""


def _answer(status: HTTPStatus, result: str) -> dict[str, Any]:
    return {
        "statusCode": status.value,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"result": result}),
    }
