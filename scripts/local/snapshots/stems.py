"""What the templates of several functions have in common: one process that has imported it.

A stem is a ``template.py`` before it knows its function. It imports what all our functions import,
and forks for each template, which goes on with its function's own init phase: most of what they
hold is the same, and made once.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from cdk.constructs.functions.bundling import OF_ALL_FUNCTIONS
from scripts.local.snapshots.forks import Fork, request_fork
from scripts.local.stack.processes import STACK_VARIABLE

TEMPLATE: Final = Path(__file__).with_name("template.py")

#: In the list of processes, until a template's function is known.
STEM: Final = "all functions"
_LONGEST_NAME: Final = 120

#: All that the modules of :data:`IMPORTED` look up in the environment when they are imported, but
#: for ``LAMBDA_TASK_ROOT``, whose value is nothing to them. Functions that differ in these have
#: different stems.
READ_WHEN_IMPORTED: Final = frozenset(
    {
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_FORMAT",
        "AWS_LAMBDA_LOG_LEVEL",
        "AWS_NEW_RETRIES_2026",
        "AWS_XRAY_DAEMON_ADDRESS",
        "AWS_XRAY_TRACING_NAME",
        "HOME",
        "LANG",
        "LC_ALL",
        "PATH",
        "POWERTOOLS_DEBUG",
        "POWERTOOLS_DEV",
        "TZ",
        "WRAPT_DISABLE_EXTENSIONS",
    }
)

#: What most functions import, and what they call (``module:function``), without their own settings.
IMPORTED: Final = (
    "orderflow.platform.aws",
    "orderflow.platform.tracing.invocation",
    "orderflow.platform.environment",
    "orderflow.orders.model",
    "orderflow.orders.ports",
    "boto3.dynamodb.transform",
    "orderflow.platform.lean_models:read_ahead",
)


class Stem:
    """A process that templates are forked from.

    Args:
        environment: one function's.
        path: the folders to import from.
        imported: the modules to import, and the functions in them to call.
    """

    def __init__(
        self, environment: Mapping[str, str], path: Sequence[str], imported: Sequence[str]
    ) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # nosec B603 # our own command
                [
                    *(environment["ORDERS_LOCAL_PYTHON"], "-S", "-P", str(TEMPLATE)),
                    *(str(theirs.fileno()), ",".join(imported), STEM.ljust(_LONGEST_NAME)),
                ],
                env={
                    **what_all_read(environment),
                    STACK_VARIABLE: environment.get(STACK_VARIABLE, ""),
                    "LAMBDA_TASK_ROOT": path[0],
                    "PYTHONPATH": os.pathsep.join(path),
                },
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    @property
    def has_ended(self) -> bool:
        """Whether it can start no more templates."""
        return self._process.poll() is not None

    def fork(self, environment: Mapping[str, str], folder: str, control: int) -> Fork:
        """A template for the function with this environment and package.

        Args:
            environment: that of its init phase.
            folder: its unpacked package.
            control: the descriptor of the socket by which it is asked for workers.

        Raises:
            OSError: the stem has ended.
        """
        return Fork(request_fork(self._control, environment, folder, control))

    def close(self) -> None:
        """Ends it, its templates and their workers."""
        self._process.kill()
        self._process.wait()
        self._control.close()


def what_all_read(environment: Mapping[str, str]) -> dict[str, str]:
    """What a stem sees of a function's environment."""
    return {name: value for name, value in environment.items() if name in READ_WHEN_IMPORTED}


def common_path(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The folders of a function's path that it has in common with others.

    Its package is left out, and what only adds libraries to those of all functions. A folder with
    another version of a library of theirs stays: it comes first.
    """
    _, *shared, runtime = environment["PYTHONPATH"].split(os.pathsep)
    of_all, own = (*shared[:OF_ALL_FUNCTIONS], runtime), shared[OF_ALL_FUNCTIONS:]
    if any(_has_another_version(Path(folder), Path(runtime)) for folder in own):
        return (*shared, runtime)
    return of_all


def _has_another_version(folder: Path, runtime: Path) -> bool:
    """Whether it holds a package that the runtime holds in another version."""
    names = {each.name for each in folder.iterdir()} - {"__pycache__"}
    in_both = {name for name in names if (runtime / name).exists()}
    versions = {name for name in in_both if name.endswith(".dist-info")}
    same = {name.partition("-")[0] for name in versions}
    return bool(in_both - versions - same)
