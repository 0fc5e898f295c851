"""``orders console``: its address, its key and its end."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from scripts.cli.deployment import Deployment
from scripts.cli.operations import console
from tests.unit.cli.conftest import Orders


@pytest.fixture
def served(connected: Deployment, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was served: the app and the address that it listened on."""
    found: list[Any] = []

    def serve(app: Starlette, listener: socket.socket) -> None:
        found.append((app, listener.getsockname()))
        raise KeyboardInterrupt

    monkeypatch.setattr(console, "serve", serve)
    monkeypatch.setattr(console, "connect", lambda _: connected)
    return found


def test_it_listens_on_this_machine_alone_with_a_key_of_this_run(
    orders: Orders, served: list[Any]
) -> None:
    first, second = (orders("console", "--no-open", "--stage", "dev") for _ in range(2))

    assert first.exit_code == 0
    (app, (host, port)), _ = served
    address, key = first.stdout.removeprefix("Console: ").strip().split("/#key=")
    assert (host, address) == ("127.0.0.1", f"http://127.0.0.1:{port}")
    assert key not in second.stdout
    assert len(key) >= 43  # 256 bits
    session = TestClient(app, address).get(
        "/api/session", headers={"Authorization": f"Bearer {key}"}
    )
    assert session.json()["stage"] == "dev"
    assert session.json()["operator"] is None


def test_the_browser_opens_at_the_address(
    orders: Orders, served: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)

    result = orders("console", "--stage", "dev")

    assert f"Console: {opened[0]}" in result.stdout
