"""record_email_feedback: marks addresses whose mail bounced, or who complained, as SES reports."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import SNSEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.emails.feedback import record_feedback
from orderflow.platform.audit import NO_SUBJECT, AuditEntry, record
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.addresses import addresses


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Reports of SES through SNS -> ``{marked}``: how many addresses were marked."""
    stored = addresses()
    marked = [
        why
        for record in SNSEvent(event).records
        for why in record_feedback(record.sns.message, stored.mark)
    ]
    for why in marked:
        # Without the address: a line about a customer has no personal data.
        record(AuditEntry(actor="ses", action="address marked", subject=NO_SUBJECT, reason=why))
    metrics.add_metric("AddressesMarked", MetricUnit.Count, len(marked))
    return {"marked": len(marked)}
