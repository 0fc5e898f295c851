"""Processes that another one forks on request, each held by its lifeline (see ``template.py``)."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress


class Fork:
    """A forked process, with as much of :class:`subprocess.Popen` as is used here.

    Attributes:
        returncode: as of :class:`subprocess.Popen`; None while it runs.
    """

    def __init__(self, lifeline: socket.socket) -> None:
        self.returncode: int | None = None
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
            raise subprocess.TimeoutExpired("fork", timeout or 0)
        return code

    def terminate(self) -> None:
        """Asks it to end (SIGTERM)."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it (SIGKILL)."""
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: signal.Signals) -> None:
        """Sends it a signal, unless it has ended."""
        with self._lock:
            if self.returncode is None:
                with suppress(OSError):  # ended just now; poll() will tell
                    self._lifeline.send(bytes([number]))

    def parents_exit_code(self) -> int:
        """The exit code of what ends with its parent, which has ended."""
        return -signal.SIGKILL

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
                # A parent that ends takes its forks along, or never had any.
                self.returncode = int(report) if report else self.parents_exit_code()
                self._lifeline.close()
            return self.returncode


def request_fork(
    control: socket.socket, environment: Mapping[str, str], folder: str, descriptor: int
) -> socket.socket:
    """Asks the process at the other end of ``control`` for a fork; our end of its lifeline.

    Args:
        control: a socket of messages.
        environment: the fork's.
        folder: the function's unpacked package.
        descriptor: the file that the fork is to have: a worker's output, a template's control.

    Raises:
        OSError: the process has ended.
    """
    ours, lifeline = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    request = {"environment": {**environment}, "folder": folder}
    with lifeline:
        try:
            socket.send_fds(
                control, [json.dumps(request).encode()], [descriptor, lifeline.fileno()]
            )
        except OSError:
            ours.close()
            raise
    return ours
