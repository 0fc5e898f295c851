"""The address that PayStack's checkout sends customers back to, behind a Lambda function URL.

It asks PayStack at once whether the order is paid, and answers every request alike: 303 to the
shop's page, whose address is a setting. Nothing of the request gets into the answer.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import LambdaFunctionUrlEvent, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.platform import audit
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import traced
from orderflow.returns.customer_returns import Outcome, reference_in
from orderflow.wiring.inquiries import customer_returns, shop_page_url

#: What a return's audit line says; the others succeeded.
_OUTCOMES: Final = {
    Outcome.NOT_ASKED: audit.Outcome.REFUSED,
    Outcome.LIMITED: audit.Outcome.REFUSED,
    Outcome.UNAVAILABLE: audit.Outcome.FAILED,
}


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
@event_source(data_class=LambdaFunctionUrlEvent)
def lambda_handler(event: LambdaFunctionUrlEvent, context: LambdaContext) -> dict[str, Any]:
    """A function URL event -> a redirection."""
    request = event.request_context.http
    if request.method == "GET":
        query = event.query_string_parameters or {}
        outcome = customer_returns().receive(query, request.source_ip)
        logger.info("customer returned", extra={"outcome": outcome})
        metrics.add_metric(f"Returns{outcome.name.title().replace('_', '')}", MetricUnit.Count, 1)
        _audit(outcome, reference_in(query), request.source_ip)
    return {
        "statusCode": HTTPStatus.SEE_OTHER.value,
        "headers": {
            "location": shop_page_url(),
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
        },
    }


def _audit(outcome: Outcome, reference: str | None, address: str) -> None:
    audit.record(
        audit.AuditEntry(
            actor="unknown",
            action="payment return",
            subject=reference.rpartition("-")[0] if reference else audit.NO_SUBJECT,
            source=address,
            outcome=_OUTCOMES.get(outcome, audit.Outcome.SUCCEEDED),
            reason=outcome,
        )
    )
