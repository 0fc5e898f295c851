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
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from orderflow.errors import BreakerOpen, ProviderUnavailableError, StoreUnavailable

#: Providers have been seen to ask for years; more than an hour is not believed.
MAX_RETRY_AFTER_SECONDS: Final = 3600.0

#: A probe that could not end this long before its lease does is not begun.
LEASE_MARGIN_SECONDS: Final = 2.0

_MILLISECONDS: Final = 1000


class State(StrEnum):
    """Where the breaker stands."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class Mode(StrEnum):
    """Whether operators have decided for it."""

    AUTO = "AUTO"
    FORCED_OPEN = "FORCED_OPEN"
    FORCED_CLOSED = "FORCED_CLOSED"


class Outcome(StrEnum):
    """What a call says of the provider's health."""

    HEALTHY = "healthy"
    FAILURE = "failure"
    #: The call ended through no doing of the provider's: a mistake of ours.
    UNKNOWN = "unknown"


class BreakerPolicy(BaseModel):
    """A breaker's settings, which operations may change while the system runs.

    ``threshold`` is the number of failures in a row that opens it. The cooldown doubles with each
    re-opening up to ``max_cooldown_seconds`` and is stretched by up to ``jitter`` of itself. A
    breaker that opens again within ``keep_cooldown_seconds`` of closing keeps its last cooldown.
    ``lease_seconds`` is how long a probe may take before another caller replaces it.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True
    )

    threshold: int = Field(default=5, ge=1)
    cooldown_seconds: float = Field(default=60, gt=0)
    max_cooldown_seconds: float = Field(default=900, gt=0)
    jitter: float = Field(default=0.25, ge=0, le=1)
    keep_cooldown_seconds: float = Field(default=300, ge=0)
    lease_seconds: float = Field(default=45, gt=LEASE_MARGIN_SECONDS)

    def cooldown(self, opens: int) -> float:
        """Seconds, before jitter, after ``opens`` openings in a row."""
        doubled: float = self.cooldown_seconds * 2 ** min(opens - 1, 32)
        return min(doubled, max(self.max_cooldown_seconds, self.cooldown_seconds))


class BreakerItem(BaseModel):
    """A breaker as the ``breakers`` table holds it; a missing item is CLOSED at epoch 0.

    ``opens`` counts the openings in a row, ``failures`` the failures in a row while CLOSED.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
    )

    provider: str
    state: State = State.CLOSED
    epoch: int = 0
    failures: int = 0
    opens: int = 0
    opened_at: int | None = None
    retry_at: int | None = None
    closed_at: int | None = None
    probe_id: str | None = None
    probe_until: int | None = None
    reason: str | None = None
    mode: Mode = Mode.AUTO
    updated_by: str | None = None

    @property
    def admits_all(self) -> bool:
        """Whether every caller may go through."""
        if self.mode is not Mode.AUTO:
            return self.mode is Mode.FORCED_CLOSED
        return self.state is State.CLOSED

    @property
    def admits_from(self) -> int | None:
        """When (epoch ms) the next caller may claim a probe; None while none is to be claimed."""
        if self.mode is not Mode.AUTO or self.state is State.CLOSED:
            return None
        due = self.retry_at if self.state is State.OPEN else self.probe_until
        return due or 0


@dataclass(frozen=True, slots=True)
class Transition:
    """One conditional write, in DynamoDB's expressions.

    Names are reached through ``#name`` and every value is a placeholder, ``:name``. Where
    ``missing_is_epoch_0``, a table without the item meets the condition of a caller at epoch 0.
    """

    name: str
    condition: str
    update: str
    missing_is_epoch_0: bool = False

    def condition_at(self, epoch: int) -> str:
        """The condition for a caller that saw this epoch."""
        if self.missing_is_epoch_0 and epoch == 0:
            return f"attribute_not_exists(#provider) OR ({self.condition})"
        return self.condition


_OPENING: Final = (
    "#state = :OPEN, #epoch = #epoch + :one, #failures = :zero, #opens = :opens, "
    "#openedAt = :now, #retryAt = :retryAt, #reason = :reason, #updatedBy = :by "
    "REMOVE #probeId, #probeUntil"
)
_IN_OUR_PROBE: Final = "#state = :HALF_OPEN AND #epoch = :epoch AND #probeId = :probeId"

COUNT_FAILURE: Final = Transition(
    "count failure",
    "#state = :CLOSED AND #epoch = :epoch",
    "SET #failures = if_not_exists(#failures, :zero) + :one, #state = :CLOSED, #epoch = :epoch, "
    "#opens = if_not_exists(#opens, :zero), #mode = if_not_exists(#mode, :AUTO), "
    "#updatedBy = :by",
    missing_is_epoch_0=True,
)
OPEN_AT_THRESHOLD: Final = Transition(
    "open",
    "#state = :CLOSED AND #epoch = :epoch AND #failures >= :threshold",
    f"SET {_OPENING}",
)
FORGET_FAILURES: Final = Transition(
    "forget failures",
    "#state = :CLOSED AND #epoch = :epoch AND #failures > :zero",
    "SET #failures = :zero, #updatedBy = :by",
)
CLAIM_PROBE: Final = Transition(
    "claim probe",
    "#epoch = :epoch AND ((#state = :OPEN AND #retryAt <= :now) "
    "OR (#state = :HALF_OPEN AND #probeUntil <= :now)) "
    # The snapshot may be older than what operators have decided.
    "AND (attribute_not_exists(#mode) OR #mode = :AUTO)",
    "SET #state = :HALF_OPEN, #epoch = #epoch + :one, #probeId = :probeId, "
    "#probeUntil = :probeUntil, #updatedBy = :by",
)
CLOSE_AFTER_PROBE: Final = Transition(
    "close",
    _IN_OUR_PROBE,
    "SET #state = :CLOSED, #epoch = #epoch + :one, #failures = :zero, #closedAt = :now, "
    "#reason = :reason, #updatedBy = :by REMOVE #probeId, #probeUntil",
)
REOPEN_AFTER_PROBE: Final = Transition("re-open", _IN_OUR_PROBE, f"SET {_OPENING}")

