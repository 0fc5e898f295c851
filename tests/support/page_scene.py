"""The demo shop's page with an API that a test plays: any order, any trouble, no stack."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import uvicorn
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from orderflow.api.views import order_update, order_view
from orderflow.clock import utc_now
from orderflow.orders.lines import Rating
from orderflow.orders.model import Order
from scripts.auth import Challenge, SignInError, Step, Tokens
from scripts.demo_shop.accounts import Answer, Credentials, Request
from scripts.demo_shop.app import DemoShop
from scripts.demo_shop.sessions import Sessions
from tests.support.factories import CUSTOMER_EMAIL, CUSTOMER_ID
from tests.support.waiting import wait_for

#: Nothing listens there: the browser's requests are answered by the test.
API: Final = "http://127.0.0.1:9/graphql"
_EXPIRED: Final = {"errorType": "UnauthorizedException", "message": "Token has expired."}
PASSWORD: Final = "right-Password-1"


def id_token(number: int = 1) -> str:
    """A token with the claims that the page reads; nothing verifies it here."""
    claims = {"sub": CUSTOMER_ID, "email": CUSTOMER_EMAIL, "number": number}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{payload}.signature"


class ScriptedAccounts:
    """One customer's account; ``refusals`` are Cognito's errors to answer the next steps with."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self.issued = 0
        self.lifetime = timedelta(hours=1)

    def begin(self, credentials: Credentials) -> Tokens | Challenge:
        self._refuse()
        return Challenge(Step.CODE, credentials.email, "s" * 20)

    def answer(self, _: Answer) -> Tokens | Challenge:
        self._refuse()
        return self.tokens()

    def change(self, _: Request) -> None:
        self._refuse()

    def refresh(self, _: str) -> Tokens:
        self._refuse()
        return self.tokens()

    def sign_out(self, _: str) -> None:
        """Nothing is to be revoked."""

    def tokens(self) -> Tokens:
        self.issued += 1
        return Tokens(
            id_token=id_token(self.issued),
            access_token="access",
            expires_at=datetime.now(UTC) + self.lifetime + timedelta(milliseconds=self.issued),
            refresh_token=f"refresh-{self.issued}",
        )

    def _refuse(self) -> None:
        if self.refusals:
            raise SignInError("developer's text of Cognito", self.refusals.pop(0))


@dataclass
class ScriptedShop:
    """The server of the page, in this process."""

    url: str
    accounts: ScriptedAccounts
    sessions: Sessions

    def sign_in(self, page: Page) -> None:
        """Give the page's browser the cookie of a new session."""
        key = self.sessions.open(self.accounts.tokens())
        name = f"demo_shop_{self.url.rpartition(':')[2]}"
        page.context.add_cookies([{"name": name, "value": key, "url": self.url}])

    def renew(self) -> None:
        """Give every session new tokens."""
        for key in self.sessions._tokens:
            self.sessions._tokens[key] = self.accounts.tokens()


@contextmanager
def scripted_shop() -> Iterator[ScriptedShop]:
    """Serves the page for a block."""
    accounts = ScriptedAccounts()
    sessions = Sessions(accounts.refresh)
    app = DemoShop(API, accounts, sessions, "0.1.0").app()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield ScriptedShop(f"http://127.0.0.1:{listener.getsockname()[1]}", accounts, sessions)
        server.should_exit = True
        thread.join()


