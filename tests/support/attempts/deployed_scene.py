"""The deployed local stack: the front door, the emulator, and the webhook's function URL."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.support.attempts.attempt import (
    Answer,
    Channel,
    Facts,
    Request,
    read_frame,
    read_graphql,
    read_return,
    read_webhook,
    unnoted,
)
from tests.support.http import http
from tests.support.shop import Customer, Shop


@dataclass(frozen=True)
class DeployedScene:
    """See :class:`~tests.support.attempts.attempt.Scene`."""

    facts: Facts
    shop: Shop
    attacker: Customer

    def send(self, request: Request) -> Answer:
        """See :meth:`Scene.send`."""
        match request.channel:
            case Channel.SOCKET:
                return self._start(request)
            case Channel.GRAPHQL:
                url = self.shop.state.urls.front_door + request.path
            case Channel.WEBHOOK:
                url = self.shop.state.webhook_url.rstrip("/") + request.path
            case Channel.RETURN:
                return self._come_back(request)
        answer = http.request(request.method, url, content=request.content, headers=request.headers)
        read = read_graphql if request.channel is Channel.GRAPHQL else read_webhook
        return read(answer.status_code, answer.text)

    def _come_back(self, request: Request) -> Answer:
        address = self.shop.state.urls.local_function_url(self.shop.state.outputs["ReturnUrl"])
        answer = http.request(
            request.method,
            address.rstrip("/") + request.path,
            content=request.content,
            headers=request.headers,
        )
        page = http.get(address).headers["location"]
        return read_return(answer.status_code, answer.headers, answer.text, page)

    def _start(self, request: Request) -> Answer:
        header = base64.b64encode(json.dumps({"host": "x", **request.headers}).encode()).decode()
        url = self.shop.state.urls.graphql.replace("http", "ws", 1)
        with connect(
            f"{url}?header={header}&payload=e30=",
            subprotocols=[Subprotocol("graphql-ws")],
            proxy=None,
            max_size=None,
        ) as socket:
            socket.send(request.content.decode())
            return read_frame(json.loads(socket.recv()))

    def use_up_the_limit(self) -> None:
        """See :meth:`Scene.use_up_the_limit`."""
        self.shop.leave(self.attacker, 0)

    def effects(self) -> Any:
        """See :meth:`Scene.effects`."""
        order = unnoted(self.shop.orders.get(self.facts.order).model_dump())
        return order, self.shop.executions(), len(self.shop.all_emails())


def deployed_scene(shop: Shop) -> DeployedScene:
    """A scene with a new attacker and a new order of the demo customer."""
    order = shop.awaiting_payment("2 cups milk, 3 eggs")
    attacker = shop.new_customer()
    key_id = jwt.get_unverified_header(attacker.token)["kid"]
    facts = Facts(
        order=order.order_id,
        reference=str(order.payment_reference),
        kobo=order.total_kobo,
        victim_sub=shop.customer.sub,
        victim_email=shop.customer.email,
        attacker_sub=attacker.sub,
        attacker_email=attacker.email,
        token=attacker.token,
        public_key=_public_key(shop, key_id),
        key_id=key_id,
        webhook_key=shop.state.paystack_secret_key,
    )
    return DeployedScene(facts, shop, attacker)


def _public_key(shop: Shop, key_id: str) -> bytes:
    pool = shop.state.outputs["UserPoolId"]
    keys = http.get(f"{shop.state.urls.aws}/{pool}/.well-known/jwks.json").json()
    key = jwt.PyJWKSet.from_dict(keys)[key_id].key
    return bytes(
        key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