TRANSITIONS: Final = (
    COUNT_FAILURE,
    OPEN_AT_THRESHOLD,
    FORGET_FAILURES,
    CLAIM_PROBE,
    CLOSE_AFTER_PROBE,
    REOPEN_AFTER_PROBE,
)


@dataclass(frozen=True, slots=True)
class Written:
    """What a conditional write found: the item after it, or the one that stood in its way."""

    applied: bool
    item: BreakerItem


class BreakerStore(Protocol):
    """Where breakers are kept, such as :class:`orderflow.breaker_store.DynamoBreakerStore`."""

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
    """Is told what happens, such as :class:`orderflow.breaker_events.ReportedEvents`."""

    def changed(self, before: State, item: BreakerItem) -> None:
        """The breaker went from ``before`` to ``item.state``."""

    def skipped(self, item: BreakerItem) -> None:
        """A call was refused."""

    def blind(self, provider: str, doing: str) -> None:
        """The store could not be reached while ``doing`` something; the call's result stands."""


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


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody whose calls go through a breaker.

    ``call_seconds`` is the longest that one call can take, all its timeouts together; ``classify``
    says what an error that a call raised means for the provider's health.
    """

    key: str
    call_seconds: float
    classify: Callable[[Exception], Outcome]

    @property
    def shortest_lease_seconds(self) -> float:
        """The shortest lease that a probe is worth beginning under, with a second to claim it."""
        return self.call_seconds + LEASE_MARGIN_SECONDS + 1


def epoch_ms() -> int:
    """Now."""
    return time.time_ns() // 1_000_000


def _new_probe_id() -> str:
    return uuid.uuid4().hex


def _share() -> float:
    return secrets.randbelow(1_000_001) / 1_000_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a breaker takes from the world: the time (epoch ms), unique ids, a share of jitter."""

    clock: Callable[[], int] = epoch_ms
    new_probe_id: Callable[[], str] = _new_probe_id
    share: Callable[[], float] = _share


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
        surroundings: Surroundings = Surroundings(),
    ) -> None:
        self._provider = provider
        self._store = store
        self._policy = policy
        self._item = snapshot
        self._by = by
        self._events = events
        self._around = surroundings

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
        self.report(admission, Outcome.HEALTHY)

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
        due = item.admits_from
        if due is None or due > self._around.clock():
            raise self._refusal(item)
        return self._claim(item)

    def report(
        self, admission: Admission, outcome: Outcome, error: Exception | None = None
    ) -> None:
        """Write what the call says of the provider. A result that comes too late changes nothing.

        Does not fail where the store does: the call's own result matters more than the count of it.
        """
        if not admission.is_recorded or outcome is Outcome.UNKNOWN:
            return
        try:
            if outcome is Outcome.HEALTHY:
                self._succeeded(admission)
            else:
                self._failed(admission, error)
        except StoreUnavailable:
            self._events.blind(self._provider.key, "report")

    def _current(self) -> BreakerItem | None:
        if self._item is None:
            try:
                self._item = self._store.read(self._provider.key)
            except StoreUnavailable:
                # A breaker that can't be read must not stop orders.
                self._events.blind(self._provider.key, "read")
        return self._item

    def _claim(self, item: BreakerItem) -> Admission:
        probe_id = self._around.new_probe_id()
        lease_ms = int(self._policy().lease_seconds * _MILLISECONDS)
        until = self._around.clock() + lease_ms
        try:
            claim = self._write(item, CLAIM_PROBE, probeId=probe_id, probeUntil=until)
        except StoreUnavailable:
            # Perhaps it is ours; nobody will know. Its lease runs out and another caller probes.
            self._events.blind(self._provider.key, "claim")
            raise self._refusal(item) from None
        if claim.applied:
            if until - self._around.clock() < self._shortest_lease_ms:
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
            self._write(item, FORGET_FAILURES, admission)

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
        if item.closed_at is None or self._around.clock() - item.closed_at > keep_ms:
            return 1
        return max(item.opens, 1)

    def _opening(self, opens: int, error: Exception | None) -> dict[str, Any]:
        policy = self._policy()
        asked = error.retry_after_seconds if isinstance(error, ProviderUnavailableError) else None
        seconds = max(
            policy.cooldown(opens) * (1 + policy.jitter * self._around.share()),
            min(asked or 0, MAX_RETRY_AFTER_SECONDS),
        )
        return {
            "opens": opens,
            "retryAt": self._around.clock() + round(seconds * _MILLISECONDS),
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
            {"by": self._by, "now": self._around.clock(), **values},
        )
        self._item = written.item
        if written.applied and written.item.epoch != epoch:
            self._events.changed(item.state, written.item)
        return written

    def _refusal(self, item: BreakerItem) -> BreakerOpen:
        self._events.skipped(item)
        return BreakerOpen(f"The circuit breaker of {item.provider} is open.")
