"""Events that are ignored."""

from __future__ import annotations

from orderflow.breakers.state import BreakerItem, State


class Silence:
    """A :class:`~orderflow.breakers.ports.BreakerEvents` that ignores all events."""

    def changed(self, before: State, item: BreakerItem) -> None:
        pass

    def skipped(self, item: BreakerItem) -> None:
        pass

    def store_unavailable(self, provider: str, doing: str) -> None:
        pass
