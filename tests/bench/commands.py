"""The commands that look at a stage's orders, for :mod:`tests.bench.console`."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from typer.testing import CliRunner

from orderflow.orders.model import Order
from scripts.cli import main
from scripts.cli.console import ExitCode

#: What a command says about how much it has read.
_SAYS = re.compile(r"(?:Read|Counted) [\d,]+ (?:items?|entries)[^\n]*")


@dataclass(frozen=True)
class Timed:
    """A command's median time (seconds), and what it says that it read; empty if it reads one."""

    seconds: float
    says: str


def commands(real: Order, written: Order) -> Mapping[str, Sequence[str]]:
    """The commands, by what is shown of them.

    Args:
        real: an order that went through the workflow.
        written: one that was only written.
    """
    beginning = written.order_id[:10]
    return {
        "orders failed": ["failed"],
        "orders failed --orders": ["failed", "--orders"],
        "orders list": ["list"],
        "orders list --status": ["list", "--status", "payment-delayed"],
        "orders list --since": ["list", "--since", "1h"],
        "orders list --customer": ["list", "--customer", written.customer_id],
        "orders list --refunds": ["list", "--refunds"],
        "orders list --count": ["list", "--count"],
        "orders show": ["show", real.order_id],
        "orders show, abbreviated": ["show", beginning],
        "orders refunds list": ["refunds", "list"],
        "orders breakers": ["breakers"],
        "orders dead-letters list": ["dead-letters", "list"],
        "orders audit": ["audit", real.order_id],
        "orders incident": ["incident"],
        "orders health": ["health"],
    }


def measure(arguments: Sequence[str], rounds: int) -> Timed:
    """The median of all rounds but the first.

    Raises:
        AssertionError: the command failed.
    """
    seconds, output = [], ""
    for _ in range(rounds):
        started = time.perf_counter()
        result = CliRunner().invoke(main.app, [*arguments], catch_exceptions=False)
        seconds.append(time.perf_counter() - started)
        # Health says by its exit code what it found.
        assert result.exit_code in {ExitCode.OK, ExitCode.FAILED}, result.output
        output = result.output
    said = _SAYS.search(output)
    return Timed(statistics.median(seconds[1:]), said[0] if said else "")
