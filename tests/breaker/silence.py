"""Events that nobody listens to."""

from __future__ import annotations

from orderflow.breakers.state import BreakerItem, State


class Silence:
    """A :class:`~orderflow.breakers.ports.BreakerEvents`."""

    def changed(self, before: State, item: BreakerItem) -> None:
        pass

    def skipped(self, item: BreakerItem) -> None:
        pass

    def store_unavailable(self, provider: str, doing: str) -> None:
        pass
