"""The breaker against a small model of it, in long random sequences.

The model is written from the design's table and knows nothing of the code: one item, calls that
hold what they saw, and the time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)

from orderflow.breakers.breaker import Admission, Breaker, Effects
from orderflow.breakers.providers import CallOutcome, Provider
from orderflow.breakers.settings import BreakerPolicy
from orderflow.breakers.state import Mode, State
from orderflow.errors import BreakerOpen, PaystackUnavailable
from tests.breaker.memory_store import MemoryStore
from tests.breaker.silence import Silence

KEY = "paystack"
CALL_SECONDS = 5
POLICY = BreakerPolicy(
    threshold=2,
    cooldown_seconds=10,
    max_cooldown_seconds=40,
    jitter=0.5,
    keep_cooldown_seconds=30,
    lease_seconds=20,
)


@dataclass(frozen=True)
class Item:
    """The model's item. Times are in milliseconds."""

    state: str = "CLOSED"
    epoch: int = 0
    failures: int = 0
    opens: int = 0
    retry_at: int = 0
    closed_at: int | None = None
    probe: int | None = None
    probe_until: int = 0
    mode: str = "AUTO"


@dataclass(frozen=True)
class Call:
    """A running call: the epoch that admitted it, None if its result is not recorded."""

    epoch: int | None
    probe: int | None = None
    saw_failures: bool = False
    opens: int = 0


class Model:
    """The transitions in the design's table."""

    def __init__(self) -> None:
        self.item = Item()
        self.probes = 0

    def force(self, mode: str, now: int) -> None:
        """Operators force the breaker, or release it: CLOSED where every call went out."""
        before = self.item
        self.item = replace(before, mode=mode)
        if (before.mode, mode) == ("FORCED_CLOSED", "AUTO") and before.state != "CLOSED":
            self.item = replace(
                self.item, state="CLOSED", epoch=before.epoch + 1, failures=0, closed_at=now,
                probe=None, probe_until=0,
            )  # fmt: skip

    def begin(self, seen: Item, now: int) -> Call | None:
        """None: the call is refused."""
        if seen.mode != "AUTO":
            return Call(None) if seen.mode == "FORCED_CLOSED" else None
        if seen.state == "CLOSED":
            return Call(seen.epoch, saw_failures=seen.failures > 0)
        due = seen.retry_at if seen.state == "OPEN" else seen.probe_until
        return self._probe(seen, now) if due <= now else None

    def _probe(self, seen: Item, now: int) -> Call | None:
        self.probes += 1
        if self.item.epoch == seen.epoch and self.item.mode == "AUTO":
            self.item = replace(
                self.item, state="HALF_OPEN", epoch=seen.epoch + 1, probe=self.probes,
                probe_until=now + 20_000,
            )  # fmt: skip
            return Call(self.item.epoch, self.probes, opens=self.item.opens)
        if self.item.state == "CLOSED" or self.item.mode == "FORCED_CLOSED":
            return self.begin(self.item, now)
        return None

    def succeed(self, call: Call, now: int) -> None:
        item = self.item
        if call.epoch != item.epoch:
            return
        if call.probe and call.probe == item.probe and item.state == "HALF_OPEN":
            self.item = replace(
                item, state="CLOSED", epoch=item.epoch + 1, failures=0, closed_at=now, probe=None,
                probe_until=0,
            )  # fmt: skip
        elif not call.probe and item.state == "CLOSED" and call.saw_failures:
            self.item = replace(item, failures=0)

    def fail(self, call: Call, now: int, cooldown_ms: Any) -> None:
        item = self.item
        if call.epoch != item.epoch:
            return
        if call.probe and call.probe == item.probe and item.state == "HALF_OPEN":
            self._open(call.opens + 1, now, cooldown_ms)
        elif not call.probe and item.state == "CLOSED":
            self.item = replace(item, failures=item.failures + 1)
            if self.item.failures >= 2:
                kept = item.closed_at is not None and now - item.closed_at <= 30_000
                self._open(max(item.opens, 1) if kept else 1, now, cooldown_ms)

    def _open(self, opens: int, now: int, cooldown_ms: Any) -> None:
        self.item = replace(
            self.item, state="OPEN", epoch=self.item.epoch + 1, failures=0, opens=opens,
            retry_at=now + cooldown_ms(opens), probe=None, probe_until=0,
        )  # fmt: skip


def is_failure(_: Exception) -> CallOutcome:
    return CallOutcome.FAILURE


@dataclass
class Real:
    """The objects of a running call."""

    breaker: Breaker
    admission: Admission


