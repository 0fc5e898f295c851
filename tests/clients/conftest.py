"""The PayStack stand-in on a port of this machine, with events of all kinds that it has sent."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn

from scripts.local.stand_ins.paystack.app import PaystackStandIn
from scripts.local.stand_ins.paystack.webhook import WebhookSender
from scripts.local.stand_ins.schedule import Schedule
from tests.support.waiting import wait_for

KEY = "sk_test_0123456789"

#: Metadata that JSON writers differ about.
AWKWARD = {
    "name": "Adébáyò \u2028 </script> \"quoted\" \\ \x7f \x1f 🛒",
    "10": "an index", "9": "comes first", "01": "no index",
    "numbers": [1.0, 1e21, 1e-7, 123456789012345680000, 2**63, 0.1, -0.0, 5e-324],
    "nothing": None,
    "empty": {"list": [], "object": {}},
}  # fmt: skip


@dataclass
class Server:
    """The stand-in's address, and the events that it has sent."""

    url: str
    events: list[dict[str, str]]


@pytest.fixture(scope="session")
def stand_in() -> Iterator[Server]:
    received: list[httpx.Request] = []

    async def receive(request: httpx.Request) -> httpx.Response:
        received.append(request)
        return httpx.Response(200)

    sender = WebhookSender(Schedule(math.inf), httpx.MockTransport(receive))
    app = PaystackStandIn(sender=sender).app()
    with _served(app) as url, httpx.Client(base_url=url, trust_env=False) as http:
        http.headers["authorization"] = f"Bearer {KEY}"
        target = {"url": "http://shop.test/hook", "secretKey": KEY}
        http.put("/_admin/webhook", json=target).raise_for_status()
        _cause_events(http)
        wait_for(lambda: len({_event(each) for each in received}), lambda kinds: kinds == 10)
        yield Server(url, [_as_delivered(each) for each in received])


@contextmanager
def _served(app: Any) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(lambda: server.started, bool)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def _cause_events(http: httpx.Client) -> None:
    """One event of each kind, about a payment with awkward metadata."""
    order = {"email": "ada@example.com", "amount": 9000, "reference": "r", "metadata": AWKWARD}
    http.post("/transaction/initialize", json=order).raise_for_status()
    for act in ("pay", "announce", "dispute", "reject-transfer"):
        http.post(f"/_admin/transactions/r/{act}").raise_for_status()
    refund = http.post("/refund", json={"transaction": "r"}).json()["data"]["id"]
    for status in ("processing", "needs-attention", "failed", "processed"):
        http.post(f"/_admin/refunds/{refund}/{status}").raise_for_status()
    (dispute,) = http.get("/dispute").json()["data"]
    http.post(f"/_admin/disputes/{dispute['id']}/remind").raise_for_status()
    answer = {"resolution": "declined", "message": "Delivered", "refund_amount": 0}
    http.put(f"/dispute/{dispute['id']}/resolve", json=answer).raise_for_status()


def _event(request: httpx.Request) -> str:
    return request.content.decode().split('"')[3]


def _as_delivered(request: httpx.Request) -> dict[str, str]:
    return {
        "body": request.content.decode(),
        "signature": request.headers["x-paystack-signature"],
    }
