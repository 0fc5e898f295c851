"""Orders and AWS errors for tests: valid ones, with what a test cares about overridden."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from orderflow.clock import utc_now
from orderflow.money import CURRENCY
from orderflow.orders.lines import MatchedBy, MatchedLine, RequestedLine, UnmatchedLine
from orderflow.orders.model import Order, StatusChange
from orderflow.orders.money_records import Payment, Refund, RefundStatus
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.workflow.executions import execution_arn
from tests.support.memory_orders import InMemoryOrders

CUSTOMER_ID = "7d6f0a52-3b0e-4f7e-9d53-0c6f2f0b7d11"
CUSTOMER_EMAIL = "ada.buyer@mail.example"
CUSTOMER_NAME = "Ada Buyer"
GROCERY_LIST = "2 kg rice\n1 l groundnut oil"
STATE_MACHINE_ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:grocery-orders"
LINK = "https://checkout.paystack.com/0peioxfhpn"


def an_order_id() -> str:
    return str(uuid.uuid4())


def requested_line(name: str = "rice", **changes: Any) -> RequestedLine:
    fields = {"text": f"2 kg {name}", "quantity": Decimal(2), "unit": "kilogram"}
    return RequestedLine(name=name, **fields | changes)


def matched_line(packs: int = 2, unit_price_kobo: int = 120_050, **changes: Any) -> MatchedLine:
    fields = {
        "text": "2 kg rice",
        "product_id": "rice-1kg",
        "name": "Long grain rice",
        "quantity": Decimal(2),
        "unit": "kilogram",
        "pack_size": "1 kilogram",
        "line_total_kobo": packs * unit_price_kobo,
        "matched_by": MatchedBy.EXACT,
        "confidence": Decimal("1.00"),
    }
    return MatchedLine(packs=packs, unit_price_kobo=unit_price_kobo, **fields | changes)


def unmatched_line(text: str = "1 unicorn") -> UnmatchedLine:
    return UnmatchedLine(text=text, reason="We have no such product.")


def a_payment(reference: str = "order-1", **changes: Any) -> Payment:
    fields = {
        "amount_kobo": 240_100,
        "currency": CURRENCY,
        "channel": "card",
        "paid_at": "2026-01-31T12:00:00.000Z",
    }
    return Payment(reference=reference, **fields | changes)


def a_refund(status: RefundStatus, reference: str = "order-1", **changes: Any) -> Refund:
    fields = {"amount": 240_100, "currency": CURRENCY, "at": utc_now(), "updated_at": utc_now()}
    return Refund(reference=reference, status=status, **fields | changes)


def an_order(**changes: Any) -> Order:
    """An order whose link waits for its payment."""
    order_id = changes.pop("order_id", None) or an_order_id()
    now = utc_now()
    status = changes.get("status", OrderStatus.PAYMENT_INITIATED)
    fields = {
        "customer_id": CUSTOMER_ID,
        "customer_email": CUSTOMER_EMAIL,
        "customer_name": CUSTOMER_NAME,
        "grocery_list": GROCERY_LIST,
        "execution_arn": execution_arn(STATE_MACHINE_ARN, order_id),
        "status": status,
        "requested": [requested_line()],
        "lines": [matched_line()],
        "unmatched": [],
        "total_kobo": 240_100,
        "payment_link": LINK,
        "payment_reference": f"{order_id}-1",
        "payment_link_expires_at": now + timedelta(hours=24),
        "payment_attempts": 1,
        "history": [StatusChange(status=status, at=now, by="tests")],
        "created_at": now,
        "updated_at": now,
        "ttl": int(now.timestamp()) + 1_000_000,
    }
    return Order(order_id=order_id, **fields | changes)


def a_new_order(**changes: Any) -> Order:
    """An order that was parsed and waits to be matched."""
    fields = {
        "status": OrderStatus.PENDING_MATCHING,
        "lines": [],
        "total_kobo": 0,
        "payment_link": None,
        "payment_reference": None,
        "payment_link_expires_at": None,
        "payment_attempts": 0,
    }
    return an_order(**fields | changes)


def a_matched_order(**changes: Any) -> Order:
    """An order with products and a total, and no link yet."""
    fields = {"status": OrderStatus.MATCHED, "lines": [matched_line()], "total_kobo": 240_100}
    return a_new_order(**fields | changes)


def stored(store: OrderStore | InMemoryOrders, order: Order) -> Order:
    """Store the order just as it is, whatever came before."""
    if isinstance(store, InMemoryOrders):
        store.put(order)
    else:
        store._table.put_item(Item=store._item(order))
    return order


def client_error(code: str, status: int = 400, **headers: str) -> ClientError:
    """What boto3 raises when a service answers with an error."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": "made up by a test"},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "HTTPHeaders": headers,
                "RequestId": "r",
                "RetryAttempts": 0,
                "HostId": "",
            },
        },
        "Operation",
    )
