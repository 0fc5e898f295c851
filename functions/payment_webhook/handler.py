"""PayStack's webhook, behind a Lambda function URL.

Answers: 200 once the event is recorded (and for events that are ignored), 413 for a body that is
too large, 403 for a source that is not allowed, 401 for an invalid signature, 400 for a signed body
that is no event. Errors that a retry may remove make the function fail: PayStack sends the event
again.
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

from orderflow.payments.paystack import SIGNATURE_HEADER
from orderflow.payments.webhook import MAX_BODY_BYTES, UnreadableEventError, comes_from, order_in
from orderflow.platform.audit import NO_SUBJECT, AuditEntry, Outcome, error_name, record
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.webhook import receiver, settings, signing_keys

Answer = dict[str, Any]


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
@event_source(data_class=LambdaFunctionUrlEvent)
def lambda_handler(event: LambdaFunctionUrlEvent, context: LambdaContext) -> Answer:
    """A function URL event -> an HTTP answer."""
    body = _raw_body(event)
    refusal = _refusal(event, body)
    if refusal is not None:
        _audit(event, "unknown", Outcome.REFUSED, _result(refusal))
        return refusal
    try:
        answer = _answer_to_paystack(body)
    except Exception as error:
        _audit(event, "paystack", Outcome.FAILED, error_name(error), order_in(body))
        raise
    done = answer["statusCode"] == HTTPStatus.OK
    outcome = Outcome.SUCCEEDED if done else Outcome.REFUSED
    _audit(event, "paystack", outcome, _result(answer), order_in(body))
    return answer


def _answer_to_paystack(body: bytes) -> Answer:
    """The answer to a body with PayStack's signature."""
    try:
        return _answer(HTTPStatus.OK, receiver().receive(body))
    except UnreadableEventError:
        return _refuse(HTTPStatus.BAD_REQUEST, "unreadable", "WebhooksUnreadable")


def _refusal(event: LambdaFunctionUrlEvent, body: bytes) -> Answer | None:
    """The answer to a request that is not PayStack's; the cheapest check comes first."""
    if len(body) > MAX_BODY_BYTES:
        return _refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", "WebhooksTooLarge")
    if not comes_from(event.request_context.http.source_ip, settings().allowed_sources):
        return _refuse(HTTPStatus.FORBIDDEN, "forbidden-source", "WebhooksFromElsewhere")
    signature = event.headers.get(SIGNATURE_HEADER, "")
    if not signing_keys().sign(body, signature):
        return _refuse(HTTPStatus.UNAUTHORIZED, "bad-signature", "WebhooksForged")
    return None


def _raw_body(event: LambdaFunctionUrlEvent) -> bytes:
    """The bytes as they were signed."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode(errors="surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return b""


def _audit(
    event: LambdaFunctionUrlEvent,
    actor: str,
    outcome: Outcome,
    reason: str,
    order_id: str = NO_SUBJECT,
) -> None:
    record(
        AuditEntry(
            actor=actor,
            action="webhook",
            subject=order_id,
            source=event.request_context.http.source_ip,
            outcome=outcome,
            reason=reason,
        )
    )


def _result(answer: Answer) -> str:
    return str(json.loads(answer["body"])["result"])


def _refuse(status: HTTPStatus, result: str, metric: str) -> Answer:
    logger.warning("webhook refused", extra={"result": result})
    metrics.add_metric(metric, MetricUnit.Count, 1)
    return _answer(status, result)


def _answer(status: HTTPStatus, result: str) -> Answer:
    return {
        "statusCode": status.value,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"result": result}),
    }
