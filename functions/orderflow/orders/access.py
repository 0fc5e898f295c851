"""Who asks, and which orders are theirs to see."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.store import OrderStore

#: The user pool's group of operations staff.
OPERATIONS_GROUP: Final = "ops"

#: What an execution, and so an order, can be called; DynamoDB fails on some of the rest.
_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


@dataclass(frozen=True)
class Caller:
    """A signed-in user: their Cognito ``sub``, and the groups that their token names."""

    user_id: str
    groups: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_operator(self) -> bool:
        """Whether this is operations staff."""
        return OPERATIONS_GROUP in self.groups


def is_order_id(text: str) -> bool:
    """Whether an order may be called so at all."""
    return _ORDER_ID.fullmatch(text) is not None


def visible_order(store: OrderStore, caller: Caller, order_id: str) -> Order:
    """The order, if it is the caller's own, or the caller is operations staff.

    Raises:
        OrderNotFoundError: there is none; or it is another customer's, whose ids are not confirmed.
    """
    if not is_order_id(order_id):
        raise OrderNotFoundError(order_id)
    order = store.get(order_id)
    if order.customer_id != caller.user_id and not caller.is_operator:
        raise OrderNotFoundError(order_id)
    return order
