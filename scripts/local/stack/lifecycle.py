"""Starts, checks and stops a local stack.

``up`` starts a supervisor (:mod:`scripts.local.stack.supervisor`), deploys the CDK app and seeds
it. Until all of that is done the supervisor ends with the process of ``up``, so neither Ctrl-C nor
a crash leaves a process behind; afterwards it runs until ``down``.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

import psutil
from filelock import FileLock, Timeout

from scripts.local.errors import LocalStackError
from scripts.local.stack import deploy
from scripts.local.stack.health import Status, check, is_healthy
from scripts.local.stack.launch import Launch
from scripts.local.stack.processes import end_all, find_all
from scripts.local.stack.provision import Emulator, Progress, Steps, provision
from scripts.local.stack.state import SAVE_SECONDS, Home, LocalState, Supervised
from scripts.local.time_factor import time_factor

_PORTS: Final = 65_536
_PATIENCE_SECONDS: Final = 300.0

#: Deploys into an emulator and seeds it; see :func:`scripts.local.stack.provision.provision`.
Provision = Callable[[Home, Emulator, Steps, LocalState | None], LocalState]


def _silent(_step: str, _seconds: float | None) -> None: ...


def up(
    name: str | None = None,
    *,
    port: int | None = None,
    redeploy: bool = False,
    keep_data: bool = False,
    on_progress: Progress = _silent,
    provision: Provision = provision,
) -> LocalState:
    """Starts a stack unless it is up.

    Args:
        name: the stack's name; see :class:`Home`.
        port: the port of the AWS endpoint; None for ``$ORDERS_LOCAL_PORT``, else a free one.
        redeploy: deploy the current sources even if the stack is up.
        keep_data: begin with the data of the last stack of this name that was started so, and keep
            them when it goes down. A stack that is up stays as it was started.
        on_progress: called for each step.
        provision: deploys into the emulator and seeds it.

    Raises:
        LocalStackError: if it can't be started; only its logs are left then.
    """
    home = Home(name)
    step = Steps(on_progress)
    deploy.check_tools()
    time_factor()
    with exclusive(home.lock):
        state = _find_running(home)
        if state is None:
            wanted = port or _port_from_environment()
            return _create(home, wanted, step, provision, keep_data=keep_data)
        return _update(home, state, step, provision) if redeploy else state


def down(name: str | None = None, *, forget: bool = False) -> bool:
    """Stops a stack in any condition and removes its files; returns whether there was one.

    Args:
        name: the stack's name; see :class:`Home`.
        forget: remove the data that a stack of this name has kept, too.
    """
    home = Home(name)
    existed = home.path.exists() or bool(find_all(home.path)) or (forget and home.data.exists())
    if not existed:
        return False
    with exclusive(home.lock):
        if not forget:
            _let_save(home)
        _clear(home)
        if forget:
            shutil.rmtree(home.data, ignore_errors=True)
    return True


def keeps_data(name: str | None = None) -> bool:
    """Whether the stack of this name was started to keep its data."""
    supervised = Supervised.load(Home(name).supervised)
    return supervised is not None and supervised.keeps_data


def _let_save(home: Home) -> None:
    """Ends a stack's supervisor, which lets AWS save its data first."""
    supervised = Supervised.load(home.supervised)
    if supervised is None or not (supervised.keeps_data and supervised.supervisor.is_running):
        return
    with suppress(psutil.NoSuchProcess):
        supervisor = psutil.Process(supervised.supervisor.pid)
        supervisor.terminate()
        psutil.wait_procs([supervisor], timeout=SAVE_SECONDS)


def status(name: str | None = None) -> Status:
    """The condition of a stack."""
    home = Home(name)
    return check(home.name, Supervised.load(home.supervised), LocalState.load(home.state))


def read(name: str | None = None) -> LocalState:
    """The state of a stack that is up.

    Raises:
        LocalStackError: if the stack is not up.
    """
    home = Home(name)
    state = LocalState.load(home.state)
    if state is None or not state.supervisor.is_running:
        raise LocalStackError(
            f"The local stack {home.name!r} is not up. Start it with `orders local up`."
        )
    return state


@dataclass
class LocalStack:
    """A stack for a ``with`` block, which receives its :class:`LocalState`."""

    name: str | None = None
    on_progress: Progress = _silent
    provision: Provision = provision

    def __enter__(self) -> LocalState:
        return up(self.name, on_progress=self.on_progress, provision=self.provision)

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        down(self.name)


@contextmanager
def exclusive(path: Path, patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Holds the lock of this path; the system releases it when its holder dies.

    Raises:
        LocalStackError: if another process holds it for longer than ``patience_seconds``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=patience_seconds, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise LocalStackError(
            f"Another `orders local` command holds {path} and does not end."
        ) from None
    try:
        yield
    finally:
        # Removed while held: filelock does not accept a file that has lost its name.
        path.unlink(missing_ok=True)
        lock.release()


def _port_from_environment() -> int | None:
    text = os.environ.get("ORDERS_LOCAL_PORT")
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < _PORTS:
        raise LocalStackError(f"ORDERS_LOCAL_PORT is {text!r}; it should be a port number.")
    return int(text)


def _find_running(home: Home) -> LocalState | None:
    """The stack's state if every part is healthy; else removes the stack."""
    try:
        state = LocalState.load(home.state)
    except LocalStackError:
        state = None
    if state is not None and is_healthy(state):
        return state
    _clear(home)
    return None


def _create(
    home: Home, port: int | None, step: Steps, provision: Provision, *, keep_data: bool
) -> LocalState:
    home.logs.mkdir(parents=True, mode=0o700)
    before = None
    if keep_data:
        before = LocalState.load(home.kept_state)
        if before is None:  # what a start that failed has left
            shutil.rmtree(home.data, ignore_errors=True)
        home.data.mkdir(exist_ok=True, mode=0o700)
    try:
        launch = Launch(home, port, keep_data=keep_data)

        def ready() -> Supervised:
            with step("Start AWS on this machine"):
                return launch.wait_until_ready()

        state = provision(home, Emulator(time_factor(), ready), step, before)
        launch.check_alive()
        state.save(home.state)
        if keep_data:
            state.save(home.kept_state)
        launch.keep()
    except BaseException:
        _clear(home, keep_logs=True)
        raise
    return state


def _update(home: Home, state: LocalState, step: Steps, provision: Provision) -> LocalState:
    supervised = Supervised(
        supervisor=state.supervisor,
        ministack=state.ministack,
        urls=state.urls,
        time_factor=state.time_factor,
        keeps_data=state.keeps_data,
    )
    updated = provision(home, Emulator(state.time_factor, lambda: supervised), step, state)
    updated.save(home.state)
    return updated


def _clear(home: Home, *, keep_logs: bool = False) -> None:
    """Ends all processes of the stack and removes its folder."""
    end_all(home.path)
    for entry in home.path.iterdir() if home.path.exists() else ():
        if entry.is_dir() and not (keep_logs and entry == home.logs):
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.is_file():
            entry.unlink()
    if not keep_logs:
        shutil.rmtree(home.path, ignore_errors=True)
