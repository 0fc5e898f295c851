"""What the canary does as a signed-in customer, by the GraphQL API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final

from orderflow.canary.updates import Updates
from orderflow.orders.status import CLOSED

_SUBMIT: Final = """
mutation Submit($input: SubmitGroceryListInput!) { submitGroceryList(input: $input) { orderId } }
"""
_GET: Final = "query Get($id: ID!) { getOrder(orderId: $id) { orderId status paymentLink } }"
_CANCEL: Final = "mutation Cancel($id: ID!) { cancelOrder(orderId: $id) { orderId } }"
_MINE: Final = "{ myOrders(limit: 20) { items { orderId status createdAt } } }"

Execute = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class CanaryCustomer:
    """A signed-in customer.

    Args:
        execute: runs an operation of the API (query, variables) as the customer; the data.
        follow: opens the updates of the customer's orders. See
            :func:`~orderflow.canary.updates.follow`.

    Every method raises :class:`~orderflow.errors.ApiUnavailable` and
    :class:`~orderflow.errors.ApiRefusedError`.
    """

    def __init__(
        self, execute: Execute, follow: Callable[[], AbstractContextManager[Updates]]
    ) -> None:
        self._execute = execute
        self.follow = follow

    def submit(self, grocery_list: str, *, review: bool) -> str:
        """Send a list; ``review`` has the order wait for the customer before its link. The id."""
        given = {"groceryList": grocery_list, "review": review}
        answer = self._execute(_SUBMIT, {"input": given})
        return str(answer["submitGroceryList"]["orderId"])

    def order(self, order_id: str) -> Mapping[str, Any]:
        """The order's ``status`` and ``paymentLink``."""
        found: Mapping[str, Any] = self._execute(_GET, {"id": order_id})["getOrder"]
        return found

    def cancel(self, order_id: str) -> None:
        """Cancel an order that is not paid."""
        self._execute(_CANCEL, {"id": order_id})

    def left_open(self, before: datetime) -> list[str]:
        """The ids of own orders from before a time that have not ended, of the newest 20."""
        items = self._execute(_MINE, {})["myOrders"]["items"]
        return [
            str(each["orderId"])
            for each in items
            if each["status"] not in CLOSED and datetime.fromisoformat(each["createdAt"]) < before
        ]
