"""What a search reads is bounded by its page, however many orders there are."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from orderflow.clock import utc_now
from orderflow.orders.model import Failure, Order, Parked
from orderflow.orders.pages import READ_AHEAD
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import SHARD, SHARDS, to_item
from orderflow.orders.store.shards import shard_of
from scripts.cli.deployment import Deployment
from scripts.console.search import MAX_LOOKED_THROUGH, MAX_SHOWN, Query, Search
from scripts.console.stage import ConsoleStage, Reads, counted_reads
from tests.support.factories import an_order

S = OrderStatus
MIX = (S.PAYMENT_COMPLETED, S.PAYMENT_DELAYED, S.PAYMENT_DELAYED, S.NEEDS_ATTENTION, S.FAILED)
#: Of these more failed than a page shows.
FEW, MANY = 150, 600
#: The orders' times are counted from here, however long it takes to write them.
NOW = utc_now()
#: The statuses that an error is looked for in.
STUCK = 3
#: With the orders that show that there are more.
PAGE, LOOKED_THROUGH = MAX_SHOWN + READ_AHEAD, MAX_LOOKED_THROUGH + READ_AHEAD

#: A search, and what it may read at most of the index and of the table. Of each partition it reads
#: half as many entries more than its share of a page; a partition may be read twice.
SEARCHES: dict[str, tuple[Query, int, int]] = {
    "the newest": (Query(), 3 * PAGE * len(S), PAGE),
    "a status": (Query(status=S.FAILED), 3 * PAGE, PAGE),
    "a frequent error": (Query("waits for paystack"), 3 * LOOKED_THROUGH * STUCK, LOOKED_THROUGH),
    "a rare error": (Query("keyerror"), 3 * LOOKED_THROUGH * STUCK, LOOKED_THROUGH),
    "an error that no order has": (Query("no such"), 3 * LOOKED_THROUGH * STUCK, LOOKED_THROUGH),
}


def an_old_order(number: int, status: OrderStatus) -> Order:
    """The so many-th of them; its id, and so its shard, is the same in each run."""
    at = NOW - timedelta(seconds=number)
    fields: dict[str, Any] = {"created_at": at, "updated_at": at, "status": status}
    if status in {S.PAYMENT_DELAYED, S.NEEDS_ATTENTION}:
        fields["parked"] = Parked(task_token="t", provider="paystack", park_count=0, at=at)
    if status is S.FAILED:
        fields["failure"] = Failure(
            error="KeyError", state="MatchProducts", execution_arn="arn", at=at
        )
    order_id = str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))
    return an_order(order_id=order_id, **fields)


Look = Callable[[Query], Reads]


@pytest.fixture
def look(operated: Deployment) -> Look:
    """What a search reads."""
    search = Search(ConsoleStage.of(operated))

    def read(query: Query) -> Reads:
        with counted_reads() as reads:
            search.view(query, reads)
        return reads

    return read


def store(table: Any, numbers: range) -> None:
    with table.batch_writer() as batch:
        for number in numbers:
            item = to_item(an_old_order(number, MIX[number % len(MIX)]))
            batch.put_item({**item, SHARD: shard_of(item["orderId"], SHARDS)})


def test_a_search_reads_no_more_of_many_orders_than_of_few(look: Look, orders_table: Any) -> None:
    store(orders_table, range(FEW))
    few = {name: look(query) for name, (query, *_) in SEARCHES.items()}
    store(orders_table, range(FEW, MANY))

    for name, (query, entries, orders) in SEARCHES.items():
        many = look(query)
        assert many.records <= entries + orders, name
        assert many.requests <= few[name].requests + SHARDS, name


def test_a_page_of_a_status_costs_the_same_among_few_orders_as_among_many(
    look: Look, orders_table: Any
) -> None:
    """One request for each shard and one for the orders, once the status fills a page."""
    share = -(-PAGE * 3 // (2 * SHARDS))
    for numbers in (range(MANY // 2), range(MANY // 2, MANY)):
        store(orders_table, numbers)

        reads = look(Query(status=S.FAILED))

        assert (reads.requests, reads.records) == (SHARDS + 1, SHARDS * share + PAGE)


def test_an_ids_beginning_is_looked_up_by_key(look: Look, orders_table: Any) -> None:
    store(orders_table, range(FEW))

    reads = look(Query(an_old_order(FEW - 1, S.FAILED).order_id[:10]))

    # One request for each shard, and one for the order, however many there are.
    assert (reads.requests, reads.records) == (SHARDS + 1, 2)


def test_pages_go_on_where_the_one_before_ended(operated: Deployment, orders_table: Any) -> None:
    failed = {number: an_old_order(number, S.FAILED) for number in range(2 * MAX_SHOWN + 1)}
    for order in failed.values():
        shard = {SHARD: shard_of(order.order_id, SHARDS)}
        orders_table.put_item(Item={**to_item(order), **shard})
    search, found, after = Search(ConsoleStage.of(operated)), [], ""

    for _ in range(3):
        page = search.view(Query(status=S.FAILED, after=after), Reads())
        found += [each["orderId"] for each in page["orders"]]
        after = page["after"]

    assert found == [order.order_id for order in failed.values()]
    assert after is None


def test_a_page_without_a_match_leads_to_the_next(operated: Deployment, orders_table: Any) -> None:
    """Some orders were looked through, and none has the error: older ones may."""
    for number in range(MAX_LOOKED_THROUGH + 1):
        status = S.FAILED if number == MAX_LOOKED_THROUGH else S.PAYMENT_DELAYED
        item = to_item(an_old_order(number, status))
        orders_table.put_item(Item={**item, SHARD: shard_of(item["orderId"], SHARDS)})
    search = Search(ConsoleStage.of(operated))

    first = search.view(Query("keyerror"), Reads())
    second = search.view(Query("keyerror", after=first["after"]), Reads())

    assert first["orders"] == []
    assert len(second["orders"]) == 1
    assert second["after"] is None
