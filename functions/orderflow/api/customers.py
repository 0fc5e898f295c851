"""What customers may do with their orders, and the refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orderflow.errors import BusinessRefusalError, IllegalTransitionError
from orderflow.orders.access import Caller, visible_order
from orderflow.orders.cancellation import cancel
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus

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
