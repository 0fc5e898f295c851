"""Applies an action to many orders: at a limited rate, with progress; an error skips one order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from orderflow.errors import OrderflowError
from scripts.cli.console import CommandError, ExitCode, err, print_error
from scripts.cli.errors import explain
from scripts.cli.orders.views import listing

#: Errors of one order after which the others continue.
SKIPPABLE_ERRORS: Final = (BotoCoreError, ClientError, OrderflowError, ValidationError)

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """The outcome for one order; ``note`` is an explanation for the user."""

    order_id: str
    outcome: StrEnum
    note: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """The form for ``--json``."""
        return {"orderId": self.order_id, "outcome": self.outcome, "note": self.note}


class Bulk(Generic[T]):
    """Applies an action to many orders, one after the other.

    Args:
        label: the progress bar's label.
        rate: the limit, in orders per second.
        action: applied to each item; raises :data:`SKIPPABLE_ERRORS` if it fails for one.
        order_id: returns the order's id of an item.
        failed: the outcome if ``action`` raises.
    """

    def __init__(
        self,
        label: str,
        rate: float,
        action: Callable[[T], Result],
        *,
        order_id: Callable[[T], str],
        failed: StrEnum,
    ) -> None:
        self._label = label
        self._rate = rate
        self._action = action
        self._order_id = order_id
        self._failed = failed
        self.results: list[Result] = []

    def run(self, items: Sequence[T]) -> None:
        """Apply the action to all items; ``results`` grows meanwhile.

        Raises:
            CommandError: after Ctrl-C, or if an action can't be audited; the rest is not done.
        """
        try:
            for item in paced(items, self._rate, self._label):
                self.results.append(self._attempt(item))
        except KeyboardInterrupt as interrupt:
            raise CommandError(
                f"Stopped after {len(self.results)} of {len(items)}. "
                "The same command goes on with the others.",
                ExitCode.INTERRUPTED,
            ) from interrupt

    def _attempt(self, item: T) -> Result:
        try:
            return self._action(item)
        except SKIPPABLE_ERRORS as error:
            return Result(self._order_id(item), self._failed, in_words(error))


def paced(items: Sequence[T], rate: float, label: str) -> Iterator[T]:
    """Yield the items, at most ``rate`` per second."""
    due = time.monotonic()
    for item in tracked(items, label):
        time.sleep(max(due - time.monotonic(), 0))
        due = max(due, time.monotonic()) + 1 / rate
        yield item


def tracked(items: Sequence[T], label: str) -> Iterable[T]:
    """Yield the items, with a progress bar if standard error is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as progress:
        yield from progress.track(items, description=label)


def in_words(error: Exception) -> str:
    """The message of an error."""
    return str(explain(error) or error)


def summary(outcomes: type[StrEnum], results: Sequence[Result]) -> dict[str, int]:
    """The number of orders of each outcome, zeros included."""
    counted = Counter(result.outcome for result in results)
    return {str(outcome): counted[outcome] for outcome in outcomes}


def summary_table(counts: dict[str, int]) -> Table:
    """The summary as a table."""
    table = listing()
    table.add_column("Outcome")
    table.add_column("Orders", justify="right")
    for outcome, number in counts.items():
        table.add_row(outcome, str(number), style="" if number else "dim")
    return table


def print_notes(results: Iterable[Result], failed: StrEnum) -> None:
    """Print the notes of single orders on standard error."""
    for result in results:
        text = f"{result.order_id}: {result.note}"
        if result.outcome is failed:
            print_error(text)
        elif result.note:
            err.print(text, soft_wrap=True, markup=False)
