"""``orders breakers``: shows the providers' circuit breakers, forces and configures them."""

from __future__ import annotations

import time
from typing import Annotated, Any, Final, NoReturn

import typer
from botocore.exceptions import ClientError
from pydantic import ValidationError
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from orderflow.breakers.providers import ProviderName
from orderflow.breakers.settings import BreakerPolicy
from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.clock import epoch_ms
from orderflow.errors import StoreUnavailable
from orderflow.platform.aws_errors import error_code
from orderflow.validation import problems_in_words
from scripts.cli.console import CommandError, ExitCode, err, out, plain, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.durations import in_words
from scripts.cli.groups import ShowByDefault
from scripts.cli.operations.audit import AuditTrail, short_name
from scripts.cli.options import Json, Reason, Stage
from scripts.cli.orders.views import listing
from scripts.inspection.breakers import is_open, lets_through, openings

_REFRESH_SECONDS: Final = 1.0
_COLOURS: Final = {
    State.CLOSED: "green",
    State.HALF_OPEN: "yellow",
    State.OPEN: "bold red",
}


#: What becomes of orders while a provider is not called.
FALLBACKS: Final = {
    ProviderName.PAYSTACK: "orders are parked until it is called again",
    ProviderName.BEDROCK: "orders are matched by name alone, and parked if that finds nothing",
}


app = typer.Typer(
    cls=ShowByDefault, help="The providers' circuit breakers; shows them if no command is named."
)


@app.command()
def show(
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Keep it up to date until Ctrl-C.")
    ] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Show every breaker: its state, and what it lets through."""
    if watch and json:
        raise CommandError("--watch is for people: drop --json.", ExitCode.REFUSED)
    board = _Board(connect(stage))
    if watch:
        board.watch()
    elif json:
        print_json(board.as_json())
    else:
        out.print(board.table())


@app.command("open")
def open_breaker(
    provider: ProviderName, *, reason: Reason, json: Json = False, stage: Stage = LOCAL
) -> None:
    """Force a breaker open: the provider is not called."""
    _force(provider, Mode.FORCED_OPEN, reason, stage, json=json)


@app.command("close")
def close_breaker(
    provider: ProviderName, *, reason: Reason, json: Json = False, stage: Stage = LOCAL
) -> None:
    """Force a breaker closed: every call goes out, whatever came of the last ones."""
    _force(provider, Mode.FORCED_CLOSED, reason, stage, json=json)


@app.command("auto")
def leave_breaker(
    provider: ProviderName,
    *,
    reason: Reason = "Left to itself again.",
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Leave a breaker to itself again: CLOSED after `close`, else in the state that it has."""
    _force(provider, Mode.AUTO, reason, stage, json=json)


@app.command("policy")
def tune_breaker(
    provider: ProviderName,
    *,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change it, such as threshold=3."),
    ] = None,
    reason: Reason = "Tuned.",
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Show a breaker's settings, or change some; functions notice within a minute."""
    deployment = connect(stage)
    current = _read_policy(deployment, provider)
    if changes:
        current = _changed(current, changes)
        with AuditTrail(deployment).act("breaker policy", provider, reason, changes=changes):
            _write_policy(deployment, provider, current)
    content = current.model_dump(by_alias=True)
    if json:
        print_json(content)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in content.items():
        table.add_row(name, f"{value:g}")
    out.print(table)


def force_audited(
    deployment: Deployment, provider: ProviderName, mode: Mode, reason: str
) -> BreakerItem:
    """Set a breaker's mode; the act is audited first."""
    trail = AuditTrail(deployment)
    with trail.act(f"breaker {mode}", provider, reason):
        return deployment.breakers.force(provider, mode, reason, trail.actor)


def _force(provider: ProviderName, mode: Mode, reason: str, stage: str, *, json: bool) -> None:
    item = force_audited(connect(stage), provider, mode, reason)
    if json:
        print_json(_view(item))
    else:
        out.print(f"The breaker of {provider} is {mode}. {consequence(item)}", soft_wrap=True)


def consequence(item: BreakerItem) -> str:
    """What a breaker's mode means for calls and orders."""
    provider = ProviderName(item.provider)
    if item.mode is Mode.FORCED_OPEN:
        return (
            f"No call goes out; {FALLBACKS[provider]}. "
            f"`orders breakers auto {provider}` leaves it to itself again."
        )
    return f"Lets through: {lets_through(item, epoch_ms())}.{_parked_orders_note(item)}"


def _parked_orders_note(item: BreakerItem) -> str:
    return f" Parked orders go on by themselves{'' if item.admits_all else ' once it closes'}."


