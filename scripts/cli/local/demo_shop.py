"""``orders demo-shop``: serves a web page to order and pay."""

from __future__ import annotations

import os
import socket
import webbrowser
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import pyotp
import typer
from rich.live import Live
from rich.text import Text

from scripts.cli.console import CommandError, ExitCode, err, print_field
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.local.stack import running
from scripts.cli.local.stand_ins import admin
from scripts.cli.options import LocalName
from scripts.releases.record import Release

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from scripts.local.stack.state import Urls

_HOST: Final = "127.0.0.1"


def demo_shop(
    *,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="For the page; a free one if not given.")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack running.")] = False,
    name: LocalName = None,
) -> None:
    """Serve a page to order, follow and pay with, on a local stack, until Ctrl-C."""
    kept = running(name, keep=keep, to_keep="`orders demo-shop --keep`")
    with listen(port) as listener, kept:
        deployment = connect(LOCAL, name)
        url = f"http://{_HOST}:{listener.getsockname()[1]}"
        introduce(url, deployment)
        if open_page:
            webbrowser.open(url)
        with door_to(url, deployment), codes(deployment), suppress(KeyboardInterrupt):
            serve(shop_app(deployment), listener)


def listen(port: int | None) -> socket.socket:
    """Listen on the page's port; done first, so that a used port is reported early."""
    try:
        return socket.create_server((_HOST, port or 0))
    except OSError as error:
        raise CommandError(
            f"Port {port} can't be had ({os.strerror(error.errno or 0)}). "
            "Choose another with --port, or leave it out for a free one.",
            ExitCode.UNAVAILABLE,
        ) from error


def introduce(url: str, deployment: Deployment) -> None:
    """Print the shop's address and the credentials of the stack's customer."""
    customer = deployment.customer
    print_field("Shop", url)
    print_field("E-mail", customer.email)
    print_field("Password", customer.password)
    print_field("Authenticator secret", customer.totp_secret or "")
    err.print("Ctrl-C closes the shop.")


@contextmanager
def door_to(url: str, deployment: Deployment) -> Iterator[None]:
    """Lead customers here who come back from the checkout."""
    urls = cast("Urls", deployment.urls)  # the local stage has them
    admin(urls.front_door, "PUT", "shop", {"url": f"{url}/orders"})
    try:
        yield
    finally:
        admin(urls.front_door, "DELETE", "shop")


def codes(deployment: Deployment) -> AbstractContextManager[object]:
    """Show the authenticator's current code on a terminal, for users without the app."""
    if not err.is_terminal:
        return nullcontext()
    authenticator = pyotp.TOTP(deployment.customer.totp_secret or "")
    return Live(
        get_renderable=lambda: Text(f"Code: {authenticator.now()}"),
        console=err,
        refresh_per_second=1,
        transient=True,
    )


def shop_app(deployment: Deployment, page: Path | None = None) -> Starlette:
    """The page's server; ``page`` takes the place of the page's own folder."""
    # The server is slow to load, and no other command needs it.
    from scripts.demo_shop.accounts import PoolAccounts  # noqa: PLC0415
    from scripts.demo_shop.app import PAGE, DemoShop  # noqa: PLC0415
    from scripts.demo_shop.sessions import Sessions  # noqa: PLC0415

    accounts = PoolAccounts(deployment.user_pool)
    sessions = Sessions(accounts.refresh)
    release = Release.current(deployment.client("ssm"), deployment.output("ReleaseParameter"))
    return DemoShop(deployment.graphql_url, accounts, sessions, release.name, page or PAGE).app()


def serve(app: Starlette, listener: socket.socket) -> None:
    """Serve a page until Ctrl-C."""
    import uvicorn  # noqa: PLC0415

    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])
