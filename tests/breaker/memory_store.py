"""Breakers in memory, changed by the real expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orderflow.breakers.ports import Written
from orderflow.breakers.state import BreakerItem, Mode
from orderflow.breakers.store import (
    CONSTANTS,
    FORCE,
    IS_FORCED_CLOSED,
    RELEASE,
    RELEASE_CLOSED,
)
from orderflow.breakers.transitions import Transition
from orderflow.errors import StoreUnavailable
from tests.breaker import expressions


class MemoryStore:
    """A :class:`~orderflow.breakers.ports.BreakerStore` of one provider.

    Args:
        attributes: the item to begin with; none means that there is no item.
        instead: what is written in a transition's place.
    """

    def __init__(
        self,
        attributes: Mapping[str, Any] | None = None,
        instead: Callable[[Transition], Transition] = lambda transition: transition,
    ) -> None:
        self.attributes = dict(attributes or {})
        self.is_down = False
        self._instead = instead

    def item(self, provider: str) -> BreakerItem:
        """The present item."""
        return BreakerItem.model_validate({"provider": provider, **self.attributes})

    def read(self, provider: str) -> BreakerItem:
        self._answer()
        return self.item(provider)

    def write(
        self, provider: str, transition: Transition, epoch: int, values: Mapping[str, Any]
    ) -> Written:
        self._answer()
        wanted = self._instead(transition)
        known = {**CONSTANTS, **values, "epoch": epoch}
        applied = expressions.condition(wanted.condition_at(epoch))(self.attributes, known)
        if applied:
            update = expressions.update(wanted.update)
            self.attributes = {"provider": provider, **update(self.attributes, known)}
        return Written(applied, self.item(provider))

    def force(self, provider: str, mode: Mode, now: int) -> None:
        """Force the breaker, or return it to AUTO at ``now`` (epoch ms)."""
        values = {**CONSTANTS, "mode": str(mode), "reason": "why", "by": "ada", "now": now}
        is_closed = expressions.condition(IS_FORCED_CLOSED)(self.attributes, values)
        released = RELEASE_CLOSED if is_closed else RELEASE
        update = expressions.update(released if mode is Mode.AUTO else FORCE)
        self.attributes = {"provider": provider, **update(self.attributes, values)}

    def _answer(self) -> None:
        if self.is_down:
            raise StoreUnavailable("down")
