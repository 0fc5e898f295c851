"""``orders console``: serves the operators' page on this machine."""

from __future__ import annotations

import secrets
import webbrowser
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from scripts.cli.console import err, print_field
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.local.demo_shop import listen, serve
from scripts.cli.options import Stage

if TYPE_CHECKING:
    from starlette.applications import Starlette


def console(
    *,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="For the page; a free one if not given.")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
    stage: Stage = LOCAL,
) -> None:
    """Serve a page that shows a stage and acts on it, for you alone, until Ctrl-C."""
    deployment = connect(stage)
    key = secrets.token_urlsafe(32)
    with listen(port) as listener:
        app = _app(deployment, key)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/#key={key}"
        print_field("Console", url)
        err.print("The address is yours alone: its key lets act. Ctrl-C closes the console.")
        if open_page:
            webbrowser.open(url)
        with suppress(KeyboardInterrupt):
            serve(app, listener)


def _app(deployment: Deployment, key: str) -> Starlette:
    # The server is slow to load, and no other command needs it.
    from scripts.console.app import Console  # noqa: PLC0415
    from scripts.console.operators import Operators, local_operator  # noqa: PLC0415
    from scripts.console.stage import ConsoleStage  # noqa: PLC0415
    from scripts.console.views import Views  # noqa: PLC0415
    from scripts.demo_shop.accounts import PoolAccounts  # noqa: PLC0415
    from scripts.demo_shop.sessions import Sessions  # noqa: PLC0415

    accounts = PoolAccounts(deployment.user_pool)
    operators = Operators(accounts, Sessions(accounts.refresh))
    if deployment.urls:
        operators.enter(local_operator(deployment))
    return Console(Views(ConsoleStage.of(deployment), operators), key).app()
