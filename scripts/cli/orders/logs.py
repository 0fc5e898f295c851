"""``orders logs``: one order's log lines from all functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from json import dumps
from typing import Annotated, Any, Final

import typer
from rich.padding import Padding
from rich.text import Text

from orderflow.errors import OrderNotFoundError
from scripts.cli.console import err, out, plain, print_reading
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.options import Json, OrderId, Since, Stage
from scripts.inspection.order_logs import LogLine, OrderLogs
from scripts.inspection.reading import Reading

#: The API logs the submission before the order's record exists.
_BEFORE: Final = timedelta(minutes=5)
_WITHOUT_RECORD: Final = timedelta(days=1)
_MAX_LINES: Final = 10_000
_LEVELS: Final = {"WARNING": "yellow", "ERROR": "bold red", "CRITICAL": "bold red"}


def order_logs(
    order_id: OrderId,
    *,
    since: Since = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing.")] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Print what all functions logged about an order, the oldest first."""
    deployment = connect(stage)
    whole_id = deployment.full_id(order_id)
    start = datetime.now(UTC) - since if since else _begin(deployment, whole_id)
    logs = OrderLogs(deployment)
    if follow:
        _print(logs.follow(whole_id, start), json=json)
        return
    reading = Reading()
    _print(reading.bounded(logs.lines(whole_id, start), _MAX_LINES, "log lines"), json=json)
    if not json:
        if not reading.items:
            err.print("Nothing was logged about this order in that time.")
        print_reading(reading)


def _begin(deployment: Deployment, order_id: str) -> datetime:
    try:
        return deployment.orders.get(order_id).created_at - _BEFORE
    except OrderNotFoundError:
        return datetime.now(UTC) - _WITHOUT_RECORD


def _print(lines: Iterable[LogLine], *, json: bool) -> None:
    trace_id = None
    for line in lines:
        if json:
            typer.echo(dumps(line.as_json()))
            continue
        if line.trace_id and line.trace_id != trace_id:
            trace_id = line.trace_id
            out.print(plain(f"trace {trace_id}", "dim"))
        out.print(log_text(line), soft_wrap=True)
        if line.exception:
            out.print(Padding(plain(line.exception, "red"), (0, 0, 0, 2)))


def log_text(line: LogLine) -> Text:
    """A log line without its exception: time, function, level, message and the other fields."""
    entry = line.details.get("audit")
    fields = line.details if entry is None else _audited(entry)
    details = " ".join(f"{name}={_value(value)}" for name, value in fields.items())
    return Text.assemble(
        (f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03d} ", "dim"),
        (f"{line.function:<22} ", "cyan"),
        (f"{line.level:<7} " if line.level else "", _LEVELS.get(line.level, "")),
        plain(line.message),
        plain(f"  {details}" if details else "", "dim"),
    )


def _audited(entry: dict[str, Any]) -> dict[str, Any]:
    """What is worth a line of an audit entry: the order and the time stand there already."""
    shown = ("action", "actor", "outcome", "reason")
    return {name: entry[name] for name in shown if entry.get(name)}


def _value(value: object) -> str:
    return value if isinstance(value, str) else dumps(value, ensure_ascii=False)
