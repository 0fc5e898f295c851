"""Follows an execution on the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Group
from rich.live import Live
from rich.spinner import Spinner

from orderflow.workflow.executions import parse_arn
from scripts.cli.console import CommandError, ExitCode, err
from scripts.cli.deployment import Deployment
from scripts.cli.orders.execution import Progress, read_progress
from scripts.cli.orders.views import states_table

_LOCAL_POLL_SECONDS: Final = 0.1
_AWS_POLL_SECONDS: Final = 1.0


class Watch:
    """Shows an execution's states on standard error during a ``with`` block.

    On a terminal the table is updated; elsewhere it is printed once, at the end.

    Args:
        deployment: the stage.
        patience_seconds: the limit of each wait.
        quiet: show nothing.
    """

    def __init__(self, deployment: Deployment, patience_seconds: float, *, quiet: bool) -> None:
        self._sfn: Any = deployment.client("stepfunctions")
        self._pause = _LOCAL_POLL_SECONDS if deployment.urls else _AWS_POLL_SECONDS
        self._patience = patience_seconds
        self._quiet = quiet
        self._progress: Progress | None = None
        live = err.is_terminal and not quiet
        self._live = Live(console=err) if live else None
        self._spinner = Spinner("dots")
        self.waits_for("the payment link")

    def waits_for(self, what: str) -> None:
        """Say what the user waits for from now on; the seconds begin anew."""
        self._waits_for = what
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self._live:
            self._live.update(states_table(self._progress))
            self._live.stop()
        elif self._progress and not self._quiet:
            err.print(states_table(self._progress))

    def until(self, enough: Callable[[Progress], bool], execution_arn: str) -> None:
        """Wait until ``enough`` is true for the execution's progress.

        Raises:
            CommandError: if the execution fails or takes too long.
        """
        order_id, _ = parse_arn(execution_arn)
        again = look_again(order_id)
        deadline = time.monotonic() + self._patience
        while not ((progress := self._look(execution_arn)) and enough(progress)):
            if time.monotonic() > deadline:
                raise _still_running(self._patience, again)
            time.sleep(self._pause)
        if progress.is_broken:
            raise _broken(progress, order_id)

    def _look(self, execution_arn: str) -> Progress | None:
        self._progress = read_progress(self._sfn, execution_arn)
        if self._live:
            self._spinner.update(text=self._waiting())
            self._live.update(Group(states_table(self._progress), self._spinner), refresh=True)
        return self._progress

    def _waiting(self) -> str:
        return f"Waiting for {self._waits_for} ... {time.monotonic() - self._began:.0f} s"


def look_again(order_id: str) -> str:
    """The advice for an order that is no longer followed."""
    return f"Look again with `orders show {order_id}`."


def _still_running(seconds: float, again: str) -> CommandError:
    return CommandError(
        f"The order is still on its way after {seconds:g} s; it is not lost. {again}",
        ExitCode.FAILED,
    )


def _broken(progress: Progress, order_id: str) -> CommandError:
    last = progress.current
    where = f" in {last.name} ({last.error})" if last else ""
    return CommandError(
        f"The execution ended as {progress.status}{where}. "
        f"The order is kept, and `orders replay --order {order_id}` lets it go on, once what "
        f"failed works again. {look_again(order_id)}",
        ExitCode.FAILED,
    )
