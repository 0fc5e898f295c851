"""The same act on many orders: not too fast, with a progress bar, and none stops the others."""

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
from scripts.cli.views import listing

#: What may go wrong with one order and leave the others to go on.
SKIPPABLE_ERRORS: Final = (BotoCoreError, ClientError, OrderflowError, ValidationError)

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """What became of one order; ``note`` is for the person, where there is more to say."""

    order_id: str
    outcome: StrEnum
    note: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """For scripts."""
        return {"orderId": self.order_id, "outcome": self.outcome, "note": self.note}


class Bulk(Generic[T]):
    """An act on many orders, one after the other.

    Args:
        doing: what is done, for the progress bar.
        rate: orders a second, at most.
        act: does it to one; what it raises of :data:`SKIPPABLE_ERRORS` is that order's outcome.
        order_id: of an item.
        failed: the outcome where ``act`` raises.
    """

    def __init__(
        self,
        doing: str,
        rate: float,
        act: Callable[[T], Result],
        *,
        order_id: Callable[[T], str],
        failed: StrEnum,
    ) -> None:
        self._doing = doing
        self._rate = rate
        self._act = act
        self._order_id = order_id
        self._failed = failed
        self.results: list[Result] = []

    def run(self, items: Sequence[T]) -> None:
        """Do it to all; ``results`` grow meanwhile.

        Raises:
            CommandError: Ctrl-C, or the act can't be audited: nothing more is done.
        """
        try:
            for item in paced(items, self._rate, self._doing):
                self.results.append(self._attempt(item))
        except KeyboardInterrupt as interrupt:
            raise CommandError(
                f"Stopped after {len(self.results)} of {len(items)}. "
                "The same command goes on with the others.",
                ExitCode.INTERRUPTED,
            ) from interrupt

    def _attempt(self, item: T) -> Result:
        try:
            return self._act(item)
        except SKIPPABLE_ERRORS as error:
            return Result(self._order_id(item), self._failed, in_words(error))


def paced(items: Sequence[T], rate: float, doing: str) -> Iterator[T]:
    """The items, at most ``rate`` a second."""
    due = time.monotonic()
    for item in tracked(items, doing):
        time.sleep(max(due - time.monotonic(), 0))
        due = max(due, time.monotonic()) + 1 / rate
        yield item


def tracked(items: Sequence[T], doing: str) -> Iterable[T]:
    """The items, with a progress bar on standard error where that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as progress:
        yield from progress.track(items, description=doing)


def in_words(error: Exception) -> str:
    """What went wrong with one order."""
    return str(explain(error) or error)


def summary(outcomes: type[StrEnum], results: Sequence[Result]) -> dict[str, int]:
    """How many orders had which outcome; none is left out."""
    counted = Counter(result.outcome for result in results)
    return {str(outcome): counted[outcome] for outcome in outcomes}


def summary_table(counts: dict[str, int]) -> Table:
    """The same, for people."""
    table = listing()
    table.add_column("Outcome")
    table.add_column("Orders", justify="right")
    for outcome, number in counts.items():
        table.add_row(outcome, str(number), style="" if number else "dim")
    return table


def print_notes(results: Iterable[Result], failed: StrEnum) -> None:
    """What there is to say of single orders, on standard error."""
    for result in results:
        text = f"{result.order_id}: {result.note}"
        if result.outcome is failed:
            print_error(text)
        elif result.note:
            err.print(text, soft_wrap=True, markup=False)
