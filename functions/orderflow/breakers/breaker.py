"""The circuit breaker of one provider: who may call it now, and what a call's result changes.

The state machine reads the breaker's item and decides by it; the function that makes the call
gets that snapshot and writes what came of it. Every write is fenced by the ``epoch`` that the
caller saw, so that a late result, or one of several at once, changes nothing:

    CLOSED -> OPEN          as many failures in a row as the threshold
    OPEN -> HALF_OPEN       the cooldown is over: one caller claims the probe, and has a lease on it
    HALF_OPEN -> HALF_OPEN  the lease is over and nothing was heard: another caller claims it
    HALF_OPEN -> CLOSED     the probe succeeded
    HALF_OPEN -> OPEN       the probe failed; the cooldown doubles

Each of these adds one to the epoch. Times are epoch milliseconds, durations seconds.

The pattern: Michael T. Nygard, "Release It!"; here over a store with conditional writes.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from orderflow.breakers.ports import BreakerEvents, BreakerStore, Written
from orderflow.breakers.providers import CallOutcome, Provider
from orderflow.breakers.settings import LEASE_MARGIN_SECONDS, BreakerPolicy
from orderflow.breakers.state import BreakerItem, Mode
from orderflow.breakers.transitions import (
    CLAIM_PROBE,
    CLOSE_AFTER_PROBE,
    COUNT_FAILURE,
    OPEN_AT_THRESHOLD,
    REOPEN_AFTER_PROBE,
    RESET_FAILURES,
    Transition,
)
from orderflow.clock import epoch_ms
from orderflow.errors import BreakerOpen, ProviderUnavailableError, StoreUnavailable

#: Providers have been seen to ask for years; more than an hour is not believed.
MAX_RETRY_AFTER_SECONDS: Final = 3600.0


_MILLISECONDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Admission:
    """A caller's permission for one call.

    ``probe_id`` is set on the one call that decides about closing; ``is_recorded`` is False where
    its result is to be forgotten (the breaker is forced closed, or could not be read).
    """

    epoch: int = 0
    probe_id: str | None = None
    is_recorded: bool = True


_FORGOTTEN: Final = Admission(is_recorded=False)


def _new_probe_id() -> str:
    return uuid.uuid4().hex


def _random_fraction() -> float:
    return secrets.randbelow(1_000_001) / 1_000_000


@dataclass(frozen=True, slots=True)
class Effects:
    """What a breaker takes from the world: the time (epoch ms), unique ids, a share of jitter."""

    clock: Callable[[], int] = epoch_ms
    new_probe_id: Callable[[], str] = _new_probe_id
    random_fraction: Callable[[], float] = _random_fraction


class Breaker:
    """The breaker of one provider, during one invocation.

    Args:
        provider: who is called.
        store: where the breaker is kept.
        policy: read when it is needed, which on the healthy path is never.
        snapshot: the item as it was read a moment ago; None reads it now.
        by: who acts, for the item's ``updatedBy``.
        events: is told of transitions and refusals.
        surroundings: the world, unless a test says otherwise.
    """

    def __init__(
        self,
        provider: Provider,
        store: BreakerStore,
        policy: Callable[[], BreakerPolicy],
        *,
        snapshot: BreakerItem | None,
        by: str,
        events: BreakerEvents,
        effects: Effects = Effects(),
    ) -> None:
        self._provider = provider
        self._store = store
        self._policy = policy
        self._item = snapshot
        self._by = by
        self._events = events
        self._effects = effects

    @contextmanager
    def call(self) -> Iterator[None]:
        """Guard one call of the provider: the block is to hold it and nothing else.

        Raises:
            BreakerOpen: the call is not to be made.
        """
        admission = self.admit()
        try:
            yield
        except Exception as error:
            self.report(admission, self._provider.classify(error), error)
            raise
        self.report(admission, CallOutcome.HEALTHY)

    def admit(self) -> Admission:
        """Permission for one call, claiming the probe where one is due.

        Raises:
            BreakerOpen: there is none.
        """
        item = self._current()
        if item is None:
            return _FORGOTTEN
        if item.mode is Mode.FORCED_CLOSED:
            return _FORGOTTEN
        if item.admits_all:
            return Admission(item.epoch)
        due = item.next_probe_at
        if due is None or due > self._effects.clock():
            raise self._refusal(item)
        return self._claim(item)

    def report(
        self, admission: Admission, outcome: CallOutcome, error: Exception | None = None
    ) -> None:
        """Write what the call says of the provider. A result that comes too late changes nothing.

        Does not fail where the store does: the call's own result matters more than the count of it.
        """
        if not admission.is_recorded or outcome is CallOutcome.UNKNOWN:
            return
        try:
            if outcome is CallOutcome.HEALTHY:
                self._succeeded(admission)
            else:
                self._failed(admission, error)
        except StoreUnavailable:
            self._events.store_unavailable(self._provider.key, "report")

    def _current(self) -> BreakerItem | None:
        if self._item is None:
            try:
                self._item = self._store.read(self._provider.key)
            except StoreUnavailable:
                # A breaker that can't be read must not stop orders.
                self._events.store_unavailable(self._provider.key, "read")
        return self._item

    def _claim(self, item: BreakerItem) -> Admission:
        probe_id = self._effects.new_probe_id()
        lease_ms = int(self._policy().lease_seconds * _MILLISECONDS)
        until = self._effects.clock() + lease_ms
        try:
            claim = self._write(item, CLAIM_PROBE, probeId=probe_id, probeUntil=until)
        except StoreUnavailable:
            # Perhaps it is ours; nobody will know. Its lease runs out and another caller probes.
            self._events.store_unavailable(self._provider.key, "claim")
            raise self._refusal(item) from None
        if claim.applied:
            if until - self._effects.clock() < self._shortest_lease_ms:
                raise self._refusal(claim.item)
            return Admission(claim.item.epoch, probe_id)
        if claim.item.admits_all:  # a probe has closed it meanwhile, or operators have
            return self.admit()
        raise self._refusal(claim.item)

    @property
    def _shortest_lease_ms(self) -> float:
        return (self._provider.call_seconds + LEASE_MARGIN_SECONDS) * _MILLISECONDS

    def _succeeded(self, admission: Admission) -> None:
        item = self._known()
        if admission.probe_id is not None:
            self._write(
                item, CLOSE_AFTER_PROBE, admission, probeId=admission.probe_id,
                reason="The probe succeeded.",
            )  # fmt: skip
        elif item.failures > 0:
            self._write(item, RESET_FAILURES, admission)

    def _failed(self, admission: Admission, error: Exception | None) -> None:
        item = self._known()
        if admission.probe_id is not None:
            self._write(
                item, REOPEN_AFTER_PROBE, admission, probeId=admission.probe_id,
                **self._opening(item.opens + 1, error),
            )  # fmt: skip
            return
        counted = self._write(item, COUNT_FAILURE, admission)
        threshold = self._policy().threshold
        if counted.applied and counted.item.failures >= threshold:
            self._write(
                counted.item, OPEN_AT_THRESHOLD, admission, threshold=threshold,
                **self._opening(self._opens(counted.item), error),
            )  # fmt: skip

    def _opens(self, item: BreakerItem) -> int:
        """Openings in a row, when a CLOSED breaker opens now."""
        keep_ms = self._policy().keep_cooldown_seconds * _MILLISECONDS
        if item.closed_at is None or self._effects.clock() - item.closed_at > keep_ms:
            return 1
        return max(item.opens, 1)

    def _opening(self, opens: int, error: Exception | None) -> dict[str, Any]:
        policy = self._policy()
        asked = error.retry_after_seconds if isinstance(error, ProviderUnavailableError) else None
        seconds = max(
            policy.cooldown(opens) * (1 + policy.jitter * self._effects.random_fraction()),
            min(asked or 0, MAX_RETRY_AFTER_SECONDS),
        )
        return {
            "opens": opens,
            "retryAt": self._effects.clock() + round(seconds * _MILLISECONDS),
            "reason": str(error) if error else "A call failed.",
        }

    def _known(self) -> BreakerItem:
        return self._item or BreakerItem(provider=self._provider.key)

    def _write(
        self,
        item: BreakerItem,
        transition: Transition,
        admission: Admission | None = None,
        **values: Any,
    ) -> Written:
        """Fenced by the epoch of the admission, or else of ``item``."""
        epoch = admission.epoch if admission else item.epoch
        written = self._store.write(
            self._provider.key,
            transition,
            epoch,
            {"by": self._by, "now": self._effects.clock(), **values},
        )
        self._item = written.item
        if written.applied and written.item.epoch != epoch:
            self._events.changed(item.state, written.item)
        return written

    def _refusal(self, item: BreakerItem) -> BreakerOpen:
        self._events.skipped(item)
        return BreakerOpen(f"The circuit breaker of {item.provider} is open.")
