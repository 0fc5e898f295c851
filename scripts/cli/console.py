"""Output of commands: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
import unicodedata
from enum import IntEnum
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

#: Tables and JSON, for people and scripts.
out = Console(highlight=False)
#: Progress and errors, for people.
err = Console(stderr=True, highlight=False)


class ExitCode(IntEnum):
    """The exit codes of all commands."""

    OK = 0
    #: It ran, but at least one order did not succeed.
    FAILED = 1
    #: The request is invalid: refused by the API, or by an invalid argument.
    REFUSED = 2
    #: A dependency is missing (stack, network, credentials, tool, audit log), or try again later.
    UNAVAILABLE = 3
    NOT_FOUND = 4
    #: Ctrl-C: 128 + SIGINT, as shells count.
    INTERRUPTED = 130


class CommandError(Exception):
    """A command failed; the message states the reason and what to do.

    Args:
        message: one or two sentences for the user.
        code: the exit code.
    """

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


class TryLaterError(CommandError):
    """The API is busy, or limits how often it is asked: the same request may succeed later.

    Args:
        message: see :class:`CommandError`.
        retry_after_seconds: how long to wait, at least.
    """

    def __init__(self, message: str, retry_after_seconds: float) -> None:
        super().__init__(message, ExitCode.UNAVAILABLE)
        self.retry_after_seconds = retry_after_seconds


def is_interactive() -> bool:
    """Whether standard input is a terminal, so that the user can answer questions."""
    return sys.stdin.isatty()


def print_json(value: Any) -> None:
    """Print ``value`` as JSON, without line wrapping and colours."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_field(label: str, value: str | Text) -> None:
    """Print ``label: value`` on one line, without line wrapping."""
    shown = value if isinstance(value, Text) else plain(value)
    out.print(Text.assemble(f"{label}: ", shown), soft_wrap=True)


def print_error(message: str) -> None:
    """Print an error message."""
    err.print(Text.assemble(("error: ", "red"), plain(message)), soft_wrap=True)


def plain(text: str, style: str = "") -> Text:
    """Text of others, without interpreting markup and without control characters."""
    return Text("".join(filter(_is_harmless, text)), style)


def _is_harmless(character: str) -> bool:
    # Cc: control characters, such as the start of an escape sequence; Cs: not even encodable.
    return character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}
