"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

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
