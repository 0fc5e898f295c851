"""Starts the supervisor."""

import socket
import subprocess
import sys
import time
from typing import Final

from scripts.local.errors import LocalStackError
from scripts.local.stack import health
from scripts.local.stack.processes import environment, tail
from scripts.local.stack.state import KEEP, PROJECT, Home, Supervised

_START_TIMEOUT_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.05
_LOGS: Final = ("supervisor.log", "ministack.log")


class Launch:
    """A supervisor that ends with this process unless :meth:`keep` is called.

    Args:
        home: the stack's folder.
        port: the port of the AWS endpoint; None for a free one.
        keep_data: AWS begins with what ``home.data`` holds, and leaves there what it has at its
            end.

    Raises:
        LocalStackError: if the port is taken.
    """

    def __init__(self, home: Home, port: int | None, *, keep_data: bool = False) -> None:
        if port is not None:
            _require_free_port(port)
        self._log = home.logs / "supervisor.log"
        self._supervised = home.supervised
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603  # nosec B603 # our own command
                [
                    *(sys.executable, "-P", "-m", "scripts.local.stack.supervisor", home.path),
                    *(("--port", str(port)) if port else ()),
                    *(("--data", home.data) if keep_data else ()),
                ],
                cwd=PROJECT,
                env=environment(home.path, {"PYTHONUNBUFFERED": "1"}),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> Supervised:
        """Waits until the stand-ins and the emulator answer.

        Raises:
            LocalStackError: if they don't within a minute; quotes the log.
        """
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            self.check_alive()
            supervised = Supervised.load(self._supervised)
            if supervised and health.answers(health.emulator_health(supervised.urls)):
                return supervised
            time.sleep(_POLL_SECONDS)
        raise self._failure("does not answer")

    def check_alive(self) -> None:
        """Checks that the supervisor still runs.

        Raises:
            LocalStackError: if it has ended; quotes its log.
        """
        if self._process.poll() is not None:
            raise self._failure("ended unexpectedly")

    def keep(self) -> None:
        """Lets the supervisor outlive this process."""
        assert self._process.stdin is not None  # nosec B101 # it is a pipe
        self._process.stdin.write(KEEP)
        self._process.stdin.close()

    def _failure(self, what: str) -> LocalStackError:
        logs = "\n".join(tail(self._log.with_name(name)) for name in _LOGS)
        return LocalStackError(f"The AWS emulator {what}. Its log ends with:\n{logs}")


def _require_free_port(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise LocalStackError(f"Port {port} can't be used: {error.strerror}.") from error
