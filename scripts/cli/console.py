"""Output of commands: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, TextIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
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


class _Seconds(ProgressColumn):
    """The time since a task began, in whole seconds."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.elapsed or 0:.0f} s", "dim")


class Spinner:
    """A spinner with a text and the seconds so far, on standard error if that is a terminal.

    Args:
        text: what is going on.
        quiet: show nothing.
    """

    def __init__(self, text: str, *, quiet: bool = False) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), _Seconds())
        hidden = quiet or not err.is_terminal
        self._progress = Progress(*columns, console=err, transient=True, disable=hidden)
        self._progress.add_task(escape(text))

    def start(self) -> None:
        """Show it."""
        self._progress.start()

    def stop(self) -> None:
        """Take it away."""
        self._progress.stop()


class PlainSeconds:
    """The seconds so far, a line at times, where no terminal shows a :class:`Spinner`.

    Args:
        text: what is going on.
        every: the seconds between two lines.
    """

    def __init__(self, text: str, every: float = 10) -> None:
        self._text = text
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._print, daemon=True)

    def start(self) -> None:
        """Begin to count."""
        self._thread.start()

    def stop(self) -> None:
        """Print no more."""
        self._ended.set()
        self._thread.join()

    def _print(self) -> None:
        began = time.monotonic()
        while not self._ended.wait(self._every):
            err.print(plain(f"  {self._text} ... {time.monotonic() - began:.0f} s"))


@contextmanager
def working(text: str, *, quiet: bool = False) -> Iterator[None]:
    """Show a :class:`Spinner` for the length of a block."""
    spinner = Spinner(text, quiet=quiet)
    spinner.start()
    try:
        yield
    finally:
        spinner.stop()


def is_interactive() -> bool:
    """Whether standard input is a terminal, so that the user can answer questions."""
    return sys.stdin.isatty()


def print_json(value: Any) -> None:
    """Print ``value`` as JSON, without line wrapping and colours."""
    typer.echo(_json(value, sys.stdout))


def _json(value: Any, stream: TextIO) -> str:
    """``value`` as JSON that the stream's encoding can hold."""
    is_unicode = (stream.encoding or "").lower().startswith("utf")
    return json.dumps(value, indent=2, ensure_ascii=not is_unicode)


def print_reading(reading: object) -> None:
    """Print how much a view has read, on standard error."""
    err.print(plain(str(reading), "dim"), soft_wrap=True)


def print_field(label: str, value: str | Text) -> None:
    """Print ``label: value`` on one line, without line wrapping."""
    shown = value if isinstance(value, Text) else plain(value)
    out.print(Text.assemble(f"{label}: ", shown), soft_wrap=True)


def print_json_error(error: CommandError) -> None:
    """Print an error as JSON on standard error, for scripts."""
    content = {"code": error.code.name, "exitCode": error.code, "message": str(error)}
    typer.echo(_json({"error": content}, sys.stderr), err=True)


def print_error(message: str) -> None:
    """Print an error message."""
    err.print(Text.assemble(("error: ", "red"), plain(message)), soft_wrap=True)


def plain(text: str, style: str = "") -> Text:
    """Text of others, without interpreting markup and without control characters."""
    return Text("".join(filter(_is_harmless, text)), style)


def _is_harmless(character: str) -> bool:
    # Cc: control characters, such as the start of an escape sequence; Cs: not even encodable.
    return character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}
