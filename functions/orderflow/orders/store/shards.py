"""Spreads the entries of indexes over several partitions.

DynamoDB takes 1,000 writes a second to one value of an index's partition key, and an index that
takes no more holds up its table. All orders in one status share the status, so such indexes have a
second partition attribute: a number that an order keeps for life. What changes the status need not
know it, such as the state machine's direct writes.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-gsi-sharding.html
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from orderflow.platform.dynamodb import all_items, condition_failed, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: The attribute of the table that holds an order's shard, "0" to the number of shards less one.
SHARD: Final = "indexShard"

#: The number of shards, where nothing else is configured. It may grow: orders keep their shards,
#: and readers look into all. A smaller number hides the orders of the shards beyond it.
SHARDS: Final = 4

#: The shard of the canary's orders. No reader of the indexes looks into it, so no list, figure or
#: check by status holds them; their customer's list and their id find them.
SYNTHETIC_SHARD: Final = "synthetic"


def shard_of(order_id: str, shards: int) -> str:
    """The shard of an order that is written for the first time."""
    return str(zlib.crc32(order_id.encode()) % shards)


def without_shard(table: Table) -> Iterator[str]:
    """The ids of the orders that have no shard, because a release before shards wrote them.

    This reads the whole table. Indexes with shards do not hold these orders.

    Raises:
        StoreUnavailable: DynamoDB throttled, failed or could not be reached.
    """
    found = all_items(
        table.scan,
        ProjectionExpression="orderId",
        FilterExpression=f"attribute_not_exists({SHARD})",
        ConsistentRead=True,
    )
    return (str(item["orderId"]) for item in found)


def add_shard(table: Table, order_id: str, shards: int) -> bool:
    """Give an order its shard, if it is there and has none.

    Returns:
        Whether this call gave it.

    Raises:
        StoreUnavailable: DynamoDB throttled, failed or could not be reached.
    """
    try:
        with translated_errors():
            table.update_item(
                Key={"orderId": order_id},
                UpdateExpression=f"SET {SHARD} = :shard",
                ConditionExpression=f"attribute_exists(orderId) AND attribute_not_exists({SHARD})",
                ExpressionAttributeValues={":shard": shard_of(order_id, shards)},
            )
    except ClientError as error:
        if not condition_failed(error):
            raise
        return False
    return True