class _Board:
    """All breakers of a stage.

    Their policies are read only once: they rarely change, and the view refreshes every second.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._store = deployment.breakers
        self._thresholds = {provider: _threshold(deployment, provider) for provider in ProviderName}

    def watch(self) -> None:
        """Show the breakers until Ctrl-C; without a terminal, each change on lines of its own."""
        if not out.is_terminal:
            self._log()
        with Live(console=out, auto_refresh=False) as live:
            while True:
                live.update(self._look()[1], refresh=True)
                time.sleep(_REFRESH_SECONDS)

    def _log(self) -> NoReturn:
        printed: object = None
        while True:
            seen, shown = self._look()
            if seen != printed:
                out.print(shown, "")
            printed = seen
            time.sleep(_REFRESH_SECONDS)

    def _look(self) -> tuple[object, Table | Group]:
        """What changes but by the time that passes, and its view."""
        try:
            items = self._items()
        except StoreUnavailable as error:  # the next look may succeed
            return str(error), Group(plain(f"{error}: looking again ...", "red"))
        return [(item, is_open(item, epoch_ms())) for item in items], self._table(items)

    def table(self) -> Table:
        """A table with one column per breaker."""
        return self._table(self._items())

    def _items(self) -> list[BreakerItem]:
        return [self._store.read(provider) for provider in ProviderName]

    def _table(self, items: list[BreakerItem]) -> Table:
        table = listing()
        table.add_column("")
        for item in items:
            table.add_column(item.provider, overflow="fold", ratio=1)
        columns = [_cells(item, self._thresholds[ProviderName(item.provider)]) for item in items]
        for label in columns[0]:
            table.add_row(Text(label, "dim"), *(cells[label] for cells in columns))
        return table

    def as_json(self) -> list[dict[str, Any]]:
        """The form for ``--json``; times are epoch ms."""
        return [
            {**_view(self._store.read(provider)), "threshold": self._thresholds[provider]}
            for provider in ProviderName
        ]


def _cells(item: BreakerItem, threshold: int | None) -> dict[str, Text]:
    now = epoch_ms()
    state = item.state_in_force
    counts = item.mode is Mode.AUTO and state is State.CLOSED
    forced = "" if item.mode is Mode.AUTO else "bold yellow"
    since = item.closed_at if state is State.CLOSED else item.opened_at
    changed = since if state is item.state else None
    failures = f"{item.failures} of {threshold}" if threshold else str(item.failures)
    opened = openings(item)
    return {
        "State": Text(state, _COLOURS[state]),
        "Mode": Text(item.mode, forced),
        "Lets through": Text(lets_through(item, now)),
        "Failures": Text(failures if counts else "-"),
        "Openings": Text(f"{opened} in a row" if opened else "-"),
        "Epoch": Text(str(item.epoch)),
        "Since": Text(f"{in_words((now - changed) / 1000)} ago" if changed else "-"),
        "Reason": plain(item.shown_reason or "-"),
        "Updated by": plain(short_name(item.updated_by or "-")),
    }


def _view(item: BreakerItem) -> dict[str, Any]:
    shown = item.model_dump(by_alias=True, mode="json", exclude={"probe_id"})
    return {**shown, "isOpen": is_open(item, epoch_ms())}


def _threshold(deployment: Deployment, provider: ProviderName) -> int | None:
    """The consecutive failures that open the breaker; None if the policy can't be read."""
    try:
        return _read_policy(deployment, provider).threshold
    except (ClientError, ValidationError) as error:
        problem = error_code(error) if isinstance(error, ClientError) else "not a policy"
        err.print(f"The settings of {provider}'s breaker can't be read: {problem}.")
        return None


def _read_policy(deployment: Deployment, provider: ProviderName) -> BreakerPolicy:
    answer = deployment.client("ssm").get_parameter(Name=_parameter(deployment, provider))
    return BreakerPolicy.model_validate_json(answer["Parameter"]["Value"])


def _write_policy(deployment: Deployment, provider: ProviderName, policy: BreakerPolicy) -> None:
    deployment.client("ssm").put_parameter(
        Name=_parameter(deployment, provider),
        Value=policy.model_dump_json(by_alias=True),
        Overwrite=True,
    )


def _parameter(deployment: Deployment, provider: ProviderName) -> str:
    return f"{deployment.output('BreakerParameterPrefix')}{provider}"


def _changed(policy: BreakerPolicy, changes: list[str]) -> BreakerPolicy:
    pairs = dict(change.partition("=")[::2] for change in changes)
    try:
        return BreakerPolicy.model_validate({**policy.model_dump(by_alias=True), **pairs})
    except ValidationError as error:
        names = ", ".join(policy.model_dump(by_alias=True))
        message = f"{problems_in_words(error)}. The settings are {names}."
        raise CommandError(message, ExitCode.REFUSED) from error
