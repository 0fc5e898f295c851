"""An order's payment: its link, and settling what PayStack's webhook reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from orderflow.clock import iso
from orderflow.errors import (
    DuplicateReferenceError,
    OrderflowError,
)
from orderflow.orders.model import Order, refuse_closed
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.payments.paystack import (
    LINK_VALIDITY,
    PaymentLink,
    Transaction,
)

#: Each lost answer costs one reference; more than this in one go means something else is wrong.
MAX_REFERENCES_A_CALL: Final = 5


#: A link that is about to end is not handed out again.
REUSE_MARGIN: Final = timedelta(minutes=5)


class LinkMaker(Protocol):
    """The part of :class:`~orderflow.payments.paystack.PaystackClient` that making a link takes."""

    def initialize(self, transaction: Transaction) -> PaymentLink:
        """Create the transaction and return its link."""


class ReferencesUsedUpError(OrderflowError):
    """PayStack knows every reference that was tried for an order."""


def ensure_payment_link(
    order_id: str, store: OrderStore, paystack: LinkMaker, callback_url: str | None = None
) -> Order:
    """Give the order a payment link, unless it is paid or has one that is still valid.

    The reference is ``<orderId>-<n>``. Where PayStack already knows it, an earlier answer was lost
    before we could write it down (nobody has seen that link), so the next n is taken.

    Raises:
        OrderAlreadyClosed: the order has ended.
        PaymentRefused: PayStack refuses the transaction.
        PaystackUnavailable: see :meth:`~orderflow.payments.paystack.PaystackClient.initialize`.
    """
    order = store.get(order_id)
    refuse_closed(order)
    if order.payment is not None or _has_valid_link(order):
        # The customer may have seen this link: another one would orphan its payment. And who has
        # paid it while the order was parked or had failed is not to be left there.
        opened = order.status is OrderStatus.PAYMENT_INITIATED
        return order if opened else store.reopen_link(order_id)
    asked_at = datetime.now(UTC)
    link, attempts = _new_link(order, paystack, callback_url)
    return store.record_link(
        order_id,
        link=link.authorization_url,
        reference=link.reference,
        attempts=attempts,
        expires_at=asked_at + LINK_VALIDITY,
    )


def _has_valid_link(order: Order) -> bool:
    ends = order.payment_link_expires_at
    return ends is not None and ends > iso(datetime.now(UTC) + REUSE_MARGIN)


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
                    reference=f"{order.order_id}-{attempt}",
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
