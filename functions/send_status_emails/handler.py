"""send_status_emails: e-mails about statuses and refunds, on the stream of the orders table."""

from __future__ import annotations

from typing import Any, cast

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.errors import NotificationRefused, OrderNotFoundError
from orderflow.orders.status import OrderStatus
from orderflow.platform.observability import count, logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.emails import email_news

# A batch that failed as a whole is reported like any other: raising would be the same retry.
processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


def _notify(record: DynamoDBRecord) -> None:
    changed = cast("dict[str, Any]", record.dynamodb.new_image)  # type: ignore[union-attr]
    order_id = changed["orderId"]
    try:
        sent = email_news(order_id, OrderStatus(changed["status"]))
    except Exception as error:
        # Logged by its name alone: messages of e-mail services quote addresses.
        logger.warning(
            "customer not notified", extra={"order_id": order_id, "problem": type(error).__name__}
        )
        if not isinstance(error, NotificationRefused | OrderNotFoundError):
            raise
        # A retry would not help, and would delay the records behind it.
        count("CustomersNotTold", 1)
        return
    if not changed.get("synthetic"):
        count("CustomersTold", sent)


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """A batch of changed orders -> the records that have to come again."""
    return process_partial_response(
        event=event, record_handler=_notify, processor=processor, context=context
    )
