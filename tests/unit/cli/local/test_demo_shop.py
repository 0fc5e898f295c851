"""``orders demo-shop``: its output, its port and its end."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pyotp
import pytest
from rich.console import Console
from starlette.applications import Starlette

from scripts.cli.local import demo_shop
from scripts.cli.local import stack as local
from scripts.releases.record import Release
from tests.unit.cli.conftest import DEMO, URLS, MakeDeployment, Orders
from tests.unit.cli.local.test_stack import FakeStack


class Server:
    """Records the served app and ends as set."""

    def __init__(self) -> None:
        self.port = 0
        self.ends_with: BaseException = KeyboardInterrupt()

    def __call__(self, app: Starlette, listener: socket.socket) -> None:
        assert isinstance(app, Starlette)
        self.port = listener.getsockname()[1]
        raise self.ends_with


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, make_deployment: MakeDeployment) -> FakeStack:
    fake = FakeStack()
    monkeypatch.setattr(local, "stack", fake)
    deployment = make_deployment(
        stage="local",
        urls=URLS,
        graphql_url=URLS.graphql,
        outputs={**make_deployment().outputs, "ReleaseParameter": "/grocery/local/release"},
    )
    release = Release(name="0.1.0", machine_version="arn:order:1", functions={})
    monkeypatch.setattr(Release, "current", lambda *_: release)
    monkeypatch.setattr(demo_shop, "connect", lambda *_: deployment)
    return fake


@pytest.fixture
def server(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> Server:
    fake = Server()
    monkeypatch.setattr(demo_shop, "serve", fake)
    return fake


@pytest.fixture(autouse=True)
def door(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    """What the front door was told: the method, the address and the body."""
    told: list[tuple[str, str, Any]] = []

    def request(method: str, url: str, **options: Any) -> httpx.Response:
        told.append((method, url, options["json"]))
        return httpx.Response(200, json={})

    monkeypatch.setattr("httpx.request", request)
    return told


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were opened in a browser."""
    pages: list[str] = []
    monkeypatch.setattr("webbrowser.open", pages.append)
    return pages


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_the_shop_prints_its_address_and_the_customers_credentials(
    orders: Orders, server: Server, opened: list[str]
) -> None:
    result = orders("demo-shop")

    assert result.exit_code == 0
    assert result.stdout == (
        f"Shop: http://127.0.0.1:{server.port}\n"
        f"E-mail: {DEMO.email}\n"
        f"Password: {DEMO.password}\n"
        f"Authenticator secret: {DEMO.totp_secret}\n"
    )
    assert opened == [f"http://127.0.0.1:{server.port}"]


@pytest.mark.parametrize("end", [KeyboardInterrupt(), OSError("broken")])
def test_customers_who_have_paid_come_back_to_the_shop_while_it_is_open(
    orders: Orders, server: Server, door: list[tuple[str, str, Any]], end: BaseException
) -> None:
    server.ends_with = end

    orders("demo-shop", "--no-open")

    address = f"{URLS.front_door}/_admin/shop"
    page = f"http://127.0.0.1:{server.port}/orders"
    assert door == [("PUT", address, {"url": page}), ("DELETE", address, None)]


def test_no_open_does_not_open_a_browser(orders: Orders, server: Server, opened: list[str]) -> None:
    orders("demo-shop", "--no-open")

    assert opened == []


def test_a_terminal_shows_the_current_code(
    orders: Orders, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, _environ={"TERM": "xterm"})
    monkeypatch.setattr(demo_shop, "err", terminal)
    monkeypatch.setattr(pyotp.TOTP, "now", lambda _: "123456")

    orders("demo-shop", "--no-open")

    assert "Code: 123456" in screen.getvalue()


@pytest.mark.parametrize(("option", "stays"), [([], False), (["--keep"], True)])
def test_ctrl_c_closes_the_shop_and_the_stack_that_it_started(
    orders: Orders, server: Server, stack: FakeStack, option: list[str], stays: bool
) -> None:
    result = orders("demo-shop", "--no-open", *option)

    assert (result.exit_code, stack.is_up) == (0, stays)
    assert ("To keep it: `orders demo-shop --keep`." in result.stderr) is not stays


def test_a_stack_that_was_up_before_stays_up(
    orders: Orders, server: Server, stack: FakeStack
) -> None:
    stack.is_up = True

    assert "`orders local down` stops it" in orders("demo-shop", "--no-open").stderr
    assert stack.is_up


def test_a_shop_that_fails_stops_its_stack(
    orders: Orders, server: Server, stack: FakeStack
) -> None:
    server.ends_with = OSError("broken")

    result = orders("demo-shop", "--no-open")

    assert (result.exit_code, stack.is_up) == (3, False)


def test_the_port_can_be_chosen(orders: Orders, server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as freed_at_once:
        port = freed_at_once.getsockname()[1]

    assert (
        f"Shop: http://127.0.0.1:{port}\n"
        in orders("demo-shop", "--no-open", "--port", str(port)).stdout
    )


def test_a_used_port_is_reported_before_anything_starts(
    orders: Orders, stack: FakeStack, server: Server, taken_port: int
) -> None:
    refused = orders("demo-shop", "--port", str(taken_port))

    assert refused.exit_code == 3
    assert refused.stderr == (
        f"error: Port {taken_port} can't be had (Address already in use). "
        "Choose another with --port, or leave it out for a free one.\n"
    )
    assert (stack.name, stack.is_up, server.port) == (None, False, 0)
