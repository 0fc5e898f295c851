"""The PayStack stand-in with a merchant that receives its webhooks."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from scripts.local.stand_ins.paystack.app import PaystackStandIn
from scripts.local.stand_ins.paystack.webhook import WebhookSender
from scripts.local.stand_ins.schedule import Schedule

KEY = "sk_test_0123456789"
AUTH = {"authorization": f"Bearer {KEY}"}
ORDER = {"email": "ada@example.com", "amount": "450000", "reference": "order-1"}


class Merchant:
    """Receives webhooks; answers with the given statuses in turn, then 200."""

    def __init__(self) -> None:
        self.received: list[httpx.Request] = []
        self.answers: list[int | Exception] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What arrived, in the order of the events' names."""
        return [json.loads(request.content) for request in self.received]


class Shop:
    """A client of the stand-in with the merchant's key.

    Args:
        merchant: receives the webhooks.
        factor: of the schedule of what goes on by itself.
    """

    def __init__(self, merchant: Merchant, factor: float = 1.0) -> None:
        self.sender = WebhookSender(Schedule(math.inf), httpx.MockTransport(merchant))
        self.schedule = Schedule(factor)
        self.http = TestClient(
            PaystackStandIn(sender=self.sender, schedule=self.schedule).app(),
            "http://paystack.test",
            headers=AUTH,
            follow_redirects=False,
        )

    def __enter__(self) -> Shop:
        self.http.__enter__()
        self.admin("PUT", "webhook", url="http://shop.test/hook", secretKey=KEY)
        return self

    def __exit__(self, *_: object) -> None:
        self.http.__exit__()

    def admin(self, method: str, path: str, **body: Any) -> Any:
        return self.http.request(method, f"/_admin/{path}", json=body).raise_for_status().json()

    def act(self, act: str, reference: str = "order-1", **options: Any) -> Any:
        return self.admin("POST", f"transactions/{reference}/{act}", **options)

    def initialize(self, **changes: Any) -> httpx.Response:
        return self.http.post("/transaction/initialize", json={**ORDER, **changes})

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def verified(self, reference: str = "order-1") -> dict[str, Any]:
        data: dict[str, Any] = self.get(f"/transaction/verify/{reference}")["data"]
        return data

    def paid(self, **changes: Any) -> dict[str, Any]:
        """A payment without its webhook."""
        self.initialize(**changes)
        self.act("pay", changes.get("reference", "order-1"))
        return self.verified(changes.get("reference", "order-1"))

    def delivered(self) -> None:
        """Waits for the pending webhooks."""
        self._wait(self.sender.settle)

    def settle(self) -> None:
        """Waits until nothing goes on by itself any more."""
        self._wait(self.schedule.settle)
        self.delivered()

    def _wait(self, condition: Callable[[], Any]) -> None:
        assert self.http.portal is not None
        self.http.portal.call(condition)


@pytest.fixture
def merchant() -> Merchant:
    return Merchant()


@pytest.fixture
def shop(merchant: Merchant) -> Iterator[Shop]:
    """Nothing goes on by itself while a test runs."""
    with Shop(merchant) as shop:
        yield shop


@pytest.fixture
def fast_shop(merchant: Merchant) -> Iterator[Shop]:
    """Everything goes on by itself at once."""
    with Shop(merchant, math.inf) as shop:
        yield shop
