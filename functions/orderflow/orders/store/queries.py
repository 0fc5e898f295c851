"""Reading orders from the table and its indexes."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError
from typing_extensions import override

from orderflow.clock import iso
from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.ports import OrderQueries
from orderflow.orders.status import PARKED, OrderStatus
from orderflow.orders.store.table import LINK_CHECK_DUE, REFUND_DUE, OrdersTable
from orderflow.platform.dynamodb import is_partition_key, translated_errors

#: Before and after all times in ISO 8601.
_EARLIEST: Final = "0"
_LATEST: Final = "9"


class StoredQueries(OrdersTable, OrderQueries):
    """Reads through the table's key and its indexes."""

    @override
    def get(self, order_id: str) -> Order:
        if not is_partition_key(order_id):
            raise OrderNotFoundError(order_id)
        with translated_errors():
            answer = self._table.get_item(Key={"orderId": order_id}, ConsistentRead=True)
        if "Item" not in answer:
            raise OrderNotFoundError(order_id)
        return Order.model_validate(answer["Item"])

    @override
    def newest(self, status: OrderStatus | None, limit: int) -> list[Order]:
        streams = [
            self.newest_with_status(each, None, None, limit)
            for each in ([status] if status else OrderStatus)
        ]
        merged = heapq.merge(*streams, key=lambda order: order.created_at, reverse=True)
        return list(islice(merged, limit))

    @override
    def newest_of_customer(
        self, customer_id: str, until: datetime | None, read: int
    ) -> Iterator[Order]:
        return self._newest("byCustomer", "customerId", customer_id, None, until, read)

    @override
    def newest_with_status(
        self, status: OrderStatus, since: datetime | None, until: datetime | None, read: int
    ) -> Iterator[Order]:
        return self._newest("byStatus", "status", str(status), since, until, read)

    @override
    def with_status(self, status: OrderStatus) -> Iterator[Order]:
        return map(Order.model_validate, self._items("byStatus", "status", str(status)))

    @override
    def parked(self, provider: str) -> Iterator[Order]:
        for status in reversed(PARKED):
            for order in self.with_status(status):
                if order.parked is not None and order.parked.provider == provider:
                    yield order

    @override
    def unchanged_since(self, status: OrderStatus, moment: datetime) -> Iterator[Order | str]:
        for item in self._items(
            "byStatus",
            "status",
            str(status),
            FilterExpression="updatedAt <= :moment",
            values={":moment": iso(moment)},
        ):
            try:
                yield Order.model_validate(item)
            except ValidationError:
                yield str(item["orderId"])

    @override
    def with_refunds_due(self) -> Iterator[Order]:
        found = self._items("byRefund", "refundState", REFUND_DUE)
        return map(Order.model_validate, found)

    @override
    def with_link_check_due(self, by: datetime) -> Iterator[str]:
        found = self._items(
            "byLinkCheck",
            "linkCheckState",
            LINK_CHECK_DUE,
            between=("linkCheckAt", _EARLIEST, iso(by)),
        )
        return (str(item["orderId"]) for item in found)

    def _newest(
        self,
        index: str,
        key: str,
        value: str,
        since: datetime | None,
        until: datetime | None,
        read: int,
    ) -> Iterator[Order]:
        items = self._items(
            index,
            key,
            value,
            between=(
                "createdAt",
                iso(since) if since else _EARLIEST,
                iso(until) if until else _LATEST,
            ),
            ScanIndexForward=False,
            Limit=read,
        )
        return map(Order.model_validate, items)

    def _items(
        self,
        index: str,
        key: str,
        value: str,
        *,
        between: tuple[str, str, str] | None = None,
        values: Mapping[str, Any] | None = None,
        **query: Any,
    ) -> Iterator[Mapping[str, Any]]:
        condition = "#key = :key"
        values = {":key": value, **(values or {})}
        if between:
            sort_key, since, until = between
            condition += f" AND {sort_key} BETWEEN :since AND :until"
            values |= {":since": since, ":until": until}
        start: dict[str, Any] = {}
        while True:
            with translated_errors():
                answer = self._table.query(
                    IndexName=index,
                    KeyConditionExpression=condition,
                    ExpressionAttributeNames={"#key": key},
                    ExpressionAttributeValues=values,
                    **query,
                    **start,
                )
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
