"""OrderStore: what each change writes, and what it refuses to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from orderflow.clock import iso
from orderflow.errors import OrderNotFoundError, StoreUnavailable
from orderflow.orders.store import OrderStore
from tests.support.factories import (
    GROCERY_LIST,
    a_payment,
    an_order_id,
    client_error,
    stored,
)
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

from tests.support.orders_behaviour import (
    CHANGES,
    Change,
    S,
    at,
    create,
    record_link,
    record_matches,
    reopen_link,
)


def item(table: Table, order_id: str) -> dict[str, Any]:
    return dict(table.get_item(Key={"orderId": order_id})["Item"])


class TestCreate:
    def test_absent_values_are_left_out_of_the_item(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        order = create(store, an_order_id())

        assert None not in item(orders_table, order.order_id).values()
        assert "taskToken" not in item(orders_table, order.order_id)

    def test_attributes_are_camel_case_as_the_workflow_writes_them(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        written = item(orders_table, create(store, an_order_id()).order_id)

        assert {"orderId", "customerId", "createdAt", "status", "version"} <= written.keys()
        assert not [name for name in written if "_" in name]


class TestGet:
    def test_what_was_just_written_is_seen(
        self, store: OrderStore, orders_table: Table, record_calls: RecordCalls
    ) -> None:
        order = create(store, an_order_id())
        reads = record_calls(orders_table.meta.client, "GetItem")

        store.get(order.order_id)

        # The emulation is always consistent; DynamoDB is so where it is asked to be.
        assert [read["ConsistentRead"] for read in reads] == [True]

    def test_attributes_of_a_newer_deployment_are_ignored(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        order = create(store, an_order_id())
        orders_table.put_item(Item=item(orders_table, order.order_id) | {"novelty": {"a": [1]}})

        assert store.get(order.order_id) == order

    def test_a_broken_record_is_reported_without_the_customers_data(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        order = create(store, an_order_id())
        orders_table.put_item(Item=item(orders_table, order.order_id) | {"customerEmail": 7})

        with pytest.raises(ValueError, match="customerEmail") as refusal:
            store.get(order.order_id)

        assert GROCERY_LIST not in str(refusal.value)
        assert "input_value" not in str(refusal.value)


class TestWithStatus:
    def test_all_of_them_the_oldest_first_over_many_pages(
        self, store: OrderStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        orders = [stored(store, at(minute, status=S.FAILED)) for minute in range(5)]
        stored(store, at(9, status=S.MATCHED))
        whole = store._table.query
        monkeypatch.setattr(
            store._table, "query", lambda **asked: whole(**asked | {"Limit": 2}), raising=False
        )

        assert list(store.with_status(S.FAILED)) == orders


class TestTransitions:
    @pytest.mark.parametrize("change", [change for change, _ in CHANGES])
    def test_an_unknown_order_is_not_found_and_not_created(
        self, store: OrderStore, orders_table: Table, change: Change
    ) -> None:
        with pytest.raises(OrderNotFoundError):
            change(store, an_order_id())

        assert orders_table.scan()["Count"] == 0


class TestPayment:
    def test_an_unknown_order_is_not_found_and_not_created(
        self, store: OrderStore, orders_table: Table
    ) -> None:
        with pytest.raises(OrderNotFoundError):
            store.record_payment(an_order_id(), a_payment())

        assert orders_table.scan()["Count"] == 0


THROTTLED = client_error("ProvisionedThroughputExceededException")
OUTAGES = [
    EndpointConnectionError(endpoint_url="https://dynamodb.example"),
    ConnectTimeoutError(endpoint_url="https://dynamodb.example"),
    ReadTimeoutError(endpoint_url="https://dynamodb.example"),
    THROTTLED,
    client_error("ThrottlingException"),
    client_error("RequestLimitExceeded"),
    client_error("InternalServerError", 500),
    client_error("ServiceUnavailable", 503),
]
CALLS: list[tuple[str, Callable[[OrderStore, str], object]]] = [
    ("GetItem", lambda store, order_id: store.get(order_id)),
    ("Query", lambda store, _: store.newest(None, limit=1)),
    ("PutItem", create),
    ("UpdateItem", record_matches),
    ("UpdateItem", record_link),
    ("UpdateItem", reopen_link),
    ("UpdateItem", lambda store, order_id: store.record_notification(order_id, "reference")),
    ("UpdateItem", lambda store, order_id: store.record_payment(order_id, a_payment())),
]


class TestTrouble:
    @pytest.mark.parametrize("error", OUTAGES, ids=str)
    def test_every_kind_of_outage_is_reported_as_one(
        self, store: OrderStore, orders_table: Table, fail_calls: FailCalls, error: Exception
    ) -> None:
        fail_calls(orders_table.meta.client, "GetItem", error)

        with pytest.raises(StoreUnavailable):
            store.get(an_order_id())

    @pytest.mark.parametrize(("operation", "call"), CALLS)
    def test_every_call_reports_an_outage_of_dynamodb(
        self,
        store: OrderStore,
        orders_table: Table,
        fail_calls: FailCalls,
        operation: str,
        call: Callable[[OrderStore, str], object],
    ) -> None:
        fail_calls(orders_table.meta.client, operation, THROTTLED)

        with pytest.raises(StoreUnavailable):
            call(store, an_order_id())

    @pytest.mark.parametrize(("operation", "call"), CALLS)
    def test_a_refused_permission_is_no_outage(
        self,
        store: OrderStore,
        orders_table: Table,
        fail_calls: FailCalls,
        operation: str,
        call: Callable[[OrderStore, str], object],
    ) -> None:
        refusal = client_error("AccessDeniedException")
        fail_calls(orders_table.meta.client, operation, refusal)

        with pytest.raises(type(refusal), match="AccessDeniedException"):
            call(store, an_order_id())


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00.000Z"),
        (datetime(2026, 1, 31, 12, 0, 0, 999_999, tzinfo=UTC), "2026-01-31T12:00:00.999Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_times_are_written_as_the_workflow_writes_them(moment: datetime, text: str) -> None:
    assert iso(moment) == text


@given(
    st.datetimes(datetime(1, 1, 1), datetime(9990, 1, 1)),
    st.timedeltas(timedelta(milliseconds=1), timedelta(days=400)),
)
def test_later_times_sort_after_earlier_ones(moment: datetime, later_by: timedelta) -> None:
    earlier = moment.replace(tzinfo=UTC)

    assert iso(earlier) < iso(earlier + later_by)
