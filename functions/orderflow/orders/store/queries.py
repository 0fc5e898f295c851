"""Reading orders from the table and its indexes."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from pydantic import ValidationError
from typing_extensions import override

from orderflow.clock import iso
from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.ports import OrderQueries
from orderflow.orders.status import PARKED, OrderStatus
from orderflow.orders.store.indexes import Span, count, query
from orderflow.orders.store.shards import SHARD
from orderflow.orders.store.table import (
    LINK_CHECK_DUE,
    REFUND_DUE,
    REVERSAL_OPEN,
    OrdersTable,
)
from orderflow.platform.dynamodb import (
    MAX_BATCH,
    get_items,
    is_partition_key,
    translated_errors,
)

#: Indexes that hold the keys, the first one also ``updatedAt``: orders themselves are read from the
#: table. The first three have shards.
BY_STATUS: Final = "byStatusShard"
BY_LINK_CHECK: Final = "byLinkCheckShard"
BY_ID: Final = "byIdShard"
BY_CUSTOMER: Final = "byCustomerKeys"

#: Greater than each character of an id.
_LAST: Final = "~"


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
        statuses = [status] if status else [*OrderStatus]
        return list(islice(self.newest_with_status(statuses, None, None, limit), limit))

    @override
    def newest_of_customer(
        self, customer_id: str, until: datetime | None, read: int
    ) -> Iterator[Order]:
        entries = query(
            self._table,
            BY_CUSTOMER,
            {"customerId": customer_id},
            _created(None, until),
            ScanIndexForward=False,
            Limit=read,
        )
        return map(Order.model_validate, self._items_of(entries, [*OrderStatus], read))

    @override
    def newest_with_status(
        self,
        statuses: Collection[OrderStatus],
        since: datetime | None,
        until: datetime | None,
        read: int,
    ) -> Iterator[Order]:
        partitions = [{"status": str(status)} for status in statuses]
        entries = self._entries(
            BY_STATUS,
            partitions,
            _created(since, until),
            newest_first=True,
            Limit=_share(read, self._shards),
        )
        return map(Order.model_validate, self._items_of(entries, statuses, read))

    def ids_beginning(self, beginning: str, limit: int) -> list[str]:
        """The ids of at most ``limit`` orders that begin so, without those of the canary.

        So many entries of each shard are read at most, however many orders there are. The index
        follows the table with a delay.
        """
        span = Span("orderId", beginning, beginning + _LAST)
        entries = self._entries(BY_ID, [{}], span, Limit=limit)
        return [str(entry["orderId"]) for entry in islice(entries, limit)]

    def count(
        self, status: OrderStatus, since: datetime | None, until: datetime | None
    ) -> tuple[int, bool]:
        """How many orders have a status, and whether these are all; from the index alone.

        One page of each of its partitions is counted (1 MB: thousands of orders).
        """
        span = _created(since, until)
        found = [
            count(self._table, BY_STATUS, {"status": str(status), SHARD: str(shard)}, span)
            for shard in range(self._shards)
        ]
        return sum(number for number, _ in found), all(is_all for _, is_all in found)

    def changed(self, status: OrderStatus, limit: int) -> dict[str, str]:
        """When the ``limit`` newest orders of a status were last changed, by their ids.

        From the index alone, which follows the table with a delay; the times are as stored.
        """
        entries = self._entries(
            BY_STATUS,
            [{"status": str(status)}],
            _created(None, None),
            newest_first=True,
            Limit=_share(limit, self._shards),
        )
        return {str(each["orderId"]): str(each["updatedAt"]) for each in islice(entries, limit)}

    def read(self, order_ids: Collection[str]) -> Iterator[Order | str]:
        """The orders with these ids that there are, in any order.

        An order that can't be read is replaced by its id, so that it does not hide the others.
        """
        found = get_items(self._table, [{"orderId": each} for each in order_ids])
        return map(_readable, found)

    @override
    def with_status(self, status: OrderStatus) -> Iterator[Order]:
        entries = self._entries(BY_STATUS, [{"status": str(status)}], _created(None, None))
        return map(Order.model_validate, self._items_of(entries, [status]))

    @override
    def parked(self, provider: str) -> Iterator[Order]:
        for status in reversed(PARKED):
            for order in self.with_status(status):
                if order.parked is not None and order.parked.provider == provider:
                    yield order

    @override
    def unchanged_since(self, status: OrderStatus, moment: datetime) -> Iterator[Order | str]:
        entries = self._entries(
            BY_STATUS,
            [{"status": str(status)}],
            _created(None, None),
            values={":moment": iso(moment)},
            FilterExpression="updatedAt <= :moment",
        )
        for item in self._items_of(entries, [status]):
            order = _readable(item)
            if isinstance(order, str) or order.updated_at <= moment:
                yield order

    @override
    def with_refunds_due(self) -> Iterator[Order]:
        found = query(self._table, "byRefund", {"refundState": REFUND_DUE})
        return map(Order.model_validate, found)

    @override
    def with_open_reversals(self) -> Iterator[Order]:
        found = query(self._table, "byReversal", {"reversalState": REVERSAL_OPEN})
        return map(Order.model_validate, found)

    @override
    def with_reversal_check_due(self, by: datetime) -> Iterator[str]:
        span = Span("reversalCheckAt", until=iso(by))
        found = query(self._table, "byReversal", {"reversalState": REVERSAL_OPEN}, span)
        return (str(item["orderId"]) for item in found)

    @override
    def with_link_check_due(self, by: datetime) -> Iterator[str]:
        span = Span("linkCheckAt", until=iso(by))
        entries = self._entries(BY_LINK_CHECK, [{"linkCheckState": LINK_CHECK_DUE}], span)
        return (str(entry["orderId"]) for entry in entries)

    def _entries(
        self,
        index: str,
        partitions: Iterable[Mapping[str, str]],
        span: Span,
        *,
        newest_first: bool = False,
        **options: Any,
    ) -> Iterator[Mapping[str, Any]]:
        """What an index with shards holds of these partitions, in the order of its sort key."""
        queries = [
            query(
                self._table,
                index,
                {**partition, SHARD: str(shard)},
                span,
                ScanIndexForward=not newest_first,
                **options,
            )
            for partition in partitions
            for shard in range(self._shards)
        ]
        return heapq.merge(*queries, key=itemgetter(span.sort_key), reverse=newest_first)

    def _items_of(
        self,
        entries: Iterator[Mapping[str, Any]],
        statuses: Collection[OrderStatus],
        read: int = MAX_BATCH,
    ) -> Iterator[Mapping[str, Any]]:
        """The orders of an index's entries as the table holds them now, in the same sequence.

        The index follows the table with a delay: an order that has another status now, or is gone,
        is left out.
        """
        while batch := list(islice(entries, min(read, MAX_BATCH))):
            keys = [{"orderId": str(entry["orderId"])} for entry in batch]
            items = {item["orderId"]: item for item in get_items(self._table, keys)}
            # An order that changes its status at this moment has two entries.
            for order_id in dict.fromkeys(key["orderId"] for key in keys):
                if order_id in items and items[order_id]["status"] in statuses:
                    yield items[order_id]


def _readable(item: Mapping[str, Any]) -> Order | str:
    """The order, or the id of one that can't be read."""
    try:
        return Order.model_validate(item)
    except ValidationError:
        return str(item["orderId"])


def _share(read: int, shards: int) -> int:
    """How many entries of each shard to read at a time for so many orders.

    Orders are spread over the shards at random: half as many more than the average seldom leave a
    shard to be read twice.
    """
    return -(-read * 3 // (2 * shards))


def _created(since: datetime | None, until: datetime | None) -> Span:
    return Span("createdAt", iso(since) if since else None, iso(until) if until else None)