@dataclass
class ScriptedApi:
    """Answers a page's requests and subscriptions.

    Attributes:
        orders: what the API knows, the newest first.
        refusals: errors to answer the next requests with, by the name of the field.
        down: whether requests fail as in a network that is gone.
        hold: requests with this word in their query wait in ``held`` for ``release``.
        cut: whether connections are refused.
        sockets: the connections so far; the last one is the latest.
        tokens: the token of each subscription so far.
        expired: tokens that are not accepted any more.
        on_start: answers a subscription; by default it is acknowledged.
    """

    page: Page
    orders: dict[str, Order] = field(default_factory=dict)
    refusals: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    down: bool = False
    hold: str | None = None
    held: list[Route] = field(default_factory=list)
    cut: bool = False
    sockets: list[WebSocketRoute] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    on_start: Callable[[WebSocketRoute], None] | None = None
    closed: int = 0

    def __post_init__(self) -> None:
        self.page.context.route(API, self._answer)
        self.page.context.route_web_socket(API.replace("http", "ws"), self._connect)

    def know(self, *orders: Order) -> None:
        """The API's answers hold these orders from now on."""
        self.orders |= {order.order_id: order for order in orders}

    def publish(self, order: Order, *, connection: int = -1) -> None:
        """Change an order and send its update."""
        self.know(order)
        self.send("data", {"data": {"onOrderUpdated": order_update(order)}}, connection)

    def send(self, kind: str, payload: Any = None, connection: int = -1) -> None:
        """Send one message of the protocol over the latest connection."""
        message = {"type": kind, "id": "orders", "payload": payload}
        self.sockets[connection].send(json.dumps(message))

    def break_off(self) -> None:
        """Close the connection, and refuse new ones until ``cut`` is False again."""
        self.cut = True
        self.sockets[-1].close()

    def count(self, name: str) -> int:
        """How often this field was asked for."""
        return sum(name in each["query"] for each in self.asked)

    def release(self) -> None:
        """Answer the requests that wait, and all others from now on."""
        held, self.held, self.hold = self.held, [], None
        for route in held:
            self._answer(route)

    def reads(self, times: int) -> None:
        """Wait until orders were read at least so often."""
        wait_for(lambda: self._turn("getOrder"), lambda count: count >= times)

    def connects(self, times: int) -> None:
        """Wait until the page has subscribed so often."""
        wait_for(lambda: self._turn() or len(self.tokens), lambda count: count >= times)

    def _turn(self, name: str = "") -> int:
        self.page.wait_for_timeout(20)  # lets Playwright handle requests and messages
        return self.count(name) if name else 0

    def _answer(self, route: Route) -> None:
        if self.hold is not None and self.hold in str(route.request.post_data):
            self.held.append(route)
            return
        if self.down:
            route.abort()
            return
        if route.request.headers["authorization"] in self.expired:
            route.fulfill(status=HTTPStatus.UNAUTHORIZED, json={"errors": [_EXPIRED]})
            return
        asked = route.request.post_data_json
        self.asked.append(asked)
        found = re.search(r"\{\s*(\w+)", asked["query"])
        assert found is not None
        name = found[1]
        if self.refusals.get(name):
            refusal = self.refusals[name].pop(0)
            status = refusal.pop("status", 200)
            route.fulfill(status=status, json={"data": None, "errors": [refusal]})
            return
        answer = getattr(self, f"_{name}")(asked["variables"])
        if answer is None:
            refusal = {"errorType": "OrderNotFound", "message": "You have no such order."}
            route.fulfill(json={"data": None, "errors": [refusal]})
        else:
            route.fulfill(json={"data": {name: answer}})

    def _getOrder(self, variables: dict[str, Any]) -> Any:  # noqa: N802 - GraphQL's name
        order = self.orders.get(variables["orderId"])
        return order and order_view(order)

    def _myOrders(self, variables: dict[str, Any]) -> Any:  # noqa: N802 - GraphQL's name
        first = int(variables.get("nextToken") or 0)
        until = first + variables["limit"]
        items = [order_view(each) for each in list(self.orders.values())[first:until]]
        return {"items": items, "nextToken": str(until) if until < len(self.orders) else None}

    def _submitGroceryList(self, _: dict[str, Any]) -> Any:  # noqa: N802 - GraphQL's name
        return {"orderId": next(iter(self.orders)), "status": "PENDING_MATCHING"}

    def _cancelOrder(self, variables: dict[str, Any]) -> Any:  # noqa: N802 - GraphQL's name
        return self._getOrder(variables)

    def _rateOrder(self, variables: dict[str, Any]) -> Any:  # noqa: N802 - GraphQL's name
        answer = variables["input"]
        rating = Rating(
            understood=answer["understood"], wrong_lines=answer["wrongLines"], at=utc_now()
        )
        order = self.orders[variables["orderId"]]
        self.know(order.model_copy(update={"rating": rating}))
        return self._getOrder(variables)

    def _connect(self, connection: WebSocketRoute) -> None:
        if self.cut:
            connection.close()
            return
        self.sockets.append(connection)
        connection.on_message(lambda message: self._hear(connection, json.loads(message)))
        connection.on_close(lambda *_: self._note_end())

    def _note_end(self) -> None:
        self.closed += 1

    def _hear(self, connection: WebSocketRoute, message: dict[str, Any]) -> None:
        if message["type"] == "connection_init":
            ack = {"type": "connection_ack", "payload": {"connectionTimeoutMs": 300_000}}
            connection.send(json.dumps(ack))
        if message["type"] == "start":
            extensions = message["payload"]["extensions"]
            self.tokens.append(extensions["authorization"]["Authorization"])
            if self.tokens[-1] in self.expired:
                refusal = {"type": "error", "id": "orders", "payload": {"errors": [_EXPIRED]}}
                connection.send(json.dumps(refusal))
            else:
                (self.on_start or _acknowledge)(connection)


def _acknowledge(connection: WebSocketRoute) -> None:
    connection.send(json.dumps({"type": "start_ack", "id": "orders"}))


def is_live(page: Page) -> None:
    """Wait until the page says that it is live."""
    expect(page.get_by_text("Live: changes appear by themselves")).to_be_visible()
