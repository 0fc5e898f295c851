"""Short ways to write requests of attempts. Texts hold the facts' names: ``<order>``."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from scripts.cli.orders.api import SUBMIT
from tests.support.attempts.attempt import Attempt, Channel, Facts, Request, Risk

_ORDER: Final = "orderId status customerEmail totalKobo paymentLink history { status at }"
CANCEL: Final = (
    f"mutation Cancel($orderId: ID!) {{ cancelOrder(orderId: $orderId) {{ {_ORDER} }} }}"
)
RATE: Final = (
    "mutation Rate($orderId: ID!, $input: RateOrderInput!) "
    f"{{ rateOrder(orderId: $orderId, input: $input) {{ {_ORDER} }} }}"
)
LINK: Final = """query Link($orderId: ID!) {
  getPaymentLink(orderId: $orderId) { orderId url amountKobo currency expiresAt }
}"""
GET: Final = f"query Get($orderId: ID!) {{ getOrder(orderId: $orderId) {{ {_ORDER} }} }}"
MINE: Final = f"""query Mine($limit: Int, $nextToken: String) {{
  myOrders(limit: $limit, nextToken: $nextToken) {{ items {{ {_ORDER} }} nextToken }}
}}"""
ORDERS: Final = f"""query All($status: OrderStatus, $createdAfter: AWSDateTime) {{
  orders(status: $status, createdAfter: $createdAfter) {{ items {{ {_ORDER} }} nextToken }}
}}"""
REPLAY: Final = """mutation Replay($orderId: ID!) {
  replayOrder(orderId: $orderId) { orderId outcome note }
}"""
SUBSCRIBE: Final = """subscription Follow($customerId: ID!, $orderId: ID) {
  onOrderUpdated(customerId: $customerId, orderId: $orderId) { orderId status paymentLink }
}"""
PUBLISH: Final = """mutation Publish($input: OrderUpdateInput!) {
  publishOrderUpdate(input: $input) { orderId status paymentLink }
}"""

__all__ = ["SUBMIT"]

Build = Callable[[Facts], Request]
#: The signature of a body with PayStack's secret; None for no header.
Sign = Callable[[bytes, str], str | None]


def ask(query: str, variables: Any = None, *, token: str = "<token>", **body: Any) -> Build:
    """A GraphQL request."""
    return raw(json.dumps({"query": query, "variables": variables, **body}), token=token)


def raw(
    content: str | bytes,
    *,
    token: str = "<token>",
    method: str = "POST",
    path: str = "/graphql",
    headers: Mapping[str, str] | None = None,
) -> Build:
    """A request to the API with this body."""

    def build(facts: Facts) -> Request:
        body = facts.fill(content).encode() if isinstance(content, str) else content
        sent = {"content-type": "application/json", **(headers or {})}
        if token:
            sent["authorization"] = token
        filled = {name: facts.fill(value) for name, value in sent.items()}
        return Request(Channel.GRAPHQL, body, filled, method, facts.fill(path))

    return build


def subscribe(
    variables: Any,
    query: str = SUBSCRIBE,
    *,
    connect_token: str = "<token>",
    start_token: str = "<token>",
) -> Build:
    """A WebSocket, and a ``start`` on it."""

    def build(facts: Facts) -> Request:
        data = json.dumps({"query": query, "variables": variables})
        payload = {"data": data, "extensions": {"authorization": {"Authorization": start_token}}}
        start = {"id": "1", "type": "start", "payload": payload}
        # The variables are JSON within JSON, so the facts are filled in last.
        content = facts.fill(json.dumps(start)).encode()
        return Request(Channel.SOCKET, content, {"Authorization": facts.fill(connect_token)})

    return build


def signed(body: bytes, key: str) -> str:
    """The signature that PayStack makes."""
    return hmac.new(key.encode(), body, hashlib.sha512).hexdigest()


def webhook(
    content: Any, sign: Sign, *, path: str = "/", method: str = "POST", **headers: str
) -> Build:
    """A webhook; content that is neither bytes nor text is written as JSON."""

    def build(facts: Facts) -> Request:
        if isinstance(content, bytes):
            body = content
        else:
            text = content if isinstance(content, str) else json.dumps(content)
            body = facts.fill(text).encode()
        signature = sign(body, facts.webhook_key)
        given = {name.replace("_", "-"): facts.fill(value) for name, value in headers.items()}
        if signature is not None:
            given["x-paystack-signature"] = signature
        return Request(Channel.WEBHOOK, body, given, method, path)

    return build


def charge(**changes: Any) -> dict[str, Any]:
    """The event that pays the victim's order, changed."""
    data = {
        "reference": "<reference>",
        "amount": "<kobo>",
        "currency": "NGN",
        "status": "success",
        "channel": "card",
        "paid_at": "2026-01-31T12:00:00.000Z",
    }
    return {"event": "charge.success", "data": data | changes}


def rows(
    risk: Risk, refused: str | set[str], requests: Mapping[str, Build], **more: Any
) -> list[Attempt]:
    """Attempts with the same answer."""
    allowed = frozenset({refused} if isinstance(refused, str) else refused)
    return [Attempt(risk, name, build, allowed, **more) for name, build in requests.items()]
