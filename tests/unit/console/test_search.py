"""The search finds orders by what an operator has in hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderflow.clock import utc_now
from orderflow.orders.model import Failure
from orderflow.orders.store import OrderStore
from scripts.cli.console import CommandError
from scripts.cli.deployment import Deployment
from scripts.console.search import MAX_SHOWN, Query, Search
from scripts.console.stage import ConsoleStage, counted_reads
from tests.support.factories import a_matched_order, an_order, stored

ANOTHER = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def search(operated: Deployment) -> Any:
    stage = ConsoleStage.of(operated)

    def ids(q: str = "", status: str = "", since: str = "") -> list[str]:
        with counted_reads() as reads:
            found = Search(stage).view(Query.of(q, status, since), reads)
        return [order["orderId"] for order in found["orders"]]

    return ids


def test_an_order_is_found_by_its_id_its_beginning_and_its_payment(
    search: Any, store: OrderStore
) -> None:
    order, _ = stored(store, an_order()), stored(store, an_order())

    for text in (order.order_id, order.order_id[:8], f" {order.order_id.upper()} ",
                 order.payment_reference):  # fmt: skip
        assert search(text) == [order.order_id]


def test_a_customer_is_found_by_id_and_by_address(
    search: Any, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, _ = stored(store, an_order(customer_id=ANOTHER)), stored(store, an_order())
    asked: list[str] = []

    class Pool:
        def list_users(self, **request: Any) -> Any:
            asked.append(request["Filter"])
            return {"Users": [{"Attributes": [{"Name": "sub", "Value": ANOTHER}]}]}

    assert search(ANOTHER) == [order.order_id]
    monkeypatch.setattr(ConsoleStage, "client", lambda *_: Pool())
    assert search('Ada"@mail.example') == [order.order_id]
    assert asked == ['email = "ada\\"@mail.example"']


def test_orders_are_found_by_status_time_and_error(search: Any, store: OrderStore) -> None:
    failure = Failure(error="KeyError", state="MatchProducts", execution_arn="a", at=utc_now())
    broken = stored(store, a_matched_order(status="FAILED", failure=failure))
    old = stored(store, an_order(created_at=utc_now() - timedelta(days=2)))

    assert search("keyerror") == [broken.order_id]
    assert search(status="failed") == [broken.order_id]
    assert search(since="1d") == [broken.order_id]
    assert search() == [broken.order_id, old.order_id]
    assert search("no such error") == []
    assert search(old.order_id, status="FAILED") == []


@pytest.mark.parametrize("fields", [{"status": "LOST"}, {"since": "soon"}])
def test_unknown_fields_are_refused(search: Any, fields: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="Search by a status"):
        search(**fields)


def test_a_beginning_of_no_order_is_explained(search: Any, orders_table: Any) -> None:
    with pytest.raises(CommandError, match="no order whose id begins with abcd"):
        search("abcd")


def test_what_is_shown_is_bounded_and_says_so(operated: Deployment, store: OrderStore) -> None:
    for _ in range(MAX_SHOWN + 1):
        stored(store, an_order())

    with counted_reads() as reads:
        found = Search(ConsoleStage.of(operated)).view(Query(), reads)

    assert len(found["orders"]) == MAX_SHOWN
    assert reads.limits == [f"the first {MAX_SHOWN} orders are shown"]
    assert reads.records >= MAX_SHOWN
