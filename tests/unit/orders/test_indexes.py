"""Queries of the table's indexes ask for nothing that DynamoDB refuses."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.clock import iso
from orderflow.orders.pages import customers_page, page
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.orders.store.indexes import Span

TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59), timezones=st.just(UTC))
BOUNDS = st.none() | TIMES

#: The forms of a condition on a sort key that are used here, of those that DynamoDB documents.
KEY_CONDITION = re.compile(
    r"(#\w+ = :\w+)( AND #\w+ = :\w+)*"
    r"( AND \w+ (>= :since|<= :until|BETWEEN :since AND :until))?"
)


class RecordingTable:
    """A table without items that keeps what it is asked for."""

    name = "orders"

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def query(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {"Items": []}


def recorded() -> tuple[OrderStore, RecordingTable]:
    table = RecordingTable()
    return OrderStore(cast("Any", table), by="tests"), table


def assert_accepted(asked: dict[str, Any]) -> None:
    """DynamoDB accepts the condition: its form, its bounds and its values."""
    condition, values = asked["KeyConditionExpression"], asked["ExpressionAttributeValues"]
    assert KEY_CONDITION.fullmatch(condition)
    if "BETWEEN" in condition:
        assert values[":since"] <= values[":until"]
    used = condition + " " + asked.get("FilterExpression", "")
    assert set(re.findall(r":\w+", used)) == values.keys()
    assert set(re.findall(r"#\w+", used)) == asked["ExpressionAttributeNames"].keys()


@given(since=BOUNDS, until=BOUNDS)
def test_every_range_of_every_query_is_one_that_dynamodb_accepts(
    since: datetime | None, until: datetime | None
) -> None:
    store, table = recorded()

    for status in OrderStatus:
        list(store.newest_with_status([status], since, until, read=5))
        list(store.with_status(status))
        list(store.unchanged_since(status, until or datetime.now(UTC)))
    list(store.newest_of_customer("c-1", until, read=5))
    list(store.with_link_check_due(until or datetime.now(UTC)))
    list(store.with_refunds_due())

    assert table.asked
    for asked in table.asked:
        assert_accepted(asked)


@given(since=TIMES, until=TIMES)
def test_a_span_is_empty_where_its_bounds_are_reversed(since: datetime, until: datetime) -> None:
    span = Span("createdAt", iso(since), iso(until))

    assert span.is_empty is (iso(since) > iso(until))


def test_reversed_bounds_are_not_asked_for() -> None:
    store, table = recorded()
    since, until = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)

    assert list(store.newest_with_status([OrderStatus.FAILED], since, until, read=5)) == []

    assert table.asked == []


@pytest.mark.parametrize(
    "created_after",
    ["9999-12-31T23:59:59.999Z", "9000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
)
def test_the_ends_of_time_are_bounds_like_others(created_after: str) -> None:
    store, table = recorded()

    assert page(store, None, created_after, None, None).orders == []

    for asked in table.asked:
        assert_accepted(asked)


def test_a_customers_first_page_has_no_bound() -> None:
    store, table = recorded()

    customers_page(store, "c-1", None, None)

    (asked,) = table.asked
    assert asked["KeyConditionExpression"] == "#customerId = :customerId"
