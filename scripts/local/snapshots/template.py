"""One function version after its init phase: the process that its workers are forked from.

``python -S -P template.py FD NAMES PLACE`` imports what functions have in common, and forks for
each request on the socket FD (see :mod:`.stems`): the fork is a template. It runs AWS's own runtime
client with the function's package and the runtime's folder on the path, as a worker does, and
nothing else. The runtime client imports the handler and runs the hooks registered with
``register_before_snapshot``; where it would wait to be restored, the template forks for each
request on a socket of its own (see :mod:`.host`). The fork takes over the worker's environment and
output, and goes on in the runtime client: hooks registered with ``register_after_restore``, then
invocations.

A failed init is reported by a fork, too, to the Runtime API of each worker that waits for it. This
process ends then, so that the next worker tries again.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

# Its C library reads the Runtime API's address once, when it is loaded: that is each worker's own.
sys.modules["runtime_client"] = None  # type: ignore[assignment]

from awslambdaric import (  # type: ignore[import-untyped]  # noqa: E402
    bootstrap,
    lambda_runtime_client,
)

_PR_SET_PDEATHSIG: Final = 1
#: Of the fields of ``/proc/PID/stat`` after the command's name (proc_pid_stat(5), ``arg_end``).
_END_OF_ARGUMENTS: Final = 46
_LONGEST_REQUEST: Final = 1 << 20

#: As far away as botocore can count.
_NEVER: Final = "2999-01-01T00:00:00Z"


@dataclass(frozen=True)
class Request:
    """What a fork is to be.

    Attributes:
        environment: all of it.
        folder: the function's unpacked package.
        descriptor: an open file: a worker's output, or a template's control socket.
        lifeline: which the parent keeps.
        parent: the process that forks.
    """

    environment: dict[str, str]
    folder: str
    descriptor: int
    lifeline: socket.socket
    parent: int = field(default_factory=os.getpid)


class SnapshotClient(lambda_runtime_client.LambdaRuntimeClient):  # type: ignore[misc]
    """The runtime client's view of Lambda; its methods return in workers alone."""

    def __init__(self, control: socket.socket) -> None:
        super().__init__("not restored yet")
        self._control = control
        self._restored = False

    def restore_next(self) -> None:
        """The point at which SnapStart takes its snapshot."""
        sever_open_files(keep={0, 1, 2, self._control.fileno()})
        self._continue_in(Nursery(self._control).serve())

    def post_init_error(self, error: Any, error_type_override: str | None = None) -> None:
        """Init failed, or a hook before the snapshot did."""
        if not self._restored:
            self._continue_in(Nursery(self._control).serve(init_failed=True))
            bootstrap.log_error(error, bootstrap.StandardLogSink())
        super().post_init_error(error, error_type_override)

    def report_restore_error(self, error: Any) -> None:
        """A hook after the restore failed. The emulator knows of failed inits only."""
        super().post_init_error(error, "Runtime.AfterRestoreError")

    def _continue_in(self, request: Request) -> None:
        self._restored = True
        take_over(request)
        self.lambda_runtime_address = os.environ["AWS_LAMBDA_RUNTIME_API"]
        load_runtime_client()


def load_runtime_client() -> None:
    """Loads the runtime client's C library, which then talks to this worker's Runtime API."""
    del sys.modules["runtime_client"]
    library = importlib.import_module("runtime_client")
    library.initialize_client(lambda_runtime_client._user_agent())  # noqa: SLF001 - as there
    lambda_runtime_client.runtime_client = library


def sever_open_files(keep: set[int]) -> None:
    """Makes what was opened before the snapshot unusable after it, and names it in the log.

    After a restore on AWS connections are dead. Here a socket shared by all workers would live on
    and mix their traffic, and a file would move under their feet.
    """
    opened = {each: each.readlink() for each in Path("/proc/self/fd").iterdir() if each.exists()}
    dead, other_end = socket.socketpair()
    other_end.close()
    with dead:
        for path, what in opened.items():
            descriptor = int(path.name)
            if descriptor not in keep:
                os.dup2(dead.fileno(), descriptor)
                sys.stderr.write(f"opened before the snapshot, unusable after it: {what}\n")


def take_over(request: Request) -> None:
    """Makes a fork of a template the worker that was asked for."""
    _become(request)
    for descriptor in (1, 2):
        os.dup2(request.descriptor, descriptor)
    os.close(request.descriptor)
    # Those from before the snapshot have run out; botocore then reads the restored environment's.
    os.environ["AWS_CREDENTIAL_EXPIRATION"] = _NEVER
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # Python's own generator is seeded again by each fork


def begin(request: Request) -> socket.socket:
    """Makes a fork of a stem the template that was asked for; its control socket."""
    commons = os.environ["PYTHONPATH"].split(os.pathsep)
    _become(request)
    sys.path[: len(commons)] = os.environ["PYTHONPATH"].split(os.pathsep)
    sys.argv[1] = str(request.descriptor)
    names = (os.environ.get(f"AWS_LAMBDA_FUNCTION_{each}", "") for each in ("NAME", "VERSION"))
    _show(" ".join(names))
    return socket.socket(fileno=request.descriptor)


