"""Pages of orders, the newest first, each continued with an opaque token.

The token names the last order of a page, not a query's position: so a page may merge orders of
several statuses, and an order that changes its status in between is neither repeated nor left out.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Annotated, Final

from pydantic import StringConstraints, TypeAdapter, ValidationError

from orderflow.errors import BusinessRefusalError
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.records import Record, Timestamp

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 100

#: One order tells that there is another page, one that its millisecond holds no more.
READ_AHEAD: Final = 2

_timestamp: Final[TypeAdapter[datetime]] = TypeAdapter(Timestamp)


class InvalidRequestError(BusinessRefusalError):
    """An argument of a query is invalid; the message names it and a valid form."""


class _Position(Record, extra="forbid"):
    """The last order of a page."""

    created_at: Timestamp
    order_id: Annotated[str, StringConstraints(min_length=1, max_length=100)]


@dataclass(frozen=True)
class OrderPage:
    """One page. ``next_token`` leads to the next page; None on the last one."""

    orders: list[Order]
    next_token: str | None


def customers_page(
    store: Orders, customer_id: str, limit: int | None, token: str | None
) -> OrderPage:
    """One customer's orders.

    Args:
        store: the orders.
        customer_id: the customer.
        limit: at most so many, 1 to :data:`MAX_LIMIT`; None is :data:`DEFAULT_LIMIT`.
        token: the earlier page's ``next_token``.

    Raises:
        InvalidRequestError: the limit or the token can't be used.
    """
    wanted, after = _wanted(limit), _read(token)
    until = after.created_at if after else None
    found = store.newest_of_customer(customer_id, until, wanted + READ_AHEAD)
    return _page(found, wanted, after)


def page(
    store: Orders,
    status: OrderStatus | None,
    created_after: str | None,
    limit: int | None,
    token: str | None,
) -> OrderPage:
    """All customers' orders, of one status or of any.

    Args:
        store: the orders.
        status: their status; None for any.
        created_after: none that were created before this time (ISO 8601, with its time zone). The
            page is empty where it is later than all orders, or than the token's.
        limit: see :func:`customers_page`.
        token: see there.

    Raises:
        InvalidRequestError: the limit, the token or the time can't be used.
    """
    wanted, after = _wanted(limit), _read(token)
    until = after.created_at if after else None
    since = None if created_after is None else _utc(created_after)
    statuses = [status] if status else [*OrderStatus]
    found = store.newest_with_status(statuses, since, until, wanted + READ_AHEAD)
    return _page(found, wanted, after)


def _page(newest: Iterator[Order], limit: int, after: _Position | None) -> OrderPage:
    end = (after.created_at, after.order_id) if after else None
    rest = (order for order in strictly_ordered(newest) if end is None or position(order) < end)
    orders = list(islice(rest, limit))
    more = next(rest, None) is not None
    return OrderPage(orders, _token_after(orders[-1]) if more else None)


def position(order: Order) -> tuple[datetime, str]:
    """The place of an order among all, which its id settles within a millisecond."""
    return order.created_at, order.order_id


def strictly_ordered(orders: Iterator[Order]) -> Iterator[Order]:
    """Order by time and id, also orders that were created in the same millisecond."""
    for _, equals in groupby(orders, key=lambda order: order.created_at):
        yield from sorted(equals, key=position, reverse=True)


def _wanted(limit: int | None) -> int:
    if limit is None:
        return DEFAULT_LIMIT
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidRequestError(f"limit: please ask for 1 to {MAX_LIMIT} orders.")
    return limit


def _utc(time: str) -> datetime:
    try:
        return _timestamp.validate_python(time)
    except ValidationError:
        raise InvalidRequestError(
            "createdAfter: please send a time such as 2026-01-31T12:00:00Z."
        ) from None


def _token_after(order: Order) -> str:
    position = _Position(created_at=order.created_at, order_id=order.order_id)
    return base64.urlsafe_b64encode(position.model_dump_json(by_alias=True).encode()).decode()


def _read(token: str | None) -> _Position | None:
    if token is None:
        return None
    try:
        return _Position.model_validate_json(base64.b64decode(token, altchars=b"-_", validate=True))
    except ValueError as error:
        raise InvalidRequestError(
            "nextToken: please send the one of the page before, or none."
        ) from error
