"""Options that several commands share."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from orderflow.orders.status import OrderStatus
from scripts.cli.durations import parse_duration


def _parse_reason(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("say why, in a few words")
    return text.strip()


def parse_status(text: str) -> OrderStatus:
    """Parse a status in any case (the parser of an option).

    Raises:
        typer.BadParameter: if there is no such status.
    """
    try:
        return OrderStatus(text.upper().replace("-", "_"))
    except ValueError:
        raise typer.BadParameter(f"{text} is none of {', '.join(OrderStatus)}") from None


Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Stage = Annotated[
    str,
    typer.Option(
        envvar="ORDERS_STAGE", metavar="STAGE", help="local, or one on AWS: dev, staging, prod."
    ),
]
LocalName = Annotated[
    str | None,
    typer.Option(
        envvar="ORDERS_LOCAL_NAME", metavar="NAME", help="Which local stack; they run side by side."
    ),
]
Since = Annotated[
    timedelta | None,
    typer.Option(parser=parse_duration, metavar="TIME", help="Only the last 90s, 30m, 2h or 3d."),
]
Reason = Annotated[
    str, typer.Option(parser=_parse_reason, metavar="TEXT", help="Why; it goes into the audit log.")
]
OrderId = Annotated[
    str, typer.Argument(metavar="ORDER_ID", help="The order's id, or its first characters.")
]
Rate = Annotated[
    float, typer.Option(min=0.1, max=100, metavar="N", help="At most so many orders a second.")
]