def _become(request: Request) -> None:
    _end_with(request.parent)
    request.lifeline.close()
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    gc.enable()


def _show(name: str) -> None:
    """Shows the name in lists of processes, where the last argument was."""
    place = len(sys.argv[-1])
    of_process = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    end_of_arguments = int(of_process[_END_OF_ARGUMENTS])
    ctypes.memmove(end_of_arguments - 1 - place, name.encode()[:place].ljust(place), place)


def _end_with(parent: int) -> None:
    """The kernel kills this process when its parent ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended already
        os._exit(1)


@dataclass(frozen=True)
class _Worker:
    pid: int
    ending: int  # a pidfd
    lifeline: socket.socket


class Nursery:
    """Forks workers on request, and ties each to the lifeline that came with its request.

    The other end of a lifeline is sent the worker's exit code (negative: the signal that ended it).
    What it sends is the number of a signal for the worker; its closing kills the worker.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._events = selectors.DefaultSelector()
        self._events.register(control, selectors.EVENT_READ)
        self._workers: dict[int, _Worker] = {}

    def serve(self, *, init_failed: bool = False) -> Request:
        """Serves; returns in each worker, with what it is to be.

        Args:
            init_failed: serves those alone that wait already (the first one, if none does), and
                ends this process with the last of them. Otherwise it ends with the host.
        """
        gc.collect()
        gc.freeze()  # the collector would write into every object, and so unshare it
        gc.disable()
        self._say_ready()
        open_for_requests = True
        while open_for_requests or self._workers:
            for key, _ in self._events.select():
                if key.fileobj is not self._control:
                    if key.data.pid in self._workers:
                        self._look_after(key.data, key.fileobj)
                    continue
                request = self._receive()
                if request is None:
                    if not init_failed:
                        os._exit(0)  # the host has gone; the kernel ends the workers, too
                    self._events.unregister(self._control)
                    open_for_requests = False
                    continue
                if init_failed:
                    self._control.shutdown(socket.SHUT_RD)  # what was sent before can be read
                if self._fork(request):
                    return request
        os._exit(1)

    def _say_ready(self) -> None:
        with suppress(OSError):  # the host has gone; the next read tells
            self._control.send(b"!")

    def _receive(self) -> Request | None:
        """The next request; None if there is none to come."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, _LONGEST_REQUEST, 2)
        except ConnectionError:
            message = b""
        if not message:
            return None
        descriptor, lifeline = descriptors
        asked = json.loads(message)
        return Request(
            asked["environment"], asked["folder"], descriptor, socket.socket(fileno=lifeline)
        )

    def _fork(self, request: Request) -> bool:
        """Whether this is the fork."""
        pid = os.fork()
        if pid == 0:
            self._forget()
            return True
        os.close(request.descriptor)
        worker = _Worker(pid, os.pidfd_open(pid), request.lifeline)
        self._events.register(worker.ending, selectors.EVENT_READ, worker)
        self._events.register(worker.lifeline, selectors.EVENT_READ, worker)
        self._workers[pid] = worker
        return False

    def _forget(self) -> None:
        self._events.close()
        self._control.close()
        for sibling in self._workers.values():
            os.close(sibling.ending)
            sibling.lifeline.close()

    def _look_after(self, worker: _Worker, event: Any) -> None:
        if event is worker.lifeline:
            message = worker.lifeline.recv(1)
            with suppress(ProcessLookupError):  # it is dead, but not buried yet
                signal.pidfd_send_signal(worker.ending, message[0] if message else signal.SIGKILL)
            if not message:
                self._events.unregister(worker.lifeline)
        else:
            self._bury(worker)

    def _bury(self, worker: _Worker) -> None:
        _, status = os.waitpid(worker.pid, 0)
        for event in (worker.ending, worker.lifeline):
            with suppress(KeyError):
                self._events.unregister(event)
        with suppress(OSError):
            worker.lifeline.send(str(os.waitstatus_to_exitcode(status)).encode())
        os.close(worker.ending)
        worker.lifeline.close()
        del self._workers[worker.pid]


def import_common(names: list[str]) -> None:
    """Imports modules that functions have in common, or calls what they hold (``module:name``)."""
    for name in names:
        with suppress(Exception):  # it fails again in a function's own init, and is reported there
            found = pkgutil.resolve_name(name)
            if ":" in name:
                found()


def main() -> None:
    """Forks templates; runs each function to its snapshot, and then on in each worker."""
    import_common(sys.argv[2].split(","))
    control = begin(Nursery(socket.socket(fileno=int(sys.argv[1]))).serve())
    bootstrap.run(os.environ["_HANDLER"], SnapshotClient(control))


if __name__ == "__main__":
    main()
