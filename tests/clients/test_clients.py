"""Clients of PayStack that we did not write use the stand-in as they use PayStack."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import KEY, Server
from tests.support.npm import installed
from tests.support.paths import TESTS
from tests.support.python_environments import python_with

FOLDER = TESTS / "clients"
TOOLS = Path(sys.executable).parent


def run(client: str, stand_in: Server, events: list[dict[str, str]]) -> Any:
    """What the client understood of a payment and a refund, and which events it accepted."""
    question = {
        "client": client,
        "url": stand_in.url,
        "key": KEY,
        "reference": f"{client}-{len(events)}",
        "events": events,
    }
    command: list[str | Path] = (
        [python_with(FOLDER), FOLDER / "python_clients.py"]
        if client in {"pypaystack2", "paystackapi"}
        else [TOOLS / "node", installed(FOLDER) / "node_clients.mjs"]
    )
    done = subprocess.run(
        command,
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("client", ["pypaystack2", "paystackapi", "paystack-api", "paystack-sdk"])
def test_a_client_initializes_verifies_lists_and_refunds(client: str, stand_in: Server) -> None:
    understood = run(client, stand_in, stand_in.events)

    accepted = understood.pop("accepted", None)
    reference = f"{client}-{len(stand_in.events)}"
    assert reference in understood.pop("listed")
    assert understood.pop("time_spent") >= 0
    assert 1000 in understood.pop("refunds")
    assert understood == {
        "verified": [reference, "success", 450_000],
        "fetched": reference,
        "refunded": [1000, "pending"],
        "refund": 1000,
        "duplicate": "duplicate_reference",
    }
    # This client has no check of webhooks.
    assert accepted == ([True] * len(stand_in.events) if client != "paystackapi" else None)


@pytest.mark.parametrize("client", ["pypaystack2", "paystack-api", "paystack-sdk"])
def test_a_client_refuses_a_forged_event(client: str, stand_in: Server) -> None:
    event = stand_in.events[0]
    forged = {**event, "body": event["body"].replace('"amount":9000', '"amount":9001')}
    assert forged != event

    assert run(client, stand_in, [forged])["accepted"] == [False]
