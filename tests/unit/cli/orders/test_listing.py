"""``orders list``: by status, customer and time, in pages, counted; and abbreviated ids."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderflow.orders.model import Order
from orderflow.orders.store import OrderStore
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import Deployment
from scripts.cli.durations import parse_moment
from scripts.inspection.order_ids import full_id
from scripts.inspection.orders import customer_id
from tests.support.factories import an_order, stored
from tests.unit.cli.conftest import Orders

NOW = datetime.now(UTC)

pytestmark = pytest.mark.usefixtures("operated")


def an_order_of(minutes_ago: int, **changes: Any) -> Order:
    created = NOW - timedelta(minutes=minutes_ago)
    return an_order(created_at=created, **changes)


@pytest.fixture
def six(store: OrderStore) -> list[Order]:
    """Six orders, the newest first; two of them have the same time."""
    minutes = (1, 2, 3, 3, 4, 5)
    orders = [stored(store, an_order_of(each, customer_id="ada")) for each in minutes]
    return sorted(orders, key=lambda each: (each.created_at, each.order_id), reverse=True)


def ids(shown: str) -> list[str]:
    return [each["orderId"] for each in json.loads(shown)["orders"]]


def test_pages_follow_each_other_without_gaps(orders: Orders, six: list[Order]) -> None:
    expected = [order.order_id for order in six]
    for size in (1, 2, 4):
        found: list[str] = []
        after: list[str] = []
        while page := ids(orders("list", "--json", "--limit", str(size), *after).stdout):
            found += page
            after = ["--after", page[-1]]
        assert found == expected


def test_a_page_says_that_there_is_another_and_how_to_get_it(
    orders: Orders, six: list[Order]
) -> None:
    first = orders("list", "--limit", "4")
    rest = orders("list", "--limit", "4", "--after", six[3].order_id[:8])

    assert f"--after {six[3].order_id[:8]} shows the next page" in first.stderr
    assert "There are more" not in rest.stderr
    assert "Read 2 items." in rest.stderr


def test_a_page_as_json_says_where_the_next_one_begins(orders: Orders, six: list[Order]) -> None:
    page, after = ["--limit", "4", "--json"], six[3].order_id
    first = json.loads(orders("list", *page).stdout)
    rest = json.loads(orders("list", *page, "--after", after).stdout)

    assert (first["after"], rest["after"]) == (after, None)
    assert ids(json.dumps(first)) + ids(json.dumps(rest)) == [each.order_id for each in six]


@pytest.mark.parametrize("status", ["payment_initiated", "PAYMENT_INITIATED", "Payment-Initiated"])
def test_a_status_may_be_written_in_any_case(
    orders: Orders, six: list[Order], store: OrderStore, status: str
) -> None:
    stored(store, an_order(status="EXPIRED"))

    assert len(ids(orders("list", "--status", status, "--json").stdout)) == 6


def test_several_statuses_are_merged(orders: Orders, store: OrderStore) -> None:
    for status in ("EXPIRED", "FAILED", "MATCHED"):
        stored(store, an_order(status=status))

    shown = orders("list", "--status", "expired", "--status", "failed", "--json").stdout

    assert {each["status"] for each in json.loads(shown)["orders"]} == {"EXPIRED", "FAILED"}


def test_since_and_until_bound_the_time(orders: Orders, six: list[Order]) -> None:
    early, late = ((NOW - timedelta(minutes=each)).isoformat() for each in (4.5, 2.5))

    assert len(ids(orders("list", "--since", early, "--json").stdout)) == 5
    assert len(ids(orders("list", "--until", late, "--json").stdout)) == 4
    assert len(ids(orders("list", "--since", early, "--until", late, "--json").stdout)) == 3
    assert len(ids(orders("list", "--since", "3d", "--json").stdout)) == 6


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00+01:00", datetime(2026, 1, 31, 11, tzinfo=UTC)),
    ],
)
def test_a_moment_without_a_zone_is_utc(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment


def test_a_wrong_time_is_refused(orders: Orders) -> None:
    result = orders("list", "--since", "yesterday")

    assert result.exit_code == 2
    assert "neither a time ago" in " ".join(result.stderr.split())


def test_a_customers_orders_alone(orders: Orders, six: list[Order], store: OrderStore) -> None:
    stored(store, an_order(customer_id="kemi", status="EXPIRED"))

    assert len(ids(orders("list", "--customer", "ada", "--json").stdout)) == 6
    kemi = orders("list", "--customer", "kemi", "--status", "expired", "--json").stdout
    assert len(ids(kemi)) == 1
    assert ids(orders("list", "--customer", "kemi", "--status", "failed", "--json").stdout) == []


def test_a_customer_is_found_by_the_accounts_address(
    operated: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cognito:
        def list_users(self, **asked: Any) -> dict[str, Any]:
            assert asked["UserPoolId"] == operated.outputs["UserPoolId"]
            attributes = [{"Name": "email", "Value": "-"}, {"Name": "sub", "Value": "ada"}]
            found = asked["Filter"] == 'email = "ada@mail.example"'
            return {"Users": [{"Attributes": attributes}] if found else []}

    monkeypatch.setattr(Deployment, "client", lambda *_: Cognito())

    assert customer_id(operated, "ada@mail.example") == "ada"
    assert customer_id(operated, "a-sub") == "a-sub"
    for text, code in (("kemi@mail.example", ExitCode.NOT_FOUND), ('a"@b.example', 2)):
        with pytest.raises(CommandError) as refusal:
            customer_id(operated, text)
        assert refusal.value.code == code


def test_orders_are_counted_by_status(orders: Orders, six: list[Order], store: OrderStore) -> None:
    stored(store, an_order(status="FAILED"))

    counted = json.loads(orders("list", "--count", "--json").stdout)
    since = (NOW - timedelta(minutes=2.5)).isoformat()
    recent = json.loads(orders("list", "--count", "--since", since, "--json").stdout)
    customers = json.loads(orders("list", "--count", "--customer", "ada", "--json").stdout)
    table = orders("list", "--count", "--status", "failed").stdout

    assert (counted["PAYMENT_INITIATED"], counted["FAILED"], counted["MATCHED"]) == (6, 1, 0)
    assert (recent["PAYMENT_INITIATED"], recent["FAILED"]) == (2, 1)
    assert (customers["PAYMENT_INITIATED"], customers["FAILED"]) == (6, 0)
    assert table.split() == ["Status", "Orders", "FAILED", "1"]


def test_a_watched_list_is_refreshed_until_it_is_interrupted(
    orders: Orders, six: list[Order], store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = an_order()

    def pause(_: float) -> None:
        if new.order_id in orders("list").stdout:
            raise KeyboardInterrupt
        stored(store, new)

    monkeypatch.setattr("scripts.cli.orders.listing.time.sleep", pause)

    result = orders("list", "--watch")

    assert result.exit_code == ExitCode.INTERRUPTED
    assert new.order_id in result.stdout
    assert orders("list", "--watch", "--json").exit_code == 2


def test_an_id_may_be_abbreviated_everywhere(orders: Orders, six: list[Order]) -> None:
    order_id = six[2].order_id

    shown = json.loads(orders("cancel", order_id[:10].upper(), "--reason", "x", "--json").stdout)

    assert shown["orderId"] == order_id


def test_an_ambiguous_beginning_is_refused_with_the_orders(
    orders: Orders, store: OrderStore
) -> None:
    for last in "12":
        stored(store, an_order(order_id=f"6cfc66f5-831a-516e-a74e-25ff7eca99a{last}"))

    result = orders("show", "6cfc66f5")

    assert result.exit_code == ExitCode.REFUSED
    for last in "12":
        assert f"6cfc66f5-831a-516e-a74e-25ff7eca99a{last}" in result.stderr


@pytest.mark.parametrize("text", ["00000000", "0000"])
def test_an_unknown_beginning_is_not_found(orders: Orders, six: list[Order], text: str) -> None:
    result = orders("show", text)

    assert result.exit_code == ExitCode.NOT_FOUND
    assert f"begins with {text}." in result.stderr


@pytest.mark.parametrize("text", ["6cf", "order-1", "6cfc66f5-831a-516e-a74e-25ff7eca99a0"])
def test_what_is_no_abbreviation_is_taken_as_it_stands(
    store: OrderStore, orders_table: Any, text: str
) -> None:
    assert full_id(store, text) == text


def test_more_orders_than_are_named_say_so(orders: Orders, store: OrderStore) -> None:
    for last in range(9):
        stored(store, an_order(order_id=f"6cfc66f5-831a-516e-a74e-25ff7eca99a{last}"))

    result = orders("show", "6cfc")

    assert result.exit_code == ExitCode.REFUSED
    assert "More than 5 orders' ids begin with 6cfc" in result.stderr
