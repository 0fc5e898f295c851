"""What customers may do with their orders, and the refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field, ValidationError

from orderflow.clock import Clock, utc_now
from orderflow.errors import BusinessRefusalError, IllegalTransitionError
from orderflow.orders.access import Caller, visible_order
from orderflow.orders.cancellation import cancel
from orderflow.orders.lines import Rating, Understanding
from orderflow.orders.model import Order
from orderflow.orders.pages import InvalidRequestError
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.records import Model

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_S = OrderStatus

_PAID: Final = "The order is paid."
_CANCELLING: Final = (
    "The order is being cancelled: we ask the payment provider first. Please don't pay it."
)
_NO_LINK: Final = {
    _S.PENDING_MATCHING: "The order has no link yet: it is on its way.",
    _S.MATCHED: "The order has no link yet: it is on its way.",
    _S.AWAITING_REVIEW: "The order has no link yet: please confirm it first.",
    _S.PAYMENT_DELAYED: "The payment provider is out; the link follows by itself.",
    _S.NEEDS_ATTENTION: "The payment provider is out; the link follows by itself.",
    _S.PAYMENT_COMPLETED: _PAID,
    _S.EXPIRED: "The link has expired. Please send the list again.",
    _S.CANCELLED: "The order was cancelled.",
    _S.REJECTED: "The order was rejected; its statusReason says why.",
    _S.FAILED: "Something went wrong on our side; we are looking into it.",
}
_NOT_LOOKED_UP: Final = "We can't look up the products at the moment; the link follows by itself."
_NOT_TO_BE_CANCELLED: Final = {
    _S.PAYMENT_COMPLETED: "The order is paid already. Please ask us for a refund.",
    _S.EXPIRED: "The order has expired.",
    _S.REJECTED: "The order was rejected.",
}

CANCELLED_BY_CUSTOMER: Final = "You cancelled the order."
CANCELLED_BY_OPERATIONS: Final = "We cancelled the order."


class NoPaymentLinkError(BusinessRefusalError):
    """The order has no link that can be paid now."""


class OrderCannotBeCancelledError(BusinessRefusalError):
    """The order has ended or is paid."""


class OrderCannotBeRatedError(BusinessRefusalError):
    """The order is not paid."""


class _GivenRating(Model, extra="forbid"):
    """The input of ``rateOrder``."""

    understood: Understanding
    wrong_lines: list[int] = Field(default_factory=list, alias="wrongLines")


def order_to_pay(store: Orders, caller: Caller, order_id: str) -> Order:
    """An order whose ``payment_link`` can be paid now.

    Raises:
        OrderNotFoundError: see :func:`~orderflow.orders.access.visible_order`.
        NoPaymentLinkError: the message says what the customer can do.
    """
    order = visible_order(store, caller, order_id)
    if order.payment is not None:
        raise NoPaymentLinkError(_PAID)
    if order.cancel_requested is not None and not order.is_closed:
        raise NoPaymentLinkError(_CANCELLING)
    if order.status is not OrderStatus.PAYMENT_INITIATED:
        waits = order.is_parked_before_matching
        raise NoPaymentLinkError(_NOT_LOOKED_UP if waits else _NO_LINK[order.status])
    return order


def cancel_order(store: Orders, sfn: SFNClient, caller: Caller, order_id: str) -> Order:
    """Cancel an order that is not paid, or record the wish. Another call changes nothing.

    Returns:
        The order, CANCELLED or with ``cancel_requested``: see
        :func:`~orderflow.orders.cancellation.cancel`.

    Raises:
        OrderNotFoundError: see :func:`~orderflow.orders.access.visible_order`.
        OrderCannotBeCancelledError: the message says why.
        ProviderUnavailableError: the order is changed; its execution may still run. Try again.
    """
    own = visible_order(store, caller, order_id).customer_id == caller.user_id
    reason = CANCELLED_BY_CUSTOMER if own else CANCELLED_BY_OPERATIONS
    try:
        return cancel(order_id, store, sfn, reason, by="customer" if own else "operations")
    except IllegalTransitionError as refusal:
        # In a status that can be cancelled, a payment has prevented it.
        paid = _NOT_TO_BE_CANCELLED[OrderStatus.PAYMENT_COMPLETED]
        message = _NOT_TO_BE_CANCELLED.get(OrderStatus(refusal.status), paid)
        raise OrderCannotBeCancelledError(message) from refusal


def rate_order(
    store: Orders, caller: Caller, order_id: str, given: Mapping[str, Any], clock: Clock = utc_now
) -> Order:
    """Record how well a customer's paid list was understood. The first answer stays.

    Args:
        store: the orders.
        caller: the order's customer; operations staff don't answer for customers.
        order_id: the order.
        given: ``understood`` (of :class:`~orderflow.orders.lines.Understanding`) and, optionally,
            ``wrongLines``: the numbers of the lines that are wrong, from 0.
        clock: the time of the answer.

    Raises:
        OrderNotFoundError: there is none, or it is another customer's.
        InvalidRequestError: there is no such answer, or no such line.
        OrderCannotBeRatedError: the order is not paid.
    """
    order = visible_order(store, Caller(caller.user_id), order_id)
    try:
        rating = _GivenRating.model_validate(given)
    except ValidationError:
        raise InvalidRequestError(
            "input: please send understood (WELL, PARTLY or BADLY) and numbers of lines."
        ) from None
    wrong = sorted(set(rating.wrong_lines))
    if wrong and not (wrong[0] >= 0 and wrong[-1] < len(order.lines)):
        raise InvalidRequestError(f"wrongLines: the order has lines 0 to {len(order.lines) - 1}.")
    kept = Rating(understood=rating.understood, wrong_lines=wrong, at=clock())
    try:
        return store.record_rating(order_id, kept)
    except IllegalTransitionError as refusal:
        raise OrderCannotBeRatedError("Only an order that is paid can be rated.") from refusal
