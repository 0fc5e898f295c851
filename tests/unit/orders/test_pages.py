"""Pages of orders hold each order once, the newest first, whatever is asked for."""

from __future__ import annotations

import base64
import itertools
import json

import pytest

from orderflow.orders.model import Order
from orderflow.orders.pages import MAX_LIMIT, InvalidRequestError, OrderPage, customers_page, page
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from tests.support.factories import CUSTOMER_ID, an_order, stored

S = OrderStatus


def created(store: OrderStore, minute: int, **changes: object) -> Order:
    return stored(store, an_order(created_at=f"2026-01-31T12:{minute:02d}:00.000Z", **changes))


def ids(orders: list[Order]) -> list[str]:
    return [order.order_id for order in orders]


def all_of(store: OrderStore, limit: int) -> list[OrderPage]:
    """Each page of the customer's orders."""
    pages = [customers_page(store, CUSTOMER_ID, limit, None)]
    while pages[-1].next_token:
        pages.append(customers_page(store, CUSTOMER_ID, limit, pages[-1].next_token))
    return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_pages_add_up_to_all_of_a_customers_orders(store: OrderStore, limit: int) -> None:
    orders = [created(store, minute) for minute in (5, 4, 3, 2, 1)]
    created(store, 6, customer_id="another-customer")

    pages = all_of(store, limit)

    assert ids(list(itertools.chain(*(each.orders for each in pages)))) == ids(orders)
    assert all(len(each.orders) == limit for each in pages[:-1])


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_orders_of_the_same_millisecond_are_neither_lost_nor_repeated(
    store: OrderStore, limit: int
) -> None:
    same = {created(store, 1, status=status).order_id for status in (S.MATCHED, S.FAILED) * 3}

    found = [each for single in all_of(store, limit) for each in ids(single.orders)]

    assert len(found) == len(same)
    assert set(found) == same


def test_a_page_of_all_statuses_is_ordered_by_time(store: OrderStore) -> None:
    new = created(store, 3, status=S.MATCHED)
    old = created(store, 1, status=S.MATCHED)
    middle = created(store, 2, status=S.FAILED, customer_id="another-customer")

    first = page(store, None, None, 2, None)
    second = page(store, None, None, 2, first.next_token)

    assert ids(first.orders) == ids([new, middle])
    assert (ids(second.orders), second.next_token) == ([old.order_id], None)


def test_an_order_that_changes_its_status_between_two_pages_is_not_left_out(
    store: OrderStore,
) -> None:
    created(store, 2, status=S.MATCHED)
    waiting = created(store, 1, status=S.MATCHED)

    first = page(store, None, None, 1, None)
    store.cancel(waiting.order_id, "r", waiting.payment_reference)

    assert ids(page(store, None, None, 1, first.next_token).orders) == [waiting.order_id]


def test_a_status_and_a_time_narrow_it(store: OrderStore) -> None:
    created(store, 1, status=S.FAILED)
    wanted = created(store, 2, status=S.FAILED)
    created(store, 3, status=S.MATCHED)

    # The same moment, as a client elsewhere writes it.
    for since in ("2026-01-31T12:02:00Z", "2026-01-31T13:02:00.000+01:00"):
        assert ids(page(store, S.FAILED, since, None, None).orders) == [wanted.order_id]


@pytest.mark.parametrize(
    "created_after", ["2026-01-31T12:03:00Z", "2026-02-01T00:00:00Z", "9999-12-31T23:59:59.999Z"]
)
def test_a_time_later_than_the_tokens_gives_an_empty_page(
    store: OrderStore, created_after: str
) -> None:
    for minute in (3, 2, 1):
        created(store, minute, status=S.FAILED)
    token = page(store, S.FAILED, None, 2, None).next_token

    rest = page(store, S.FAILED, created_after, 2, token)

    assert (rest.orders, rest.next_token) == ([], None)


@pytest.mark.parametrize("year", ["0001", "0999"])
def test_a_time_long_ago_leaves_nothing_out(store: OrderStore, year: str) -> None:
    order = created(store, 1, status=S.FAILED)

    found = page(store, S.FAILED, f"{year}-01-01T00:00:00Z", None, None)

    assert ids(found.orders) == [order.order_id]


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1, 2**31 - 1])
def test_a_limit_out_of_bounds_is_refused(store: OrderStore, limit: int) -> None:
    with pytest.raises(InvalidRequestError, match="limit: please ask for 1 to 100"):
        customers_page(store, CUSTOMER_ID, limit, None)


@pytest.mark.parametrize(
    "time",
    [
        "yesterday", "", "2026-01-31", "2026-01-31T12:00:00", "\0", "10000-01-01T00:00:00Z",
        # In UTC they are in the years 10000 and 0.
        "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    ],
)  # fmt: skip
def test_a_time_that_is_none_is_refused(store: OrderStore, time: str) -> None:
    with pytest.raises(InvalidRequestError, match="createdAfter"):
        page(store, None, time, None, None)


def token(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "ü",
        "Zm9v",
        token([]),
        token({"createdAt": "2026-01-31T12:00:00.000Z"}),
        token({"createdAt": "2026-01-31T12:00:00.000Z", "orderId": ""}),
        token({"createdAt": "Z" * 5_000, "orderId": "o"}),
        token({"createdAt": "2026-01-31T12:00:00.000Z", "orderId": "o", "customerId": "c"}),
    ],
)
def test_a_forged_token_is_refused(store: OrderStore, forged: str) -> None:
    with pytest.raises(InvalidRequestError, match="nextToken"):
        customers_page(store, CUSTOMER_ID, None, forged)


def test_another_customers_token_leads_to_none_of_their_orders(store: OrderStore) -> None:
    for minute in (3, 2):
        created(store, minute, customer_id="another-customer")
    own = created(store, 1)
    theirs = customers_page(store, "another-customer", 1, None).next_token

    assert ids(customers_page(store, CUSTOMER_ID, None, theirs).orders) == [own.order_id]
