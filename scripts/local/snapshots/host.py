"""Workers by forking: one template process a function version, and the handles of its workers."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import IO, Final

from scripts.local.snapshots.forks import Fork, request_fork
from scripts.local.snapshots.stems import IMPORTED, Stem, common_path, what_all_read

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

    Args:
        imported: what is imported and called once for all functions, where they have it.
    """

    def __init__(self, imported: Sequence[str] = IMPORTED) -> None:
        self._imported = imported
        self._templates: dict[str, Template] = {}
        self._stems: dict[str, Stem] = {}
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
                found = self._made(environment, folder)
            self._templates[key] = found  # the last one is the one used last
            while len(self._templates) > MOST_TEMPLATES:
                self._templates.pop(next(iter(self._templates))).close()
            self._close_stems()
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
            for stem in self._stems.values():
                stem.close()
            for template in self._templates.values():
                template.close()
            self._stems.clear()
            self._templates.clear()

    def _made(self, environment: Mapping[str, str], folder: str) -> Template:
        try:
            return Template(self._stem(environment), environment, folder)
        except OSError:  # the stem has ended just now
            return Template(self._stem(environment), environment, folder)

    def _stem(self, environment: Mapping[str, str]) -> Stem:
        path, read = common_path(environment), what_all_read(environment)
        key = json.dumps([path, read], sort_keys=True)
        if key not in self._stems or self._stems[key].has_ended:
            self._stems[key] = Stem(environment, path, self._imported)
        return self._stems[key]

    def _close_stems(self) -> None:
        """Ends those without a template, as after each change of the library."""
        used = {id(each.stem) for each in self._templates.values()}
        for key in [key for key, stem in self._stems.items() if id(stem) not in used]:
            self._stems.pop(key).close()


class Template:
    """One function version's process that has run, or still runs, the init phase.

    Attributes:
        stem: what it was forked from.

    Raises:
        OSError: the stem has ended.
    """

    def __init__(self, stem: Stem, environment: Mapping[str, str], folder: str) -> None:
        self.stem = stem
        self._folder = folder
        self._is_ready = False
        self._is_ending = False
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            initial = _while_initializing(environment)
            self._process = stem.fork(initial, folder, theirs.fileno())

    @property
    def has_ended(self) -> bool:
        """Whether it can start no more workers."""
        return self._is_ending or self._process.poll() is not None

    def fork(self, environment: Mapping[str, str]) -> Worker:
        """A worker with this environment; it runs once the init phase is over.

        Raises:
            OSError: the template has ended.
        """
        reading, writing = os.pipe()
        try:
            lifeline = request_fork(self._control, environment, self._folder, writing)
        except OSError:
            self._is_ending = True
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return Worker(self, lifeline, os.fdopen(reading, "rb"))

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


class Worker(Fork):
    """A fork of a template.

    Attributes:
        stdout: both its output and its errors.
    """

    def __init__(self, template: Template, lifeline: socket.socket, stdout: IO[bytes]) -> None:
        super().__init__(lifeline)
        self.stdout = stdout
        self._template = template

    def send_signal(self, number: signal.Signals) -> None:
        """Sends it a signal; it may wait for a template whose init phase does not end."""
        super().send_signal(number)
        self._template.abandon(number)

    def parents_exit_code(self) -> int:
        """The template's: what waited for it ends as it did."""
        return self._template.exit_code()


def _while_initializing(environment: Mapping[str, str]) -> dict[str, str]:
    end = datetime.now(UTC) + _INIT_CREDENTIALS_AGE
    return {**environment, "AWS_CREDENTIAL_EXPIRATION": end.isoformat()}
