"""send_status_emails: e-mails about statuses and refunds, on the stream of the orders table."""

from __future__ import annotations

from typing import Any, cast

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.emails.notices import send_refund_emails, send_status_email
from orderflow.errors import NotificationRefused, OrderNotFoundError
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.platform.environment import OrdersEnvironment, SenderEnvironment, load_environment
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import tracer

# A batch that failed as a whole is reported like any other: raising would be the same retry.
processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


class TellEnvironment(OrdersEnvironment, SenderEnvironment):
    """What this function needs."""


def _tell(record: DynamoDBRecord) -> None:
    changed = cast("dict[str, Any]", record.dynamodb.new_image)  # type: ignore[union-attr]
    order_id = changed["orderId"]
    try:
        told = _send(order_id, OrderStatus(changed["status"]))
    except Exception as error:
        # By its name alone: what e-mail services say quotes addresses.
        logger.warning(
            "customer not told", extra={"order_id": order_id, "problem": type(error).__name__}
        )
        if not isinstance(error, NotificationRefused | OrderNotFoundError):
            raise
        # Another attempt would change nothing, and hold up those behind it.
        metrics.add_metric("CustomersNotTold", MetricUnit.Count, 1)
        return
    metrics.add_metric("CustomersTold", MetricUnit.Count, told)


def _send(order_id: str, status: OrderStatus) -> int:
    """All that the order's customer has yet to hear: the number of messages."""
    environment = load_environment(TellEnvironment)
    store = OrderStore(aws.table(environment.orders_table), by="send_status_emails")
    sender = environment.sender_email
    told = send_status_email(order_id, status, store, aws.ses(), sender)
    return int(told) + send_refund_emails(order_id, store, aws.ses(), sender)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """A batch of changed orders -> the records that have to come again."""
    return process_partial_response(
        event=event, record_handler=_tell, processor=processor, context=context
    )
