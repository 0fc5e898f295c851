"""The partitions of indexes in order, for MiniStack, which sorts a whole one for each query.

A query gets the entries of its page: those that meet the condition of its sort key, from its start
key on, and one more than its limit. With thousands of entries in a partition it takes a twentieth
of the time by that.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from ministack.services import dynamodb  # type: ignore[import-untyped]

#: So many partitions are kept in order.
_KEPT: Final = 512

#: An attribute, a comparison, and the name of a value: ``("createdAt", ">=", ":since")``.
Clause = tuple[str, str, str]
Item = Mapping[str, Any]
#: Both parts of an item's key.
Key = tuple[str, str]
Members = dict[Key, None]
Place = tuple[Any, ...]

_first: Final = itemgetter(0)


@dataclass(frozen=True)
class _Order:
    """A partition's entries by their places. An item that changes becomes another object, the last.

    Attributes:
        members: the partition.
        number: of its entries.
        last: the item that was the last to change.
        places: where the entries belong, in order.
        keys: those of the entries, in the same order.
    """

    members: Members
    number: int
    last: Item
    places: list[Place]
    keys: list[Key]

    def is_of(self, members: Members, last: Item) -> bool:
        """Whether the partition is as it was."""
        return self.members is members and self.number == len(members) and self.last is last


@dataclass(frozen=True)
class _Request:
    """A query of an index, whose key condition has comparisons alone."""

    clauses: Sequence[Clause]
    request: Mapping[str, Any]

    def bounds(self, order: _Order, keys: Sequence[tuple[str, str]]) -> tuple[int, int]:
        """Where the page is in the order: from the first number to before the second.

        Args:
            order: the partition's.
            keys: the attributes that it is sorted by, with their types.
        """
        low, high = self._in_condition(order.places, keys)
        forward = self.request.get("ScanIndexForward", True)
        if start := self.request.get("ExclusiveStartKey"):
            place = _place(start, keys)
            if forward:
                low = max(low, bisect_right(order.places, place))
            else:
                high = min(high, bisect_left(order.places, place))
        if limit := self.request.get("Limit"):
            if forward:
                high = min(high, low + int(limit) + 1)
            else:
                low = max(low, high - int(limit) - 1)
        return low, high

    def _in_condition(
        self, places: list[Place], keys: Sequence[tuple[str, str]]
    ) -> tuple[int, int]:
        """Where the sort key meets the condition; the partition's own keys all do."""
        names = self.request.get("ExpressionAttributeNames", {})
        (sort_key, kind), low, high = keys[0], 0, len(places)
        for name, operator, value in self.clauses:
            if names.get(name, name) != sort_key:
                continue
            bound = dynamodb._sort_key_value(
                self.request["ExpressionAttributeValues"].get(value), kind
            )
            before = bisect_left(places, bound, key=_first)
            after = bisect_right(places, bound, key=_first)
            if operator in {">=", ">", "="}:
                low = max(low, after if operator == ">" else before)
            if operator in {"<=", "<", "="}:
                high = min(high, before if operator == "<" else after)
        return low, high


@dataclass
class _Partitions:
    """An index's partitions, of which a query gets its page."""

    table: Mapping[str, Any]
    index: str
    partitions: Mapping[Any, Members]
    request: _Request
    orders: dict[tuple[str, str, Any], _Order]
    keys: Sequence[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        definition = dynamodb._index_def(self.table, self.index)
        _, self._sorted_by = dynamodb._index_key_lists(definition)
        self.keys = dynamodb._index_order_keys(self.table, self._sorted_by)

    def get(self, partition: Any, default: Sequence[Key]) -> Sequence[Key]:
        """The keys of the items of the partition's page, or more."""
        members = self.partitions.get(partition)
        if not members:
            return default
        if len(self._sorted_by) != 1:
            return [*members]
        order = self._order(partition, members)
        low, high = self.request.bounds(order, self.keys)
        return order.keys[low:high]

    def _order(self, partition: Any, members: Members) -> _Order:
        name = self.table["TableName"], self.index, partition
        last = self._item(next(reversed(members)))
        found = self.orders.get(name)
        if found is None or not found.is_of(members, last):
            if len(self.orders) >= _KEPT:
                self.orders.clear()
            placed = sorted((_place(self._item(key), self.keys), key) for key in members)
            places, keys = [place for place, _ in placed], [key for _, key in placed]
            found = self.orders[name] = _Order(members, len(members), last, places, keys)
        return found

    def _item(self, key: Key) -> Item:
        item: Item = self.table["items"][key[0]][key[1]]
        return item


def _place(item: Item, keys: Sequence[tuple[str, str]]) -> Place:
    return tuple(dynamodb._index_order_value(item, name, kind) for name, kind in keys)


def paging(
    query: Callable[..., Any],
    members: Callable[..., Any],
    clauses_of: Callable[[str], Sequence[Clause] | None],
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """``query``, and ``members``, which gives it the entries of its page.

    Args:
        query: answers a query.
        members: the partitions of a table's indexes.
        clauses_of: the comparisons of a key condition that is right; None where it has others.
    """
    asked: ContextVar[_Request | None] = ContextVar("query", default=None)
    orders: dict[tuple[str, str, Any], _Order] = {}

    def query_page(request: Mapping[str, Any]) -> Any:
        clauses = clauses_of(request.get("KeyConditionExpression") or "")
        token = asked.set(_Request(clauses, request) if clauses else None)
        try:
            return query(request)
        finally:
            asked.reset(token)

    def members_of_page(table: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = members(table)
        request = asked.get()
        index = "" if request is None else str(request.request.get("IndexName", ""))
        if request is None or index not in found:
            return found
        return {index: _Partitions(table, index, found[index], request, orders)}

    return query_page, members_of_page
