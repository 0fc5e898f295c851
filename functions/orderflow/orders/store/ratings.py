"""Recording how well customers say that their lists were understood."""

from __future__ import annotations

from typing_extensions import override

from orderflow.errors import IllegalTransitionError
from orderflow.orders.lines import Rating
from orderflow.orders.model import Order
from orderflow.orders.ports import OrderRatings
from orderflow.orders.status import OrderStatus
from orderflow.orders.store.queries import StoredQueries
from orderflow.orders.store.table import to_item

_COMPLETED = OrderStatus.PAYMENT_COMPLETED


class StoredRatings(StoredQueries, OrderRatings):
    """A rating changes neither the status nor the version."""

    @override
    def record_rating(self, order_id: str, rating: Rating) -> Order:
        rated = self._change(
            order_id,
            "SET rating = :rating",
            "#status = :completed AND attribute_not_exists(rating)",
            {":rating": to_item(rating), ":completed": str(_COMPLETED)},
            names={"#status": "status"},
        )
        if rated is not None:
            return rated
        order = self.get(order_id)
        if order.rating is None:
            raise IllegalTransitionError(order_id, order.status, "rated")
        return order
