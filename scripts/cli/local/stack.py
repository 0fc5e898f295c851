"""``orders local``: AWS, PayStack and Bedrock on this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from json import dumps
from pathlib import Path
from shlex import quote
from typing import Annotated, Any, Final

import httpx
import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.table import Table

from scripts.cli.console import ExitCode, PlainSeconds, Spinner, err, out, plain, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.options import Json, LocalName
from scripts.cli.orders.submit import Submission
from scripts.local.errors import LocalStackError
from scripts.local.snapshots.support import why_not
from scripts.local.stack import lifecycle as stack
from scripts.local.stack import logs as stack_logs
from scripts.local.stack.health import Condition, Status
from scripts.local.stack.processes import EMULATOR_ROOT
from scripts.local.stack.state import Home, LocalState

app = typer.Typer(help="The local stack: AWS emulated on this machine.", no_args_is_help=True)

DEMO_LIST: Final = "2 cups milk, 1 loaf bread, 3 eggs"
DEMO_PATIENCE_SECONDS: Final = 120

_STAYS_UP: Final = """\
The local stack stays up: AWS, PayStack and Bedrock on this machine, and the orders in it.
Next:
  {orders} submit "{list}" --pay
  {orders} list
  {orders} demo-shop
`{orders} local down` stops it."""
_STOPPED: Final = """\
The local stack is stopped. Its orders, links and addresses are gone with it.
To keep it: {to_keep}.
Next:
  {orders} local up
  {orders} submit "{list}" --pay
  {orders} demo-shop
  {orders} local down"""


class Steps:
    """Shows the steps of a long task on standard error: running seconds, then a tick and the time.

    A terminal shows a spinner; elsewhere a step that takes long has a line every ten seconds.
    """

    def __init__(self) -> None:
        self._spinner: Spinner | PlainSeconds | None = None

    def __call__(self, step: str, seconds: float | None) -> None:
        """A step begins (``seconds`` None) or is done."""
        self.stop()
        if seconds is None:
            self._spinner = Spinner(step) if err.is_terminal else PlainSeconds(step)
            self._spinner.start()
        else:
            err.print(f"[green]✓[/green] {step} [dim]({seconds:.1f} s)[/dim]")

    def stop(self) -> None:
        """Take the spinner away."""
        if self._spinner:
            self._spinner.stop()
            self._spinner = None


def bring_up(
    name: str | None, port: int | None = None, *, redeploy: bool = False, keep_data: bool = False
) -> LocalState:
    """Start a stack unless it is up, and show the steps."""
    steps = Steps()
    reason = why_not()
    if reason:
        err.print(f"[yellow]Functions start as fresh processes: {reason}[/yellow]")
    try:
        return stack.up(name, port=port, redeploy=redeploy, keep_data=keep_data, on_progress=steps)
    except (BotoCoreError, ClientError, httpx.HTTPError) as error:
        raise LocalStackError(
            f"{str(error).rstrip('.')}. On a busy machine, try again; the logs are in "
            f"{Home(name).logs}."
        ) from error
    finally:
        steps.stop()


@app.command()
def up(
    name: LocalName = None,
    port: Annotated[
        int | None,
        typer.Option(
            envvar="ORDERS_LOCAL_PORT", min=1, max=65535, help="For AWS; a free one if not given."
        ),
    ] = None,
    redeploy: Annotated[
        bool, typer.Option("--redeploy", help="Deploy the sources again if it is up already.")
    ] = False,
    keep_data: Annotated[
        bool,
        typer.Option("--keep-data", help="Go on with the orders of the last stack so started."),
    ] = False,
    json: Json = False,
) -> None:
    """Start the local stack, deploy into it and seed it; do nothing if it is up."""
    state = bring_up(name, port, redeploy=redeploy, keep_data=keep_data)
    if json:
        print_json({"name": state.name, "urls": state.urls.model_dump(by_alias=True)})
        return
    out.print(
        f"The local stack [bold]{state.name}[/bold] is up: {state.urls.graphql}", soft_wrap=True
    )
    out.print(plain(f'Next: {_this_command(name)} submit "{DEMO_LIST}" --pay'), soft_wrap=True)


@app.command()
def down(
    name: LocalName = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Remove what --keep-data has kept, too.")
    ] = False,
    json: Json = False,
) -> None:
    """Stop the local stack and forget everything in it, but what `up --keep-data` keeps."""
    keeps = stack.keeps_data(name) and not forget
    existed = stack.down(name, forget=forget)
    if json:
        print_json({"existed": existed, "keptData": keeps})
        return
    out.print("The local stack is down." if existed else "There was no local stack.")
    if keeps:
        err.print("Its data is kept: `orders local up --keep-data` goes on with it.")


@app.command()
def status(name: LocalName = None, json: Json = False) -> None:
    """Say what runs and whether it answers; exit code 3 unless all of it does."""
    found = stack.status(name)
    if json:
        print_json(_as_json(found))
    else:
        _print_status(found)
    raise typer.Exit(ExitCode.OK if found.condition is Condition.UP else ExitCode.UNAVAILABLE)


def _as_json(found: Status) -> dict[str, Any]:
    parts = [
        {"name": part.name, "url": part.url, "pid": part.pid, "healthy": part.healthy}
        for part in found.components
    ]
    return {"name": found.name, "condition": found.condition, "components": parts}


def _print_status(found: Status) -> None:
    out.print(f"The local stack [bold]{found.name}[/bold] is {found.condition}.")
    if found.components:
        out.print(_parts_table(found))
    if found.condition is Condition.BROKEN:
        err.print("Something has died. `orders local up` cleans up and starts afresh.")


def _parts_table(found: Status) -> Table:
    table = Table("Part", "Address", "Process", "Health", box=None, pad_edge=False)
    for part in found.components:
        health = "[green]answers[/green]" if part.healthy else "[red]does not answer[/red]"
        table.add_row(part.name, part.url, str(part.pid), health)
    return table


@app.command()
def env(name: LocalName = None, json: Json = False) -> None:
    """Print exports that point the AWS CLI, and other tools of AWS, at the local stack."""
    state = stack.read(name)
    variables = {
        "AWS_ENDPOINT_URL": state.urls.aws,
        "AWS_ACCESS_KEY_ID": EMULATOR_ROOT,
        "AWS_SECRET_ACCESS_KEY": EMULATOR_ROOT,
        "AWS_DEFAULT_REGION": state.region,
        "AWS_REGION": state.region,
    }
    if json:
        print_json(variables)
        return
    # A profile would bring credentials and an endpoint of its own.
    typer.echo("unset AWS_PROFILE AWS_SESSION_TOKEN")
    for variable, value in variables.items():
        typer.echo(f"export {variable}={quote(value)}")


@app.command()
def logs(
    name: LocalName = None,
    minutes: Annotated[float, typer.Option(min=0.1, help="How far to look back.")] = 15,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing.")] = False,
    json: Json = False,
) -> None:
    """Print what the functions logged, after the last words of the local processes."""
    if not json:
        _print_process_logs(name)
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    events = stack_logs.follow if follow else stack_logs.events
    for event in events(stack.read(name), since):
        if json:
            typer.echo(dumps({**asdict(event), "at": event.at.isoformat()}))
        else:
            line = f"{event.at:%H:%M:%S.%f} {event.group} {event.message}"
            out.print(plain(line), soft_wrap=True)


def _print_process_logs(name: str | None) -> None:
    for file, tail in stack_logs.process_tail(name).items():
        err.rule(file, align="left")
        err.print(plain(tail), soft_wrap=True)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack running.")] = False,
    name: LocalName = None,
    json: Json = False,
) -> None:
    """Run one order from list to payment on a local stack, then take the stack down."""
    with running(name, keep=keep, to_keep="`make demo KEEP=1` or `orders demo --keep`"):
        err.print(f'\n[bold]orders submit "{DEMO_LIST}" --pay[/bold]')
        submission = Submission(connect(LOCAL, name), DEMO_PATIENCE_SECONDS, json=json)
        code = submission.run({"groceryList": DEMO_LIST}, pay=True)
    raise typer.Exit(code)


@contextmanager
def running(name: str | None, *, keep: bool, to_keep: str) -> Iterator[None]:
    """A stack for the length of a block; it stays up afterwards if it was up before or is kept.

    After the block, standard error says which of both it is, and the next commands.

    Args:
        name: which stack; None for the default one.
        keep: leave it up.
        to_keep: what keeps it another time, for the user of a stack that is stopped.
    """
    stays = keep or stack.status(name).condition is Condition.UP
    try:
        bring_up(name)
    except LocalStackError:
        raise  # only its logs are left, for the user to read
    except BaseException:
        if not stays:
            stack.down(name)
        raise
    try:
        yield
    finally:
        if not stays:
            stack.down(name)
    text = (_STAYS_UP if stays else _STOPPED).format(
        orders=_this_command(name), list=DEMO_LIST, to_keep=to_keep
    )
    err.print(plain(text), soft_wrap=True)


def _this_command(name: str | None) -> str:
    """``orders`` for the user's shell, for a stack.

    `make` calls it by its path: the user's PATH need not have it.
    """
    called = Path(sys.argv[0])
    command = str(called) if called.name == "orders" and not called.is_absolute() else "orders"
    return f"ORDERS_LOCAL_NAME={quote(name)} {command}" if name else command
