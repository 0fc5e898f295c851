"""Runs the command line tools of a deployment."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from scripts.local.errors import LocalStackError
from scripts.local.stack.processes import die_with_parent


def require(tool: Path) -> Path:
    """Returns the tool.

    Raises:
        LocalStackError: if it is not installed.
    """
    if not tool.exists():
        raise LocalStackError(f"{tool.name} is not installed ({tool}). Run `make setup`.")
    return tool


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    output: Path,
    timeout_seconds: float,
) -> None:
    """Runs a tool to its end, with its output in a file; an interrupt ends the tool too.

    Raises:
        LocalStackError: if it fails or takes too long; quotes the end of its output.
    """
    with output.open("ab") as sink:
        process = subprocess.Popen(  # noqa: S603  # nosec B603 # our own commands
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one prctl call, no locks
        )
        try:
            code = process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    if code != 0:
        problem = f"took more than {timeout_seconds:.0f} s" if code is None else f"failed ({code})"
        raise LocalStackError(f"{Path(command[0]).name} {problem}; see {output}:\n{tail(output)}")


def tail(file: Path, lines: int = 15) -> str:
    """The last lines of a log; empty if it does not exist."""
    if not file.exists():
        return ""
    return "\n".join(file.read_text("utf-8", errors="replace").splitlines()[-lines:])
