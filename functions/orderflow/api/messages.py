"""What an order and its money mean to the customer, in words to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from orderflow.clock import in_words
from orderflow.money import amount_in_words, naira
from orderflow.orders.model import Order
from orderflow.orders.reversals import CurrencyAmount, RefundState
from orderflow.orders.status import OrderStatus

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


def customer_message(order: Order) -> str:
    """The message about the order and its money for the customer, and what to do next."""
    money = _refund_message(order)
    return " ".join(filter(None, (_status_message(order), money, _link_warning(order, money))))


def _refund_message(order: Order) -> str:
    match order.refund_state:
        case RefundState.BEING_GIVEN_BACK:
            amount = _in_words(order.amount_being_given_back)
            if order.is_closed and order.payment is None and order.due_refunds:
                return f"We received {amount} and will give it back."
            return f"{amount} that you paid for this order is being given back."
        case RefundState.GIVEN_BACK:
            return (
                f"{_in_words(order.amount_given_back)} that you paid for this order was given back."
            )
    return ""


def _in_words(amount: CurrencyAmount) -> str:
    return amount_in_words(amount.currency, amount.minor)


def _link_warning(order: Order, money: str) -> str:
    """PayStack takes money on a link of an order that has ended: links can't be withdrawn."""
    if not order.is_closed or order.payment is not None or order.payment_reference is None:
        return ""
    if money:
        return "Please don't use its payment link again."
    return "Its payment link can still take money: please don't use it. We give back what comes."


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
    OrderStatus.CANCELLED: lambda _: "This order is cancelled.",
    OrderStatus.REJECTED: lambda order: (
        order.status_reason or "We can't fulfil this order. Please check your list and try again."
    ),
    OrderStatus.FAILED: lambda _: (
        "Something went wrong on our side. Our staff look into it; your order is not lost, and "
        "you need not do anything."
    ),
}
