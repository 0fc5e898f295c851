"""publish_order_updates: notifies the API's subscribers, from the stream of the orders table.

It audits the statuses that the state machine writes, too: no more than two functions should read a
stream, and the e-mails have the other.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import (
    DynamoDBRecord,
    DynamoDBStreamEvent,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.api.publisher import Change, publish
from orderflow.orders.store import audit_direct_writes
from orderflow.platform.observability import UPDATES, count, logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.updates import graphql_client


def _change(record: DynamoDBRecord) -> Change:
    image = record.dynamodb
    assert image is not None  # nosec B101 # DynamoDB sends none without
    return Change(
        sequence=str(image.sequence_number),
        before=image.old_image or {},
        after=image.new_image or {},
        at=image.approximate_creation_date_time,
    )


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A batch of changed orders -> the records to deliver again."""
    changes = [*map(_change, DynamoDBStreamEvent(event).records)]
    for change in changes:
        audit_direct_writes(change.before, change.after)
    outcome = publish(changes, graphql_client().execute)
    count("UpdatesPublished", outcome.published)
    count("UpdatesNotPublished", len(outcome.failed))
    for changed_at, published_at in outcome.times:
        UPDATES.measure(changed_at, published_at)
    return {"batchItemFailures": [{"itemIdentifier": each} for each in outcome.failed]}
