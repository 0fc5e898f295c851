"""``orders local watch``: what is saved runs on the local stack."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import strftime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scripts.cli.console import CommandError, ExitCode, err, plain
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.local.demo_shop import codes, door_to, introduce, listen, shop_app
from scripts.cli.local.stack import bring_up
from scripts.cli.options import LocalName
from scripts.local.stack.deploy import lambda_runtime
from scripts.local.stack.state import Home, LocalState

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from scripts.local.hotswap.watch import Hotswap, Report

_HOST: Final = "127.0.0.1"
_DEBOUNCE_MS: Final = 200
_LOOK_EVERY_MS: Final = 500
#: So many saved files are named; a command may write hundreds.
_NAMED: Final = 6


def watch(
    *,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="For the page; a free one if not given.")
    ] = None,
    name: LocalName = None,
) -> None:
    """Deploy functions, definition and page whenever one is saved, until Ctrl-C; serve the page."""
    with listen(port) as listener, tempfile.TemporaryDirectory(prefix="orders-page-") as folder:
        state = bring_up(name)
        deployment = connect(LOCAL, name)
        url = f"http://{_HOST}:{listener.getsockname()[1]}"
        hotswap, page = _hotswap(state, Path(folder) / "page")
        introduce(url, deployment)
        serving = _serving(shop_app(deployment, page), listener)
        with door_to(url, deployment), serving, codes(deployment):
            _follow(hotswap, Home(state.name).state.stat().st_mtime)
    err.print("The local stack stays up; `orders local down` stops it.")


def _hotswap(state: LocalState, page: Path) -> tuple[Hotswap, Path]:
    # No other command needs these.
    from scripts.demo_shop.app import PAGE  # noqa: PLC0415
    from scripts.local.hotswap.definition import Definition  # noqa: PLC0415
    from scripts.local.hotswap.functions import Functions  # noqa: PLC0415
    from scripts.local.hotswap.page import Page  # noqa: PLC0415
    from scripts.local.hotswap.watch import Hotswap  # noqa: PLC0415

    functions = Functions(state.urls, lambda_runtime(Home(state.name)))
    definition = Definition(state.urls, state.outputs, state.time_factor, functions.live_version)
    published = Page(PAGE, page)
    return Hotswap(functions, definition, published), published.folder


def _follow(hotswap: Hotswap, deployed_at: float) -> None:
    from scripts.local.hotswap.watch import WATCHED  # noqa: PLC0415

    try:
        import watchfiles  # noqa: PLC0415 - for developers only
    except ImportError:
        raise CommandError(
            "The package watchfiles is not installed; `make setup` installs it.",
            ExitCode.UNAVAILABLE,
        ) from None
    is_watching = False
    for saved in watchfiles.watch(
        *WATCHED,
        debounce=_DEBOUNCE_MS,
        rust_timeout=_LOOK_EVERY_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        if not is_watching:  # no save is missed from here on
            _tell(hotswap.catch_up(deployed_at))
            is_watching = True
        if saved:
            _tell(hotswap.save([Path(path) for _, path in saved]))


def _tell(report: Report) -> None:
    """Print what a save led to."""
    err.print(f"[dim]{strftime('%H:%M:%S')}[/dim]", plain(_files(report) or "watching"))
    for each in report.done:
        err.print("[green]✓[/green]", plain(each), soft_wrap=True)
    if report.problem:
        err.print(plain(report.problem), style="red", soft_wrap=True)
        err.print("✗ Not deployed: what ran before runs on.", style="red")
    if report.hint:
        err.print(plain(report.hint), style="yellow", soft_wrap=True)
    if report.files:
        err.print(f"[dim]{report.seconds:.1f} s after the save[/dim]")


def _files(report: Report) -> str:
    named = ", ".join(report.files[:_NAMED])
    left = len(report.files) - _NAMED
    return f"{named} and {left} more" if left > 0 else named


@contextmanager
def _serving(app: Starlette, listener: object) -> Iterator[None]:
    """Serve a page in a thread for the length of a block."""
    import uvicorn  # noqa: PLC0415

    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
