"""Workers by forking: one template process a function version, and the handles of its workers."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final

TEMPLATE: Final = Path(__file__).with_name("template.py")

#: Differ between the workers of one function version. All else is the version's own.
WORKERS_OWN: Final = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    }
)

_NAMES: Final = ("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION")

_LAST_SECONDS: Final = 1.0

#: More than two versions of each function. Those that were used longest ago end, with their idle
#: workers; a later invocation starts them again.
MOST_TEMPLATES: Final = 48

#: Until the credentials of the init phase run out. botocore asks for others at each use in the last
#: ten minutes, and so takes those of the restored environment.
_INIT_CREDENTIALS_AGE: Final = timedelta(minutes=5)


class Templates:
    """The templates of all function versions, each started when it is first needed.

    Safe for use by several threads. The templates end with this process, and their workers too.
    """

    def __init__(self) -> None:
        self._templates: dict[str, Template] = {}
        self._lock = threading.Lock()

    def template(self, environment: Mapping[str, str], folder: str) -> Template:
        """The template for workers with this environment (but for :data:`WORKERS_OWN`).

        Args:
            environment: all that the function is to see.
            folder: the function's unpacked package.
        """
        version = {name: value for name, value in environment.items() if name not in WORKERS_OWN}
        key = json.dumps([folder, version], sort_keys=True)
        with self._lock:
            found = self._templates.pop(key, None)
            if found is None or found.has_ended:
                found = Template(environment, folder)
            self._templates[key] = found  # the last one is the one used last
            while len(self._templates) > MOST_TEMPLATES:
                self._templates.pop(next(iter(self._templates))).close()
            return found

    def start_worker(self, environment: Mapping[str, str], folder: str) -> Worker:
        """A worker that goes on where its version's init phase ended."""
        try:
            return self.template(environment, folder).fork(environment)
        except OSError:  # it has ended since, as after a failed init
            return self.template(environment, folder).fork(environment)

    def close(self) -> None:
        """Ends all templates, and their workers with them."""
        with self._lock:
            for each in self._templates.values():
                each.close()
            self._templates.clear()


class Template:
    """One function version's process that has run, or still runs, the init phase."""

    def __init__(self, environment: Mapping[str, str], folder: str) -> None:
        self._folder = folder
        self._is_ready = False
        self._is_ending = False
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # nosec B603 # our own command
                [
                    *(environment["ORDERS_LOCAL_PYTHON"], "-S", "-P"),
                    *(str(TEMPLATE), str(theirs.fileno())),
                    # For people who look at the list of processes.
                    *(environment[each] for each in _NAMES if each in environment),
                ],
                cwd=folder,
                env=_while_initializing(environment),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    @property
    def has_ended(self) -> bool:
        """Whether it can start no more workers."""
        return self._is_ending or self._process.poll() is not None

    def fork(self, environment: Mapping[str, str]) -> Worker:
        """A worker with this environment; it runs once the init phase is over.

        Raises:
            OSError: the template has ended.
        """
        ours, lifeline = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        reading, writing = os.pipe()
        request = {"environment": {**environment}, "folder": self._folder}
        try:
            socket.send_fds(
                self._control, [json.dumps(request).encode()], [writing, lifeline.fileno()]
            )
        except OSError:
            self._is_ending = True
            os.close(reading)
            ours.close()
            raise
        finally:
            os.close(writing)
            lifeline.close()
        return Worker(self, ours, os.fdopen(reading, "rb"))

    def wait_until_ready(self) -> None:
        """Waits until its init phase is over, or it has ended."""
        select.select([self._control], [], [])

    def abandon(self, number: signal.Signals) -> None:
        """Sends it a signal, unless its init phase is over: the next worker starts a new one."""
        with self._lock:
            if not self._is_ready:
                try:
                    self._is_ready = bool(self._control.recv(1, socket.MSG_DONTWAIT))
                except OSError:  # it has not said so yet
                    self._process.send_signal(number)

    def close(self) -> None:
        """Ends it and its workers."""
        self._process.kill()
        self._process.wait()
        self._control.close()

    def exit_code(self) -> int:
        """Waits for its end, but not for long: it has let go of a worker."""
        try:
            return self._process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class Worker:
    """A fork of a template, with as much of :class:`subprocess.Popen` as MiniStack uses.

    Attributes:
        stdout: both its output and its errors.
        returncode: as of :class:`subprocess.Popen`; None while it runs.
    """

    def __init__(self, template: Template, lifeline: socket.socket, stdout: IO[bytes]) -> None:
        self.stdout = stdout
        self.returncode: int | None = None
        self._template = template
        self._lifeline = lifeline
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """The exit code if it has ended, else None."""
        return self._look(timeout=0)

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end, for so many seconds at most, and returns the exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("worker", timeout or 0)
        return code

    def terminate(self) -> None:
        """Asks it to end (SIGTERM)."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it (SIGKILL)."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        with self._lock:
            if self.returncode is None:
                with suppress(OSError):  # ended just now; poll() will tell
                    self._lifeline.send(bytes([number]))
        self._template.abandon(number)

    def _look(self, timeout: float | None) -> int | None:
        with self._lock:
            if self.returncode is None:
                self._lifeline.settimeout(timeout)
                try:
                    report = self._lifeline.recv(16)
                except (BlockingIOError, TimeoutError):
                    return None
                except OSError:
                    report = b""
                # A template that ends takes its workers along, or never had any.
                self.returncode = int(report) if report else self._template.exit_code()
                self._lifeline.close()
            return self.returncode


def _while_initializing(environment: Mapping[str, str]) -> dict[str, str]:
    end = datetime.now(UTC) + _INIT_CREDENTIALS_AGE
    return {**environment, "AWS_CREDENTIAL_EXPIRATION": end.isoformat()}
