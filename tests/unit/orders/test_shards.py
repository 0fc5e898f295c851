"""Each status lies in several partitions of its index, and lists are as they would be of one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.orders.model import Order
from orderflow.orders.pages import page
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import (
    SHARD,
    SHARDS,
    OrderStore,
    add_shard,
    to_item,
    without_shard,
)
from orderflow.orders.store.shards import shard_of
from tests.support.factories import a_new_order, an_order, an_order_id, stored
from tests.support.orders_behaviour import at, create, record_matches
from tests.unit.conftest import RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

S = OrderStatus
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def item(table: Table, order_id: str) -> dict[str, Any]:
    return dict(table.get_item(Key={"orderId": order_id})["Item"])


def of_an_earlier_release(table: Table, order: Order) -> Order:
    """An order without a shard."""
    table.put_item(Item=to_item(order))
    return order


def in_every_shard(store: OrderStore, number: int, **changes: Any) -> list[Order]:
    """Orders of all shards, so many of each, the newest first."""
    orders: list[Order] = []
    left = Counter({str(shard): number for shard in range(SHARDS)})
    while left.total():
        order_id = an_order_id()
        if left[shard_of(order_id, SHARDS)]:
            left[shard_of(order_id, SHARDS)] -= 1
            orders.append(stored(store, at(len(orders), order_id=order_id, **changes)))
    return orders[::-1]


class TestShard:
    @given(st.uuids().map(str), st.integers(1, 64))
    def test_it_is_one_of_them_and_always_the_same(self, order_id: str, shards: int) -> None:
        assert 0 <= int(shard_of(order_id, shards)) < shards
        assert shard_of(order_id, shards) == shard_of(order_id, shards)

    def test_orders_spread_evenly(self) -> None:
        counts = Counter(shard_of(an_order_id(), 4) for _ in range(4_000))

        assert set(counts) == {"0", "1", "2", "3"}
        # Some twelve standard deviations around a thousand.
        assert all(700 < count < 1_300 for count in counts.values())

    def test_an_order_keeps_its_shard_when_its_status_changes(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        order_id = create(store, an_order_id()).order_id
        before = item(orders_table, order_id)[SHARD]

        record_matches(OrderStore(orders_table, by="tests", shards=64), order_id)

        assert before == shard_of(order_id, SHARDS)
        assert item(orders_table, order_id)[SHARD] == before


class TestLists:
    @pytest.mark.parametrize("limit", [1, 3, 7, 100])
    def test_pages_over_all_shards_add_up_in_the_sequence_of_one_list(
        self, store: OrderStore, limit: int
    ) -> None:
        orders = in_every_shard(store, 3, status=S.FAILED)
        found: list[str] = []
        token = None
        while True:
            each = page(store, S.FAILED, None, limit, token)
            found += [order.order_id for order in each.orders]
            if (token := each.next_token) is None:
                break

        assert found == [order.order_id for order in orders]

    def test_the_oldest_come_first_where_they_are_asked_for(self, store: OrderStore) -> None:
        orders = in_every_shard(store, 2, status=S.FAILED)

        assert list(store.with_status(S.FAILED)) == orders[::-1]

    def test_links_due_are_found_in_all_shards_the_longest_due_first(
        self, store: OrderStore
    ) -> None:
        orders = in_every_shard(store, 1)
        for minute, order in enumerate(orders):
            store.record_link_check(order.order_id, 1, NOON.replace(minute=minute))

        due = list(store.with_link_check_due(NOON.replace(minute=SHARDS - 2)))

        assert due == [order.order_id for order in orders[: SHARDS - 1]]

    def test_more_shards_than_before_find_the_orders_of_fewer(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        orders = in_every_shard(store, 1, status=S.FAILED)

        grown = OrderStore(orders_table, by="tests", shards=2 * SHARDS)

        assert list(grown.with_status(S.FAILED)) == orders[::-1]

    def test_a_page_reads_the_keys_in_the_index_and_its_orders_in_one_request(
        self, store: OrderStore, orders_table: Table, record_calls: RecordCalls
    ) -> None:
        in_every_shard(store, 2, status=S.FAILED)
        queries = record_calls(orders_table.meta.client, "Query")
        reads = record_calls(orders_table.meta.client, "BatchGetItem")

        page(store, S.FAILED, None, 5, None)

        assert len(queries) == SHARDS
        assert [len(read["RequestItems"]["orders"]["Keys"]) for read in reads] == [7]

    def test_a_status_that_changes_without_knowledge_of_shards_moves_the_order(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        """The state machine writes the status itself."""
        (order, *_) = in_every_shard(store, 1, status=S.MATCHED)
        orders_table.update_item(
            Key={"orderId": order.order_id},
            UpdateExpression="SET #status = :status",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":status": "REJECTED"},
        )

        assert [each.order_id for each in store.with_status(S.REJECTED)] == [order.order_id]
        assert order.order_id not in {each.order_id for each in store.with_status(S.MATCHED)}

    def test_what_the_index_has_not_learned_yet_is_left_out(self, store: OrderStore) -> None:
        order = stored(store, an_order(status=S.FAILED))
        gone = stored(store, an_order(status=S.FAILED))
        entries = [{"orderId": order.order_id}, {"orderId": gone.order_id}] * 2
        assert len(list(store._items_of(iter(entries), [S.FAILED]))) == 2

        stored(store, order.model_copy(update={"status": S.CANCELLED}))
        store._table.delete_item(Key={"orderId": gone.order_id})

        assert list(store._items_of(iter(entries), [S.FAILED])) == []
        assert len(list(store._items_of(iter(entries), [S.FAILED, S.CANCELLED]))) == 1


class TestOrdersOfAnEarlierRelease:
    def test_its_next_status_gives_an_order_its_shard(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        order = of_an_earlier_release(orders_table, a_new_order())

        record_matches(store, order.order_id)

        assert item(orders_table, order.order_id)[SHARD] == shard_of(order.order_id, SHARDS)
        assert [each.order_id for each in store.with_status(S.MATCHED)] == [order.order_id]

    def test_the_backfill_gives_all_others_theirs(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        old = of_an_earlier_release(orders_table, an_order(status=S.FAILED))
        new = stored(store, an_order(status=S.FAILED))
        assert list(store.with_status(S.FAILED)) == [new]

        assert list(without_shard(orders_table)) == [old.order_id]
        assert add_shard(orders_table, old.order_id, SHARDS)

        assert {each.order_id for each in store.with_status(S.FAILED)} == {
            old.order_id, new.order_id,
        }  # fmt: skip
        assert store.get(old.order_id) == old
        assert list(without_shard(orders_table)) == []

    def test_an_order_that_has_its_shard_or_is_gone_is_left_alone(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        order = stored(store, an_order())
        before = item(orders_table, order.order_id)

        assert not add_shard(orders_table, order.order_id, 64)
        assert not add_shard(orders_table, "gone", SHARDS)

        assert item(orders_table, order.order_id) == before
        assert orders_table.scan()["Count"] == 1

    def test_all_pages_of_the_table_are_read(
        self, orders_table: Table, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = {of_an_earlier_release(orders_table, an_order()).order_id for _ in range(5)}
        whole = orders_table.scan
        monkeypatch.setattr(
            orders_table, "scan", lambda **asked: whole(**asked | {"Limit": 2}), raising=False
        )

        assert set(without_shard(orders_table)) == ids


class TestCount:
    def test_it_counts_the_orders_of_a_status_in_all_shards_and_no_synthetic_ones(
        self, store: OrderStore
    ) -> None:
        in_every_shard(store, 2, status=S.MATCHED)
        stored(store, at(59, status=S.MATCHED, synthetic=True))

        assert store.count(S.MATCHED, None, None) == (2 * SHARDS, True)
        assert store.count(S.FAILED, None, None) == (0, True)

    def test_bounds_are_those_of_lists(self, store: OrderStore) -> None:
        for minute in range(4):
            stored(store, at(minute, status=S.MATCHED))
        first, last = at(1).created_at, at(2).created_at

        assert store.count(S.MATCHED, first, last) == (2, True)
        assert store.count(S.MATCHED, last, first) == (0, True)
