"""Edits and confirms orders that their customers review, each once and as they were seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from orderflow.catalog.product import Product
from orderflow.errors import (
    BusinessRefusalError,
    IllegalTransitionError,
    OrderNotFoundError,
    ProviderUnavailableError,
)
from orderflow.orders.access import Caller, visible_order
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.platform.aws_errors import outages_as
from orderflow.review.edits import Edit
from orderflow.workflow.task_tokens import answer

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_CHANGED: Final = "The order has changed since you looked at it. Please look at it again."
_NOT_IN_REVIEW: Final = {
    OrderStatus.PENDING_MATCHING: "We are still looking for the products.",
    OrderStatus.EXPIRED: "The time to confirm the order is over. Please send the list again.",
    OrderStatus.CANCELLED: "The order was cancelled.",
    OrderStatus.REJECTED: "The order was rejected; its statusReason says why.",
    OrderStatus.FAILED: "Something went wrong on our side; we are looking into it.",
}
_NOT_TO_CHANGE: Final = "The order can't be changed any more; it can be cancelled until it is paid."


class OrderNotInReviewError(BusinessRefusalError):
    """The order does not wait for its customer's review."""


class OrderChangedError(BusinessRefusalError):
    """The order is not as the customer saw it."""


@dataclass(frozen=True)
class Reviews:
    """What customers do with the orders that they review.

    Attributes:
        store: the orders.
        products: the named products as they are now; unknown ones are left out.
        sfn: Step Functions.
    """

    store: Orders
    products: Callable[[Iterable[str]], Mapping[str, Product]]
    sfn: SFNClient

    def edit(self, caller: Caller, edit: Edit) -> Order:
        """Change an order's lines; the total follows. Doing it again changes nothing.

        Raises:
            OrderNotFoundError: the caller has no such order.
            OrderNotInReviewError: the order is not AWAITING_REVIEW.
            OrderChangedError: its version is another one.
            InvalidOrder: the message says what to change.
            StoreUnavailable: the order may be unchanged; try again.
        """
        order = self._own(caller, edit.order_id)
        if edit.digest in (order.review_edits or ()):
            return order
        if not _is_in_review(order, edit.version):
            raise _refusal(order)
        products = self.products(edit.product_ids) if edit.product_ids else {}
        lines, unmatched = edit.apply(order, products)
        changed = self.store.record_edit(order, lines, unmatched, edit.digest)
        if changed is not None:
            return changed
        order = self.store.get(edit.order_id)
        if edit.digest not in (order.review_edits or ()):
            raise _refusal(order)
        return order

    def confirm(self, caller: Caller, order_id: str, version: int) -> Order:
        """Confirm an order as it was seen, so that its link is made.

        Doing it again changes nothing; an execution that missed it goes on.

        Raises:
            OrderNotFoundError: the caller has no such order.
            OrderNotInReviewError: the order is not AWAITING_REVIEW.
            OrderChangedError: its version is another one.
            StoreUnavailable: the order may be unchanged; try again.
            ProviderUnavailableError: it is confirmed; its execution may still wait. Try again.
        """
        order = self._own(caller, order_id)
        if order.confirmed_version != version:
            if not _is_in_review(order, version):
                raise _refusal(order)
            order = self._confirmed(order)
        if order.review_token is not None:
            with outages_as(ProviderUnavailableError, "Step Functions"):
                answer(self.sfn, order.review_token, {"orderId": order_id})
        return order

    def _confirmed(self, seen: Order) -> Order:
        try:
            return self.store.confirm_review(seen)
        except IllegalTransitionError as error:
            order = self.store.get(seen.order_id)
            if order.confirmed_version != seen.version:
                raise _refusal(order) from error
            return order

    def _own(self, caller: Caller, order_id: str) -> Order:
        """The caller's own order: staff see others' orders, and change none."""
        order = visible_order(self.store, caller, order_id)
        if order.customer_id != caller.user_id:
            raise OrderNotFoundError(order_id)
        return order


def _is_in_review(order: Order, version: int) -> bool:
    return order.status is OrderStatus.AWAITING_REVIEW and order.version == version


def _refusal(order: Order) -> BusinessRefusalError:
    if order.status is OrderStatus.AWAITING_REVIEW:
        return OrderChangedError(_CHANGED)
    return OrderNotInReviewError(_NOT_IN_REVIEW.get(order.status, _NOT_TO_CHANGE))
