"""How commands speak: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
import unicodedata
from enum import IntEnum
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

#: Tables and JSON: what a script may read.
out = Console(highlight=False)
#: Progress and errors: what a person reads.
err = Console(stderr=True, highlight=False)


class ExitCode(IntEnum):
    """What the shell sees."""

    OK = 0
    #: It ran, but the order did not get where it should; of many, one at least.
    FAILED = 1
    #: The request itself is wrong: refused by the API, or an argument that makes no sense.
    REFUSED = 2
    #: Nothing to talk to: no stack, no network, no credentials, a missing tool, no audit log.
    UNAVAILABLE = 3
    NOT_FOUND = 4
    #: Ctrl-C: 128 + SIGINT, as shells count.
    INTERRUPTED = 130


class CommandError(Exception):
    """A command can't do what was asked; the message says why and what to do.

    Args:
        message: one or two sentences for the person at the terminal.
        code: the exit code.
    """

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


def is_interactive() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def print_json(value: Any) -> None:
    """``value`` as JSON, unwrapped and uncoloured."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_field(label: str, value: str | Text) -> None:
    """``label: value`` on a line of its own, which only the terminal may break."""
    shown = value if isinstance(value, Text) else plain(value)
    out.print(Text.assemble(f"{label}: ", shown), soft_wrap=True)


def print_error(message: str) -> None:
    """Say what went wrong."""
    err.print(Text.assemble(("error: ", "red"), plain(message)), soft_wrap=True)


def plain(text: str, style: str = "") -> Text:
    """Somebody else's text, just as it is: no markup, and nothing that steers the terminal."""
    return Text("".join(filter(_is_harmless, text)), style)


def _is_harmless(character: str) -> bool:
    # Cc: control characters, such as the start of an escape sequence; Cs: not even encodable.
    return character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}
