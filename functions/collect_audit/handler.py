"""collect_audit: audit lines, as CloudWatch Logs delivers them from subscribed logs."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.data_classes import CloudWatchLogsEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from collect_audit.collection import AuditCollection, Delivery
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import AuditEnvironment, load_environment
from orderflow.platform.observability import count, logger, metrics
from orderflow.platform.tracing import traced

snapshots.prepare(aws.logs, aws.s3)


def _audit_collection() -> AuditCollection:
    environment = load_environment(AuditEnvironment)
    return AuditCollection(
        aws.logs(), environment.audit_log_group, aws.s3(), environment.audit_archive
    )


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """A delivery -> ``{stored, unreadable}``: how many lines were stored, and how many can't be."""
    data = CloudWatchLogsEvent(event).parse_logs_data()
    collected = _audit_collection().collect(Delivery.model_validate(data.raw_event))
    if collected.unreadable:
        logger.error("audit lines lost", extra={"log": data.log_group})
    count("AuditLinesLost", collected.unreadable)
    return {"stored": collected.stored, "unreadable": collected.unreadable}
