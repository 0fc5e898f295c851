"""Runs ``orders`` as an operator does: at a terminal, which answers its questions."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.waiting import PATIENCE_SECONDS

_ORDERS: Final = Path(sys.executable).with_name("orders")
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])")
_QUESTION: Final = re.compile(r"\[y/N\]: $")
_CHUNK: Final = 65_536
#: Wide enough that no cell of a table is folded.
_WIDTH: Final = {"COLUMNS": "240", "LINES": "200"}


@dataclass(frozen=True)
class Ran:
    """How a command ended, and all that was on the terminal, without colours."""

    exit_code: int
    screen: str


def type_in(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    until: Callable[[str], bool] | None = None,
) -> Ran:
    """Run ``orders`` at a terminal; questions are answered with yes.

    Args:
        arguments: those after ``orders``.
        environment: its variables.
        until: when the screen is so, Ctrl-C ends the command; None lets it end by itself.

    Raises:
        AssertionError: it does not end.
    """
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [_ORDERS, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, **_WIDTH, "TERM": "xterm"},
            start_new_session=True,
        )
    finally:
        os.close(theirs)
    try:
        screen = _watched(ours, process, until)
        return Ran(process.wait(PATIENCE_SECONDS), screen)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _watched(
    terminal: int, process: subprocess.Popen[bytes], until: Callable[[str], bool] | None
) -> str:
    """All that the process writes until it ends."""
    raw, answered, stopped = b"", 0, False
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        screen = _ESCAPES.sub("", raw.decode("utf-8", "replace")).replace("\r", "")
        assert time.monotonic() < deadline, f"does not end; so far: {screen}"
        if _QUESTION.search(screen) and answered < len(screen):
            answered = len(screen)
            os.write(terminal, b"y\n")
        if until is not None and not stopped and until(screen):
            stopped = True
            process.send_signal(signal.SIGINT)
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            read = os.read(terminal, _CHUNK)
        except OSError:  # the other end is closed
            return screen
        if not read:
            return screen
        raw += read


def heed_ctrl_c() -> None:
    """For ``preexec_fn``: Ctrl-C ends the process as in a terminal.

    A shell that starts the tests in its background has them, and what they start, ignore it.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
