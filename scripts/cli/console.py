"""How commands speak: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Any

import typer
from rich.console import Console

#: Tables and JSON: what a script may read.
out = Console(highlight=False)
#: Progress and errors: what a person reads.
err = Console(stderr=True, highlight=False)


class ExitCode(IntEnum):
    """What the shell sees."""

    OK = 0
    #: It ran, but the order did not get where it should.
    FAILED = 1
    #: The request itself is wrong: refused by the API, or an argument that makes no sense.
    REFUSED = 2
    #: Nothing to talk to: no stack, no network, no credentials, a missing tool.
    UNAVAILABLE = 3
    NOT_FOUND = 4


class CommandError(Exception):
    """A command can't do what was asked; the message says why and what to do.

    Args:
        message: one or two sentences for the person at the terminal.
        code: the exit code.
    """

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


def print_json(value: Any) -> None:
    """``value`` as JSON, unwrapped and uncoloured."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def naira(kobo: int) -> str:
    """``123456`` -> ``₦1,234.56``."""
    return f"₦{kobo // 100:,}.{kobo % 100:02d}"
