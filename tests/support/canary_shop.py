"""A shop in memory as the canary sees it: its API, and the frames of its WebSocket."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orderflow.canary.customer import CanaryCustomer
from orderflow.canary.updates import Updates
from orderflow.errors import ApiRefusedError, ApiUnavailable

ORDER = "5d1c9f0e-6f5e-4a1f-9a55-0f7d3c1b2a99"
LINK = "https://checkout.example/canary"
Frame = dict[str, Any]


class CanaryShop:
    """Answers the canary.

    Args:
        statuses: what the order goes through after its submission.
        link: the link that the order shows when it is PAYMENT_INITIATED.
        announced: the link that its update has; by default the same.
        out: operations of the API (``submitGroceryList`` ...) that do not answer.
        mine: the items of ``myOrders``.
    """

    def __init__(
        self,
        *statuses: str,
        link: str | None = LINK,
        announced: str | None = "the same",
        out: frozenset[str] = frozenset(),
        mine: tuple[Mapping[str, Any], ...] = (),
    ) -> None:
        self._statuses = statuses or ("PENDING_MATCHING", "MATCHED", "PAYMENT_INITIATED")
        self._link = link
        self._announced = link if announced == "the same" else announced
        self._out = out
        self._mine = mine
        self._frames: list[Frame] = []
        self.submitted: list[Mapping[str, Any]] = []
        self.cancelled: list[str] = []
        self.refuses_subscription = False

    def customer(self) -> CanaryCustomer:
        """Signs in."""
        return CanaryCustomer(self.execute, self._follow)

    def execute(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        name = next(
            each
            for each in ("submitGroceryList", "getOrder", "cancelOrder", "myOrders")
            if each in query
        )
        if name in self._out:
            raise ApiUnavailable("The API failed: 503")
        return {name: getattr(self, f"_{name}")(variables)}

    def _submitGroceryList(self, variables: Mapping[str, Any]) -> Frame:  # noqa: N802
        self.submitted.append(variables["input"])
        # Others' updates come over the same WebSocket.
        self._frames += [_update("another-order", "PAYMENT_INITIATED", LINK), {"type": "ka"}]
        for status in self._statuses:
            link = self._announced if status == "PAYMENT_INITIATED" else None
            self._frames.append(_update(ORDER, status, link))
        return {"orderId": ORDER}

    def _getOrder(self, variables: Mapping[str, Any]) -> Frame:  # noqa: N802
        status = self._statuses[-1]
        link = self._link if status == "PAYMENT_INITIATED" else None
        return {"orderId": variables["id"], "status": status, "paymentLink": link}

    def _cancelOrder(self, variables: Mapping[str, Any]) -> Frame:  # noqa: N802
        self.cancelled.append(variables["id"])
        self._frames.append(_update(variables["id"], "CANCELLED", None))
        return {"orderId": variables["id"]}

    def _myOrders(self, _: Mapping[str, Any]) -> Frame:  # noqa: N802
        return {"items": [*self._mine]}

    @contextmanager
    def _follow(self) -> Iterator[Updates]:
        if self.refuses_subscription:
            raise ApiRefusedError("The API refused the subscription: Unauthorized")
        yield Updates(self)

    # The WebSocket

    def send(self, message: str) -> None:
        """Nothing is sent after the subscription."""
        raise AssertionError(message)

    def recv(self, timeout: float | None = None) -> str:  # noqa: ARG002 - no time passes here
        if not self._frames:
            raise TimeoutError
        return json.dumps(self._frames.pop(0))


def _update(order_id: str, status: str, link: str | None) -> Frame:
    update = {"orderId": order_id, "status": status, "paymentLink": link}
    return {"type": "data", "id": "canary", "payload": {"data": {"onOrderUpdated": update}}}
