"""The circuit breaker of one provider: whether it may be called, and what a call's result changes.

The state machine reads the breaker's item and branches on it. The function that makes the call
receives that snapshot and writes the call's result. Every write is fenced by the ``epoch`` that the
caller saw, so that a late result, or all but one of several concurrent ones, change nothing:

    CLOSED -> OPEN          as many failures in a row as the threshold
    OPEN -> HALF_OPEN       the cooldown has ended: one caller claims the probe, under a lease
    HALF_OPEN -> HALF_OPEN  the lease has ended without a result: another caller claims the probe
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

#: A longer ``Retry-After`` is cut to this: providers have been seen to ask for years.
MAX_RETRY_AFTER_SECONDS: Final = 3600.0


_MILLISECONDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Admission:
    """A caller's permission for one call.

    ``probe_id`` is set for the one call whose result closes or re-opens the breaker.
    ``is_recorded`` is False if the call's result is not written, because the breaker is forced
    closed or could not be read.
    """

    epoch: int = 0
    probe_id: str | None = None
    is_recorded: bool = True


_UNRECORDED: Final = Admission(is_recorded=False)


def _new_probe_id() -> str:
    return uuid.uuid4().hex


def _random_fraction() -> float:
    return secrets.randbelow(1_000_001) / 1_000_000


@dataclass(frozen=True, slots=True)
class Effects:
    """A breaker's sources of time (epoch ms), unique ids and random fractions (0 to 1)."""

    clock: Callable[[], int] = epoch_ms
    new_probe_id: Callable[[], str] = _new_probe_id
    random_fraction: Callable[[], float] = _random_fraction


class Breaker:
    """The breaker of one provider, during one invocation.

    Args:
        provider: the provider to call.
        store: holds the breaker's item.
        policy: returns the settings; called only when they are needed, never on the healthy path.
        snapshot: the item as it was read a moment ago; None reads it when it is needed.
        by: the caller's name, for the item's ``updatedBy``.
        events: receives transitions and refusals.
        effects: time, ids and randomness; tests replace them.
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
        """Guard one call of the provider. The block holds the call and nothing else.

        Raises:
            BreakerOpen: the breaker admits no call; the block does not run.
        """
        admission = self.admit()
        try:
            yield
        except Exception as error:
            self.report(admission, self._provider.classify(error), error)
            raise
        self.report(admission, CallOutcome.HEALTHY)

    def admit(self) -> Admission:
        """Permission for one call. Claims the probe if one is due.

        Raises:
            BreakerOpen: the breaker admits no call.
        """
        item = self._current()
        if item is None:
            return _UNRECORDED
        if item.mode is Mode.FORCED_CLOSED:
            return _UNRECORDED
        if item.admits_all:
            return Admission(item.epoch)
        due = item.next_probe_at
        if due is None or due > self._effects.clock():
            raise self._refusal(item)
        return self._claim(item)

    def report(
        self, admission: Admission, outcome: CallOutcome, error: Exception | None = None
    ) -> None:
        """Write the call's result. A result that comes too late changes nothing.

        Does not raise when the store is unavailable: the call's own result matters more than its
        count.
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
                # A breaker that can't be read does not stop orders.
                self._events.store_unavailable(self._provider.key, "read")
        return self._item

    def _claim(self, item: BreakerItem) -> Admission:
        probe_id = self._effects.new_probe_id()
        lease_ms = int(self._policy().lease_seconds * _MILLISECONDS)
        until = self._effects.clock() + lease_ms
        try:
            claim = self._write(item, CLAIM_PROBE, probeId=probe_id, probeUntil=until)
        except StoreUnavailable:
            # The claim may have been written. Its lease ends unused, and another caller probes.
            self._events.store_unavailable(self._provider.key, "claim")
            raise self._refusal(item) from None
        if claim.applied:
            if until - self._effects.clock() < self._shortest_lease_ms:
                raise self._refusal(claim.item)
            return Admission(claim.item.epoch, probe_id)
        if claim.item.admits_all:  # another probe or an operator has closed it meanwhile
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
        """The number of openings in a row if a CLOSED breaker opens now."""
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
        """Make a transition, fenced by the epoch of the admission if given, else of ``item``."""
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
