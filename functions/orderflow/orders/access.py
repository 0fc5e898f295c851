"""The callers of the API, and which orders they may see."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders

#: The user pool's group of operations staff.
OPERATIONS_GROUP: Final = "ops"

#: The user pool's group of the canary, whose orders are synthetic. Operators alone put an account
#: into a group, so no customer can hide an order from the figures.
CANARY_GROUP: Final = "canary"

#: Valid names of executions, which order ids are. DynamoDB fails on some other texts.
_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


@dataclass(frozen=True)
class Caller:
    """A signed-in user: the Cognito ``sub`` and the groups in the token."""

    user_id: str
    groups: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_operator(self) -> bool:
        """Whether the caller is operations staff."""
        return OPERATIONS_GROUP in self.groups

    @property
    def is_synthetic(self) -> bool:
        """Whether the caller is the canary: its orders are kept out of the business figures."""
        return CANARY_GROUP in self.groups

    def may_see(self, order: Order) -> bool:
        """Whether the order is the caller's own, or the caller is operations staff."""
        return self.is_operator or order.customer_id == self.user_id


def is_order_id(text: str) -> bool:
    """Whether the text has the form of an order id."""
    return _ORDER_ID.fullmatch(text) is not None


def visible_order(store: Orders, caller: Caller, order_id: str) -> Order:
    """The order, if the caller may see it.

    Raises:
        OrderNotFoundError: there is none, or the caller may not see it. Both look alike, so that
            callers can't find out which ids exist.
    """
    if not is_order_id(order_id):
        raise OrderNotFoundError(order_id)
    order = store.get(order_id)
    if not caller.may_see(order):
        raise OrderNotFoundError(order_id)
    return order
