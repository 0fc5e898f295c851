"""Third-party clients that follow orders: gql's and Amplify's."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from gql import Client, gql
from gql.transport.appsync_auth import AppSyncAuthentication, AppSyncJWTAuthentication
from gql.transport.appsync_websockets import AppSyncWebsocketsTransport

from scripts.local.stack.processes import NODE
from tests.support.client_versions import AMPLIFY
from tests.support.npm import installed
from tests.support.waiting import wait_for

ON_ORDER_UPDATED = """
subscription Follow($customerId: ID!ORDER_VARIABLE) {
  onOrderUpdated(customerId: $customerId ORDER_ARGUMENT) {
    orderId customerId status message totalKobo currency paymentLink updatedAt version correlationId
    lines { text productId name quantity packs lineTotalKobo matchedBy notes }
  }
}"""


def subscription(*, one_order: bool) -> str:
    """The query for one order or for all orders of a customer."""
    variable, argument = (", $orderId: ID!", "orderId: $orderId") if one_order else ("", "")
    return ON_ORDER_UPDATED.replace("ORDER_VARIABLE", variable).replace("ORDER_ARGUMENT", argument)


@dataclass
class ReceivedUpdate:
    """One update and the time of its arrival (seconds since the epoch)."""

    update: dict[str, Any]
    at: float


@dataclass
class Inbox:
    """The updates that a follower has received so far."""

    received: list[ReceivedUpdate] = field(default_factory=list)

    def of(self, order_id: str) -> list[dict[str, Any]]:
        """The updates of one order, in the order of their arrival."""
        return [each.update for each in self.received if each.update["orderId"] == order_id]

    def statuses(self, order_id: str) -> list[str]:
        return [update["status"] for update in self.of(order_id)]

    def until(self, order_id: str, status: str) -> list[str]:
        """Waits for a status and returns all statuses until then."""
        found: list[str] = wait_for(
            lambda: self.statuses(order_id), lambda statuses: status in statuses
        )
        return found


class _Transport(AppSyncWebsocketsTransport):
    """gql's transport with an event for the acknowledgement of a subscription."""

    def __init__(self, url: str, auth: AppSyncAuthentication) -> None:
        super().__init__(url, auth=auth)
        self.acknowledged = threading.Event()

    def _parse_answer(self, answer: str) -> Any:
        parsed = super()._parse_answer(answer)
        if parsed[0] == "start_ack":
            self.acknowledged.set()
        return parsed


class GqlFollower(Inbox):
    """gql's AppSync client in its own thread, for a ``with`` block.

    Entering the block raises the client's error if the API refuses.
    """

    def __init__(
        self, graphql_url: str, auth: AppSyncAuthentication, customer_id: str, order_id: str = ""
    ) -> None:
        super().__init__()
        self._transport = _Transport(graphql_url.replace("http://", "ws://"), auth)
        self._query = gql(subscription(one_order=bool(order_id)))
        self._query.variable_values = {
            "customerId": customer_id,
            **({"orderId": order_id} if order_id else {}),
        }
        self._problem: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_for(lambda: self._transport.acknowledged.is_set() or not self._thread.is_alive(), bool)
        if self._problem is not None:
            raise self._problem
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._following.cancel)
        self._thread.join()

    def _run(self) -> None:
        self._following = self._loop.create_task(self._follow())
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._following)
        self._loop.close()

    async def _follow(self) -> None:
        try:
            async with Client(transport=self._transport) as session:
                async for answer in session.subscribe(self._query):
                    self.received.append(ReceivedUpdate(answer["onOrderUpdated"], time.time()))
        except Exception as problem:
            self._problem = problem


def with_token(graphql_url: str, token: str, customer_id: str, order_id: str = "") -> GqlFollower:
    """A follower with a customer's token."""
    host = graphql_url.partition("://")[2].partition("/")[0]
    auth = AppSyncJWTAuthentication(host=host, jwt=token)
    return GqlFollower(graphql_url, auth, customer_id, order_id)


class AmplifyFollower(Inbox):
    """Amplify's JavaScript client in Node, for a ``with`` block."""

    def __init__(self, graphql_url: str, access_token: str, customer_id: str) -> None:
        super().__init__()
        self._arguments = (graphql_url, access_token, customer_id)
        self.is_ready = False
        self.refusal: str | None = None

    def __enter__(self) -> Self:
        installed(AMPLIFY)
        self._process = subprocess.Popen(
            [NODE, "follow.mjs", *self._arguments],
            cwd=AMPLIFY,
            # Its end ends the client, also where the tests are killed.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            wait_for(lambda: self.is_ready or self._process.poll() is not None, bool)
        except BaseException:
            self._end()  # a block that was not entered is not left
            raise
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            match json.loads(line):
                case {"event": "ready"}:
                    self.is_ready = True
                case {"event": "update", "update": update}:
                    self.received.append(ReceivedUpdate(update, time.time()))
                case {"event": "error", "message": message}:
                    self.refusal = message