class BreakerLife(RuleBasedStateMachine):
    """Every call is made with the breaker and with the model."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.model = Model()
        self.now = 1_000_000
        self.random_fraction = 0.0
        self.past = [(self.store.item(KEY), self.model.item)]

    calls: Bundle[tuple[Real, Call]] = Bundle("calls")

    @rule(target=calls, age=st.sampled_from([0, 0, 1, 2, 5]), reads=st.booleans())
    def begin(self, age: int, reads: bool) -> Any:
        """Begin a call with a snapshot of any age, or without one."""
        started = self._begin(-1 if reads else max(-len(self.past), -1 - age), reads)
        return started or multiple()

    def _begin(self, version: int = -1, reads: bool = False) -> tuple[Real, Call] | None:
        snapshot, seen = self.past[version]
        breaker = Breaker(
            Provider(KEY, CALL_SECONDS, is_failure),
            self.store,
            lambda: POLICY,
            snapshot=None if reads else snapshot,
            by="test",
            events=Silence(),
            effects=Effects(
                lambda: self.now, lambda: str(self.model.probes + 1), lambda: self.random_fraction
            ),
        )
        try:
            admission = breaker.admit()
        except BreakerOpen:
            assert self.model.begin(seen, self.now) is None
            return None
        call = self.model.begin(seen, self.now)
        assert call
        assert admission.is_recorded is (call.epoch is not None)
        assert admission.probe_id == (str(call.probe) if call.probe else None)
        return Real(breaker, admission), call

    @rule(one=consumes(calls))
    def succeed(self, one: tuple[Real, Call]) -> None:
        real, call = one
        real.breaker.report(real.admission, CallOutcome.HEALTHY)
        self.model.succeed(call, self.now)

    @rule(
        one=consumes(calls),
        random_fraction=st.sampled_from([0.0, 0.5, 1.0]),
        asked=st.sampled_from([None, 3.0, 100.0]),
    )
    def fail(self, one: tuple[Real, Call], random_fraction: float, asked: float | None) -> None:
        self._fail(one, random_fraction, asked)

    def _fail(
        self, one: tuple[Real, Call], random_fraction: float = 0.0, asked: float | None = None
    ) -> None:
        real, call = one
        self.random_fraction = random_fraction
        real.breaker.report(real.admission, CallOutcome.FAILURE, PaystackUnavailable("no", asked))

        def cooldown_ms(opens: int) -> int:
            base: int = min(10_000 * 2 ** (opens - 1), 40_000)
            return max(round(base * (1 + random_fraction / 2)), round((asked or 0) * 1000))

        self.model.fail(call, self.now, cooldown_ms)

    @rule()
    def outage(self) -> None:
        """Two calls that know the item fail."""
        for _ in range(2):
            one = self._begin()
            if one:
                self._fail(one)
            self.they_agree()

    @rule(target=calls)
    def probe_begins_when_due(self) -> Any:
        self.wait_until_due()
        return self._begin() or multiple()

    @rule()
    def probe_succeeds_when_due(self) -> None:
        self.wait_until_due()
        one = self._begin()
        self.they_agree()
        if one:
            self.succeed(one)

    @rule(one=consumes(calls))
    def end_by_a_bug(self, one: tuple[Real, Call]) -> None:
        real, _ = one
        real.breaker.report(real.admission, CallOutcome.UNKNOWN)

    @rule(one=consumes(calls))
    def crash(self, one: tuple[Real, Call]) -> None:
        """The caller dies without a report."""

    @rule(seconds=st.sampled_from([0.001, 5, 10, 20, 30.001, 60]))
    def wait(self, seconds: float) -> None:
        self.now += round(seconds * 1000)

    @rule()
    def wait_until_due(self) -> None:
        item = self.model.item
        due = {"OPEN": item.retry_at, "HALF_OPEN": item.probe_until}.get(item.state, 0)
        self.now = max(self.now, due)

    @rule(mode=st.sampled_from([Mode.AUTO, Mode.AUTO, *Mode]))
    def force(self, mode: Mode) -> None:
        self.store.force(KEY, mode, self.now)
        self.model.force(str(mode), self.now)

    @invariant()
    def they_agree(self) -> None:
        real, model = self.store.item(KEY), self.model.item
        assert (real.state, real.epoch, real.failures, real.opens, real.mode) == (
            State(model.state),
            model.epoch,
            model.failures,
            model.opens,
            Mode(model.mode),
        )
        assert (real.retry_at or 0, real.closed_at) == (model.retry_at, model.closed_at)
        assert (real.probe_id, real.probe_until or 0) == (
            str(model.probe) if model.probe else None,
            model.probe_until,
        )
        if self.past[-1][1] != model:
            self.past.append((real, model))


TestBreakerLife = BreakerLife.TestCase
TestBreakerLife.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
