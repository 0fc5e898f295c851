"""The update of an order that subscribers get: the GraphQL type ``OrderUpdate``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from orderflow.api.views import order_view
from orderflow.clock import in_words
from orderflow.money import naira
from orderflow.orders.model import Order
from orderflow.orders.reversals import RefundState
from orderflow.orders.status import OrderStatus

_FROM_VIEW: Final = (
    "orderId", "status", "lines", "totalKobo", "currency", "updatedAt", "version",
    "paymentReceived", "cancelRequestedAt", "refundState",
)  # fmt: skip

_PROVIDER_OUT: Final = (
    "Payments are not available right now. Your order is safe: the payment link comes as soon as "
    "they are. You need not do anything."
)

_LOOKUP_OUT: Final = (
    "We can't look up your products at the moment. Your order is safe: we go on as soon as we can. "
    "You need not do anything."
)


_RECEIVED: Final = (
    "We have received your payment and are confirming it with our payment provider. You need not "
    "do anything."
)

_CANCELLING: Final = (
    "We are cancelling your order and ask our payment provider first whether it was paid. Please "
    "don't use its payment link any more."
)


_REFUND_WORDS: Final = {
    RefundState.BEING_GIVEN_BACK: "Money that you paid for this order is being given back.",
    RefundState.GIVEN_BACK: "Money that you paid for this order was given back.",
}


def order_update(order: Order) -> dict[str, Any]:
    """The order as JSON with GraphQL's names. Money is kobo, ``updatedAt`` ISO 8601 in UTC."""
    view = order_view(order)
    return {name: view[name] for name in _FROM_VIEW} | {
        "customerId": order.customer_id,
        "message": customer_message(order),
        # Before, there is no use for it; after, paying it would need a refund.
        "paymentLink": order.payment_link if order.can_be_paid else None,
        "correlationId": order.execution_name,
    }


def customer_message(order: Order) -> str:
    """The message about the order and its money for the customer, and what to do next."""
    message = _status_message(order)
    return f"{message} {_REFUND_WORDS[order.refund_state]}" if order.refund_state else message


def _status_message(order: Order) -> str:
    if order.has_received_payment and order.status is not OrderStatus.FAILED:
        return _RECEIVED
    if order.cancel_requested is not None and not order.is_closed:
        return _CANCELLING
    return _MESSAGES[order.status](order)


def _matched(order: Order) -> str:
    found = f"We found your products: {naira(order.total_kobo)} in total."
    missing = len(order.unmatched)
    if missing:
        found += f" {_lines(missing)} of your list could not be matched; see your order."
    return f"{found} Your payment link comes next."


def _awaiting_review(order: Order) -> str:
    asked = f"Please look your products over and confirm them: {naira(order.total_kobo)} in total."
    missing = len(order.unmatched)
    return f"{asked} {_lines(missing)} of your list could not be matched." if missing else asked


def _expired(order: Order) -> str:
    late = (
        "The payment link was not paid in time"
        if order.payment_reference
        else "The order was not confirmed in time"
    )
    return f"{late}, so this order has ended. To order after all, send your list again."


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _parked(order: Order) -> str:
    return _LOOKUP_OUT if order.is_parked_before_matching else _PROVIDER_OUT


def _payment_initiated(order: Order) -> str:
    asked = f"Please pay {naira(order.total_kobo)} with the payment link."
    validity = order.link_validity
    return asked if validity is None else f"{asked} It is valid for {in_words(validity)}."


def _payment_completed(order: Order) -> str:
    paid = f"Your order is paid: {naira(order.total_kobo)}. Thank you."
    if order.cancel_requested is None:
        return paid
    return f"{paid} The payment came before your cancellation; please ask us for a refund."


_MESSAGES: Final[Mapping[OrderStatus, Callable[[Order], str]]] = {
    OrderStatus.PENDING_MATCHING: lambda _: "We have your list and are looking for its products.",
    OrderStatus.MATCHED: _matched,
    OrderStatus.AWAITING_REVIEW: _awaiting_review,
    OrderStatus.PAYMENT_INITIATED: _payment_initiated,
    OrderStatus.PAYMENT_DELAYED: _parked,
    OrderStatus.NEEDS_ATTENTION: _parked,
    OrderStatus.PAYMENT_COMPLETED: _payment_completed,
    OrderStatus.EXPIRED: _expired,
    OrderStatus.CANCELLED: lambda _: (
        "This order is cancelled. Please don't use its payment link any more."
    ),
    OrderStatus.REJECTED: lambda order: (
        order.status_reason or "We can't fulfil this order. Please check your list and try again."
    ),
    OrderStatus.FAILED: lambda _: (
        "Something went wrong on our side. Our staff look into it; your order is not lost, and "
        "you need not do anything."
    ),
}
