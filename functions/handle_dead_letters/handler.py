"""handle_dead_letters: tries messages again where that helps, and keeps the others' reasons."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import traced
from orderflow.recovery.dead_letters import RETRIES, DeadLetters, Letter
from orderflow.wiring.dead_letters import dead_letters

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Messages of the dead-letter queues -> those that could be neither sent on nor kept."""
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, partial(_handle, dead_letters()), processor)


def _handle(letters: DeadLetters, record: SQSRecord) -> None:
    reason = letters.handle(_letter(record))
    metrics.add_metric("DeadLettersRetried", MetricUnit.Count, int(reason is None))
    metrics.add_metric("DeadLettersKept", MetricUnit.Count, int(reason is not None))
    logger.warning("dead letter", extra={"item": record.message_id, "kept_because": reason})


def _letter(record: SQSRecord) -> Letter:
    attributes = {
        name: str(each.get("stringValue") or "")
        for name, each in (record.get("messageAttributes") or {}).items()
    }
    return Letter(
        body=record.body,
        source=record.event_source_arn.rpartition(":")[2],
        retries=int(attributes.get(RETRIES) or 0),
        error=attributes.get("ERROR_CODE", ""),
    )
