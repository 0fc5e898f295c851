"""An order's payment link."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Final, Protocol

from orderflow.clock import Clock, utc_now
from orderflow.errors import (
    DuplicateReferenceError,
    OrderflowError,
    OrderToBeCancelled,
)
from orderflow.orders.model import LinkTimes, Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.paystack import (
    PaymentLink,
    Transaction,
)

#: Each lost answer uses up one reference. More than this in one call means another fault.
MAX_REFERENCES_A_CALL: Final = 5


class LinkMaker(Protocol):
    """The part of :class:`~orderflow.payments.paystack.PaystackClient` that makes links."""

    def initialize(self, transaction: Transaction) -> PaymentLink:
        """Create the transaction and return its link."""


def link_wanted_since(order: Order) -> datetime:
    """Since when the customer waits for the link: the order, or its confirmation after a review."""
    history = order.history
    confirmed = (
        after.at
        for before, after in pairwise(history)
        if (before.status, after.status) == (OrderStatus.AWAITING_REVIEW, OrderStatus.MATCHED)
    )
    return max(confirmed, default=order.created_at)


class ReferencesUsedUpError(OrderflowError):
    """PayStack knows every reference that was tried for an order."""


def reference_of(order: Order, attempt: int) -> str:
    """PayStack's reference of the order's transaction of this number, counted from 1."""
    return f"{order.order_id}-{attempt}"


def unpaid_references(order: Order) -> list[str]:
    """The references under which no money is known to have come in, the present one last.

    Money counts as known once it is the order's payment, or operations were alerted to it. A link
    that was replaced goes on taking money on PayStack's page.
    """
    known = {each.reference for each in order.refunds_due if each.notified_at is not None}
    if order.payment is not None:
        known.add(order.payment.reference)
    references = (reference_of(order, attempt) for attempt in range(1, order.payment_attempts + 1))
    return [each for each in references if each not in known]


def ensure_payment_link(
    order_id: str,
    store: Orders,
    paystack: LinkMaker,
    inquiry: PaymentInquiry,
    callback_url: str | None = None,
    *,
    times: LinkTimes,
    clock: Clock = utc_now,
) -> Order:
    """Give the order a payment link, unless it is paid or has one that is still valid.

    The reference is ``<orderId>-<n>``. If PayStack knows it already, an earlier answer was lost
    before it was recorded. No customer has seen that link, so the next n is used.

    A link that has ended may have been paid, and its webhook lost. So PayStack is asked about it
    before another one replaces it, or a refusal of another one ends the order.

    Args:
        order_id: the order.
        store: the orders.
        paystack: makes links.
        inquiry: asks about links.
        callback_url: where the checkout sends the customer afterwards.
        times: the times of the link's life.
        clock: the present time.

    Raises:
        OrderAlreadyClosed: the order has ended.
        OrderToBeCancelled: the order has had a link, and its cancellation is wished.
        PaymentRefused: PayStack refuses the transaction.
        PaymentUnsettled: PayStack does not know yet whether the link that has ended is paid.
        PaystackUnavailable: see :meth:`~orderflow.payments.paystack.PaystackClient.initialize`.
    """
    order = store.get(order_id)
    order.refuse_if_closed()
    asked_at = clock()
    if order.cancel_requested is not None and order.payment is None:
        raise OrderToBeCancelled(order.cancel_requested.reason)
    if order.payment is None and not order.has_valid_link(asked_at, times.reuse_margin):
        order = inquiry.ask(order)
        order.refuse_if_closed()
    if order.payment is not None or order.has_valid_link(asked_at, times.reuse_margin):
        # The customer may have seen this link, so a payment of it must find its order. If the order
        # was parked or had failed, it continues from here.
        opened = order.status is OrderStatus.PAYMENT_INITIATED
        return order if opened else store.reopen_link(order_id)
    link, attempts = _new_link(order, paystack, callback_url)
    return store.record_link(
        order_id,
        link=link.authorization_url,
        reference=link.reference,
        attempts=attempts,
        expires_at=asked_at + times.validity,
        check_at=asked_at + times.check_after,
    )


def _new_link(
    order: Order, paystack: LinkMaker, callback_url: str | None
) -> tuple[PaymentLink, int]:
    first = order.payment_attempts + 1
    for attempt in range(first, first + MAX_REFERENCES_A_CALL):
        try:
            link = paystack.initialize(
                Transaction(
                    email=order.customer_email,
                    amount_kobo=order.total_kobo,
                    currency=order.currency,
                    reference=reference_of(order, attempt),
                    metadata={"orderId": order.order_id},
                    callback_url=callback_url,
                )
            )
        except DuplicateReferenceError:
            continue
        return link, attempt
    raise ReferencesUsedUpError(
        f"PayStack knows the references {first} to {first + MAX_REFERENCES_A_CALL - 1} "
        f"of order {order.order_id} already"
    )
