"""``orders trace``: an order's way through the system, with the time that each part took."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from scripts.cli.console import err, out, plain, print_field, print_json, print_reading
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.options import Json, OrderId, Stage
from scripts.cli.orders.show import find_order
from scripts.cli.orders.views import listing
from scripts.inspection.reading import Reading
from scripts.inspection.traces import Span, Trace, order_traces

_WIDTH: Final = 14
_STYLES: Final = {"ok": "green", "error": "yellow", "throttled": "yellow", "failed": "bold red"}
_MARKS: Final = {"ok": "✓", "error": "!", "throttled": "!", "failed": "✗"}


def show_traces(order_id: OrderId, *, json: Json = False, stage: Stage = LOCAL) -> None:
    """Print an order's traces: each part that worked for it, when and how long."""
    deployment = connect(stage)
    order = find_order(deployment, order_id)
    reading = Reading()
    traces = order_traces(deployment, order, reading)
    if json:
        print_json({"orderId": order.order_id, "traces": [each.as_json() for each in traces]})
        return
    if not traces:
        err.print(nothing_found(deployment), soft_wrap=True)
        return
    for trace in traces:
        _print(trace)
    print_reading(reading)


def nothing_found(deployment: Deployment) -> str:
    """Why X-Ray may have nothing."""
    if deployment.urls is not None:
        return "No trace of this order is kept: the local stack drops the oldest."
    return (
        "X-Ray has no trace of this order: a stage records a part of the requests alone "
        "(docs/observability.md), and X-Ray keeps them for 30 days."
    )


def _print(trace: Trace) -> None:
    out.rule(plain(f"{trace.id}, {trace.seconds:.3f} s"), align="left")
    if trace.link:
        print_field("In AWS's console", trace.link)
    print_field("Began", f"{datetime.fromtimestamp(trace.started, UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3])
    out.print(spans_table(trace))


def spans_table(trace: Trace) -> Table:
    """The trace as a tree, each span with a bar that shows when it ran."""
    table = listing()
    table.add_column("Part", no_wrap=True)
    table.add_column("Begin", justify="right", no_wrap=True)
    table.add_column("Seconds", justify="right", no_wrap=True)
    table.add_column("When", no_wrap=True)
    table.add_column("What", overflow="fold", min_width=14)
    for span in trace.spans:
        style = _STYLES[span.outcome]
        indented = f"{'  ' * span.depth}{_MARKS[span.outcome]} "
        table.add_row(
            Text.assemble((indented, style), plain(span.name)),
            f"{span.started - trace.started:.3f}",
            "…" if span.ended is None else f"{span.ended - span.started:.3f}",
            Text(bar(span, trace), style),
            plain(span.what, "dim"),
        )
    return table


def bar(span: Span, trace: Trace) -> str:
    """When the span ran within the trace, one character at least."""
    whole = trace.seconds or 1.0
    end = trace.started + whole if span.ended is None else span.ended
    first = min(int((span.started - trace.started) / whole * _WIDTH), _WIDTH - 1)
    length = max(round((end - span.started) / whole * _WIDTH), 1)
    return " " * first + "━" * min(length, _WIDTH - first)
