"""Options that several commands share."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from scripts.cli.durations import parse_duration


def _parse_reason(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("say why, in a few words")
    return text.strip()


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
        envvar="ORDERS_LOCAL_NAME", metavar="NAME", help="Which stack; they run side by side."
    ),
]
Since = Annotated[
    timedelta | None,
    typer.Option(parser=parse_duration, metavar="TIME", help="Only the last 90s, 30m, 2h or 3d."),
]
Reason = Annotated[
    str, typer.Option(parser=_parse_reason, metavar="TEXT", help="Why; it goes into the audit log.")
]
Rate = Annotated[
    float, typer.Option(min=0.1, max=100, metavar="N", help="At most so many orders a second.")
]
