"""Orders as the GraphQL types of the API's schema."""

from __future__ import annotations

from typing import Any, Final

from orderflow.api.messages import customer_message
from orderflow.clock import iso
from orderflow.orders.model import Order
from orderflow.orders.pages import OrderPage
from orderflow.orders.status import OrderStatus

_SHOWN: Final = {
    "order_id", "execution_arn", "customer_email", "customer_name", "status", "status_reason",
    "grocery_list", "lines", "unmatched", "total_kobo", "currency", "payment_link",
    "payment_link_expires_at", "version", "created_at", "updated_at",
}  # fmt: skip

_FROM_VIEW: Final = (
    "orderId", "status", "message", "lines", "totalKobo", "currency", "updatedAt", "version",
    "paymentReceived", "cancelRequestedAt", "refundState",
)  # fmt: skip


def order_view(order: Order) -> dict[str, Any]:
    """The order as JSON with GraphQL's names, without task tokens and other internals."""
    view = order.model_dump(by_alias=True, mode="json", include=_SHOWN)
    for line in view["lines"]:
        line["quantity"] = float(line["quantity"])
        line["confidence"] = float(line["confidence"])
    for line in [*view["lines"], *view["unmatched"]]:
        for alternative in line["alternatives"]:
            alternative["similarity"] = float(alternative["similarity"])
    if order.payment is not None or order.cancel_requested is not None:
        view["paymentLink"] = None  # it is not to be paid any more
    request = order.cancel_requested
    view["message"] = customer_message(order)
    in_review = order.status is OrderStatus.AWAITING_REVIEW
    view["reviewEndsAt"] = iso(order.review_ends_at) if in_review and order.review_ends_at else None
    view["paymentReceived"] = order.has_received_payment
    view["cancelRequestedAt"] = iso(request.at) if request else None
    view["refundState"] = order.refund_state
    rating = order.rating
    view["rating"] = rating and rating.model_dump(by_alias=True, mode="json")
    view["paidAt"] = iso(order.payment.paid_at) if order.payment else None
    view["history"] = [
        change.model_dump(by_alias=True, mode="json", include={"status", "at", "reason"})
        for change in order.history
    ]
    return view


def order_update(order: Order) -> dict[str, Any]:
    """The type ``OrderUpdate``, for subscribers. Money is kobo, ``updatedAt`` ISO 8601 in UTC."""
    view = order_view(order)
    return {name: view[name] for name in _FROM_VIEW} | {
        "customerId": order.customer_id,
        # Before, there is no use for it; after, paying it would need a refund.
        "paymentLink": order.payment_link if order.can_be_paid else None,
        "correlationId": order.execution_name,
    }


def page_view(page: OrderPage) -> dict[str, Any]:
    """The type ``OrderPage``."""
    return {"items": [order_view(order) for order in page.orders], "nextToken": page.next_token}


def payment_link_view(order: Order) -> dict[str, Any]:
    """The type ``PaymentLink``."""
    expires_at = order.payment_link_expires_at
    return {
        "orderId": order.order_id,
        "url": order.payment_link,
        "amountKobo": order.total_kobo,
        "currency": order.currency,
        "expiresAt": expires_at and iso(expires_at),
    }
