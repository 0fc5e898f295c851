"""The interfaces that a circuit breaker uses: its store and the receiver of its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from orderflow.breakers.state import BreakerItem, State
from orderflow.breakers.transitions import Transition


@dataclass(frozen=True, slots=True)
class Written:
    """The result of a conditional write: the item after it, or the item that refused it."""

    applied: bool
    item: BreakerItem


class BreakerStore(Protocol):
    """Holds breakers, such as :class:`orderflow.breakers.store.DynamoBreakerStore`."""

    def read(self, provider: str) -> BreakerItem:
        """The item as it stands now (strongly consistent).

        Raises:
            StoreUnavailable: it can't be read.
        """

    def write(
        self, provider: str, transition: Transition, epoch: int, values: Mapping[str, Any]
    ) -> Written:
        """Make the transition if its condition holds for a caller that saw ``epoch``.

        Args:
            values: by placeholder name; constants such as ``:OPEN`` are known to the store.

        Raises:
            StoreUnavailable: the write may or may not have been made.
        """


class BreakerEvents(Protocol):
    """Receives a breaker's events, such as :class:`orderflow.breakers.events.ReportedEvents`."""

    def changed(self, before: State, item: BreakerItem) -> None:
        """The breaker went from ``before`` to ``item.state``."""

    def skipped(self, item: BreakerItem) -> None:
        """A call was refused."""

    def store_unavailable(self, provider: str, doing: str) -> None:
        """The store could not be reached during ``doing``; the call's own result stands."""
