"""Resumes parked orders when their timers end and when their provider is back.

It has two sources: the parked-orders queue, and the stream of the table ``breakers``. The records
of a batch that failed are reported and delivered again; after some attempts they become dead
letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.breakers.store import from_attributes
from orderflow.platform.observability import logger
from orderflow.platform.tracing import traced
from orderflow.recovery.messages import read_message
from orderflow.recovery.parked_orders import ParkedOrders
from orderflow.wiring.recovery import parked_orders

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse


@logger.inject_lambda_context(clear_state=True)
@traced
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Messages of the queue, or changes of breakers -> those of them that failed."""
    orders = parked_orders()
    if event["Records"][0]["eventSource"] == "aws:sqs":
        return _process(event, EventType.SQS, partial(_handle_message, orders))
    return _process(event, EventType.DynamoDBStreams, partial(_handle_change, orders))


def _process(
    event: dict[str, Any], event_type: EventType, handle: partial[None]
) -> PartialItemFailureResponse:
    # A batch that failed as a whole is reported like any other: otherwise a poisonous message in a
    # quiet queue would count as an error of the function. Streams retry the same in both cases.
    processor = BatchProcessor(event_type, raise_on_entire_batch_failure=False)
    return process_partial_response(event, handle, processor)


def _handle_message(orders: ParkedOrders, record: SQSRecord) -> None:
    with _failures_logged(record.message_id):
        sent_at = int(record.attributes.sent_timestamp)
        orders.handle(read_message(record.body, sent_at))


def _handle_change(orders: ParkedOrders, record: DynamoDBRecord) -> None:
    with _failures_logged(record["eventID"]):
        change = record["dynamodb"]
        provider = change["Keys"]["provider"]["S"]
        orders.breaker_changed(
            from_attributes(provider, change.get("OldImage")),
            from_attributes(provider, change.get("NewImage")),
        )


@contextmanager
def _failures_logged(item: str) -> Iterator[None]:
    try:
        yield
    except Exception:
        logger.exception("item failed", extra={"item": item})
        raise
