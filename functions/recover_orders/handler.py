"""Wakes parked orders: when their alarm clocks ring, and when their provider is back.

Two sources: the parked-orders queue, and the stream of the table ``breakers``. Of each batch, what
failed is reported and comes again by itself; after some attempts it ends with the dead letters.
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

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.store import DynamoBreakerStore, from_attributes
from orderflow.clock import epoch_ms
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.platform.environment import (
    BreakersEnvironment,
    OrdersEnvironment,
    RecoveryEnvironment,
    load_environment,
)
from orderflow.platform.observability import logger
from orderflow.platform.tracing import tracer
from orderflow.recovery.escalation import Escalation
from orderflow.recovery.messages import ParkedOrdersQueue, read_message
from orderflow.recovery.pacing import PacedResumption
from orderflow.recovery.parked_orders import ParkedOrders
from orderflow.recovery.resumer import Resumer
from orderflow.recovery.settings import load_recovery_settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse


class RecoverEnvironment(OrdersEnvironment, BreakersEnvironment, RecoveryEnvironment):
    """What this function needs."""


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Messages of the queue, or changes of breakers -> those of them that failed."""
    orders = _parked_orders(load_environment(RecoverEnvironment))
    if event["Records"][0]["eventSource"] == "aws:sqs":
        return _process(event, EventType.SQS, partial(_handle_message, orders))
    return _process(event, EventType.DynamoDBStreams, partial(_handle_change, orders))


def _process(
    event: dict[str, Any], event_type: EventType, handle: partial[None]
) -> PartialItemFailureResponse:
    # A batch that failed as a whole is reported like any other. Raising would make one poisonous
    # message of a quiet queue an error of the function; of a stream it would be the same retry.
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


def _parked_orders(environment: RecoverEnvironment) -> ParkedOrders:
    orders = OrderStore(aws.table(environment.orders_table), by="recover_orders")
    breakers_table = aws.table(environment.breakers_table)
    breakers, rate_limiter = DynamoBreakerStore(breakers_table), RateLimiter(breakers_table)
    resumer = Resumer(aws.step_functions(), orders)
    queue = ParkedOrdersQueue(aws.sqs(), environment.parked_orders_queue_url)
    settings = partial(load_recovery_settings, environment.recovery_parameter)
    resumption = PacedResumption(
        orders, breakers, rate_limiter, resumer, queue, settings=settings, clock=epoch_ms
    )
    escalation = Escalation(
        aws.sns(), environment.operations_topic_arn, orders, breakers, rate_limiter,
        settings=settings, clock=epoch_ms,
    )  # fmt: skip
    return ParkedOrders(orders, breakers, resumer, queue, resumption, escalation, clock=epoch_ms)
