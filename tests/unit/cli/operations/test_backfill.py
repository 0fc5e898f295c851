"""``orders backfill``: orders of an earlier release come into today's indexes."""

from __future__ import annotations

import json

import pytest

from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore, to_item
from tests.support.factories import an_order, stored
from tests.unit.cli.conftest import Audited, Orders

FAILED = OrderStatus.FAILED


def of_an_earlier_release(store: OrderStore) -> str:
    order = an_order(status=FAILED)
    store._table.put_item(Item=to_item(order))
    return order.order_id


def test_orders_without_a_shard_are_found_by_lists_afterwards(
    orders: Orders, store: OrderStore, audited: Audited
) -> None:
    old = of_an_earlier_release(store)
    stored(store, an_order())
    assert list(store.with_status(FAILED)) == []

    result = orders("backfill")

    assert result.exit_code == 0
    assert "1 of 1 orders without a shard have one now." in result.stdout
    assert [order.order_id for order in store.with_status(FAILED)] == [old]
    assert ("backfill", "orders") in {(action, subject) for action, subject, *_ in audited()}


@pytest.mark.usefixtures("operated")
def test_again_it_changes_nothing(orders: Orders, store: OrderStore) -> None:
    of_an_earlier_release(store)
    orders("backfill")

    assert json.loads(orders("backfill", "--json").stdout) == {"found": 0, "changed": 0}


def test_a_dry_run_counts_them_and_leaves_them(
    orders: Orders, store: OrderStore, audited: Audited
) -> None:
    of_an_earlier_release(store)

    assert "1 orders have no shard." in orders("backfill", "--dry-run").stdout

    assert list(store.with_status(FAILED)) == []
    assert audited() == []
