"""What a circuit breaker needs of the world: a store, and listeners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from orderflow.breakers.state import BreakerItem, State
from orderflow.breakers.transitions import Transition


@dataclass(frozen=True, slots=True)
class Written:
    """What a conditional write found: the item after it, or the one that stood in its way."""

    applied: bool
    item: BreakerItem


class BreakerStore(Protocol):
    """Where breakers are kept, such as :class:`orderflow.breakers.store.DynamoBreakerStore`."""

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
            values: by placeholder name, beyond those that never change.

        Raises:
            StoreUnavailable: it is not known whether the write was made.
        """


class BreakerEvents(Protocol):
    """Is told what happens, such as :class:`orderflow.breakers.events.ReportedEvents`."""

    def changed(self, before: State, item: BreakerItem) -> None:
        """The breaker went from ``before`` to ``item.state``."""

    def skipped(self, item: BreakerItem) -> None:
        """A call was refused."""

    def store_unavailable(self, provider: str, doing: str) -> None:
        """The store could not be reached while ``doing`` something; the call's result stands."""
