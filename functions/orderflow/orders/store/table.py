"""The ``orders`` table: conditional writes, and orders as its items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from pydantic import BaseModel

from orderflow.clock import Clock, utc_now
from orderflow.orders.model import Order
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.orders.store.shards import SHARD, SHARDS, SYNTHETIC_SHARD, shard_of
from orderflow.platform.dynamodb import condition_failed, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: The one key of the sparse index ``byRefund``, which holds the orders with refunds due.
REFUND_DUE: Final = "DUE"


#: The one key of the sparse index ``byReversal``, which holds the orders with a refund or a dispute
#: to look after.
REVERSAL_OPEN: Final = "OPEN"


#: The one state in the sparse index ``byLinkCheckShard``: orders with a link to check.
LINK_CHECK_DUE: Final = "DUE"

#: The values of :data:`IS_OPEN`.
OPEN: Final = {f":{status}": str(status) for status in sorted(OrderStatus) if status not in CLOSED}

#: The condition that the order has not ended.
IS_OPEN: Final = f"#status IN ({', '.join(OPEN)})"


class OrdersTable:
    """The table, and who changes it.

    Args:
        table: a boto3 DynamoDB table resource.
        by: who makes the changes, for the order's history.
        clock: the time of the changes.
        shards: the number of partitions of each status in indexes; at least that of all writers.
    """

    def __init__(
        self, table: Table, by: str, clock: Clock = utc_now, *, shards: int = SHARDS
    ) -> None:
        self._table = table
        self._by = by
        self._clock = clock
        self._shards = shards

    def _item(self, order: Order) -> dict[str, Any]:
        """A new order as an item, with what its entries in indexes need."""
        shard = SYNTHETIC_SHARD if order.synthetic else shard_of(order.order_id, self._shards)
        return {**to_item(order), SHARD: shard}

    def _change(
        self,
        order_id: str,
        update: str,
        condition: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> Order | None:
        """One conditional write: the order after it, or None where its condition did not hold."""
        answer = self._update(order_id, update, condition, values, names, ReturnValues="ALL_NEW")
        return None if answer is None else Order.model_validate(answer["Attributes"])

    def _write(self, order_id: str, update: str, condition: str, values: Mapping[str, Any]) -> bool:
        """One conditional write: whether its condition held. The order is not read."""
        return self._update(order_id, update, condition, values) is not None

    def _update(
        self,
        order_id: str,
        update: str,
        condition: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
        **returned: Any,
    ) -> Mapping[str, Any] | None:
        optional: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        try:
            with translated_errors():
                return self._table.update_item(
                    Key={"orderId": order_id},
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                    **optional,
                    **returned,
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return None


def to_item(model: BaseModel) -> dict[str, Any]:
    """The model as a DynamoDB item: camelCase names, absent values left out."""
    return model.model_dump(by_alias=True, exclude_none=True)
