"""``orders local``: AWS, PayStack and Bedrock on this machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.status import Status as Spinner
from rich.table import Table

from scripts.cli.console import ExitCode, err, out, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.submit import Submission
from scripts.local import logs as stack_logs
from scripts.local import stack
from scripts.local.health import Condition
from scripts.local.state import LocalState

app = typer.Typer(help="The local stack: AWS emulated on this machine.", no_args_is_help=True)

DEMO_LIST = "2 cups milk, 1 loaf bread, 3 eggs"

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Name = Annotated[
    str | None, typer.Option(envvar="ORDERS_LOCAL_NAME", help="Which stack; they run side by side.")
]


class Steps:
    """Shows the steps of a long task on standard error: a spinner, then a tick and the time."""

    def __init__(self) -> None:
        self._spinner: Spinner | None = None

    def __call__(self, step: str, seconds: float | None) -> None:
        """A step begins (``seconds`` None) or is done."""
        self.stop()
        if seconds is None:
            self._spinner = err.status(step)
            self._spinner.start()
        else:
            err.print(f"[green]✓[/green] {step} [dim]({seconds:.1f} s)[/dim]")

    def stop(self) -> None:
        """Take the spinner away."""
        if self._spinner:
            self._spinner.stop()
            self._spinner = None


def _bring_up(name: str | None, port: int | None = None, *, redeploy: bool = False) -> LocalState:
    steps = Steps()
    try:
        return stack.up(name, port=port, redeploy=redeploy, on_progress=steps)
    finally:
        steps.stop()


@app.command()
def up(
    name: Name = None,
    port: Annotated[
        int | None,
        typer.Option(
            envvar="ORDERS_LOCAL_PORT", min=1, max=65535, help="For AWS; a free one if not given."
        ),
    ] = None,
    redeploy: Annotated[
        bool, typer.Option("--redeploy", help="Deploy the sources again if it is up already.")
    ] = False,
    json: Json = False,
) -> None:
    """Start the local stack, deploy into it and seed it; do nothing if it is up."""
    state = _bring_up(name, port, redeploy=redeploy)
    if json:
        print_json({"name": state.name, "urls": state.urls.model_dump(by_alias=True)})
        return
    out.print(f"The local stack [bold]{state.name}[/bold] is up: {state.urls.graphql}")
    out.print('Next: orders submit "2 cups milk, 1 loaf bread, 3 eggs"')


@app.command()
def down(name: Name = None) -> None:
    """Stop the local stack and forget everything in it."""
    existed = stack.down(name)
    out.print("The local stack is down." if existed else "There was no local stack.")


@app.command()
def status(name: Name = None, json: Json = False) -> None:
    """Say what runs and whether it answers; exit code 3 unless all of it does."""
    found = stack.status(name)
    if json:
        print_json(
            {
                "name": found.name,
                "condition": found.condition,
                "components": [
                    {"name": c.name, "url": c.url, "pid": c.pid, "healthy": c.healthy}
                    for c in found.components
                ],
            }
        )
    else:
        table = Table(
            "Part", "Address", "Process", "Health", title=f"{found.name}: {found.condition}"
        )
        for part in found.components:
            health = "[green]answers[/green]" if part.healthy else "[red]does not answer[/red]"
            table.add_row(part.name, part.url, str(part.pid), health)
        out.print(table)
        if found.condition is Condition.BROKEN:
            err.print("Something has died. `orders local up` cleans up and starts afresh.")
    raise typer.Exit(ExitCode.OK if found.condition is Condition.UP else ExitCode.UNAVAILABLE)


@app.command()
def logs(
    name: Name = None,
    minutes: Annotated[float, typer.Option(min=0.1, help="How far to look back.")] = 15,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing.")] = False,
) -> None:
    """Print what the functions logged, after the last words of the local processes."""
    for file, tail in stack_logs.process_tail(name).items():
        err.rule(file, align="left")
        err.print(tail, markup=False, soft_wrap=True)
    state = stack.read(name)
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    events = stack_logs.follow if follow else stack_logs.events
    for event in events(state, since):
        out.print(
            f"{event.at:%H:%M:%S.%f} {event.group} {event.message}", markup=False, soft_wrap=True
        )


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack running.")] = False,
    name: Name = None,
) -> None:
    """Run one order from list to payment link on a local stack, then take the stack down."""
    was_up = stack.status(name).condition is Condition.UP
    try:
        _bring_up(name)
        err.print(f'\n[bold]orders submit "{DEMO_LIST}"[/bold]')
        code = Submission(connect(LOCAL, name), patience_seconds=120, quiet=False).run(
            {"groceryList": DEMO_LIST}, wait=True, pay=False
        )
    finally:
        if not keep and not was_up:
            stack.down(name)
    raise typer.Exit(code)
