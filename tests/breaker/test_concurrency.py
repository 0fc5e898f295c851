"""A hundred callers at once, over the emulator's DynamoDB and a provider behind a real socket.

The test sets the callers' clock: no test waits for a cooldown or a lease, and no result depends on
the duration of a step.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import urllib3

from orderflow.breakers.breaker import Admission, Breaker, Effects
from orderflow.breakers.providers import CallOutcome
from orderflow.breakers.settings import BreakerPolicy
from orderflow.breakers.state import BreakerItem, State
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.clock import epoch_ms
from orderflow.errors import BreakerOpen, PaystackUnavailable
from orderflow.payments.guarded import PAYSTACK
from tests.breaker.cases import cases, in_memory, in_table
from tests.breaker.conftest import Emulator
from tests.breaker.provider_server import ProviderServer, call_provider
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

CALLERS = 100
KEY = PAYSTACK.key
HOUR_MS = 3_600_000
REFUSED, FAILED, SUCCEEDED = "refused", "failed", "succeeded"


@dataclass
class Changes:
    """Keeps the transitions that callers made."""

    made: list[tuple[State, State, int]] = field(default_factory=list)

    def changed(self, before: State, item: BreakerItem) -> None:
        self.made.append((before, item.state, item.epoch))

    def skipped(self, item: BreakerItem) -> None:
        pass

    def store_unavailable(self, provider: str, doing: str) -> None:
        pytest.fail(f"the store of {provider} was out of reach: {doing}")


class Crowd:
    """A hundred callers that begin at the same moment."""

    def __init__(self, table: Table, provider: ProviderServer) -> None:
        # Boto3 warns against sharing resources, but the parts used here have no state.
        self.store = DynamoBreakerStore(table)
        self.provider = provider
        self.policy = BreakerPolicy()
        self.now = epoch_ms() - HOUR_MS
        self.changes = Changes()
        self._pool = urllib3.PoolManager(maxsize=CALLERS)
        self._threads = ThreadPoolExecutor(CALLERS)
        self._futures: list[Future[str]] = []
        self._earlier_calls = 0

    def close(self) -> None:
        self.provider.answers.set()
        self._threads.shutdown()

    @property
    def item(self) -> BreakerItem:
        return self.store.read(KEY)

    def begin(self, snapshot: BreakerItem | None) -> None:
        """Start all callers with this snapshot; None: each reads the item."""
        gate = threading.Barrier(CALLERS)
        self._futures = [
            self._threads.submit(self._call, gate, self.breaker(snapshot)) for _ in range(CALLERS)
        ]

    def breaker(self, snapshot: BreakerItem | None) -> Breaker:
        return Breaker(
            PAYSTACK,
            self.store,
            lambda: self.policy,
            snapshot=snapshot,
            by="crowd",
            events=self.changes,
            effects=Effects(clock=lambda: self.now),
        )

    def _call(self, gate: threading.Barrier, breaker: Breaker) -> str:
        gate.wait()
        try:
            with breaker.call():
                call_provider(self.provider.url, self._pool)
        except BreakerOpen:
            return REFUSED
        except PaystackUnavailable:
            return FAILED
        return SUCCEEDED

    def settle(self) -> None:
        """Wait until each caller has reached the provider or been refused."""
        wait_for(lambda: self._arrived, lambda arrived: arrived == CALLERS)

    @property
    def _arrived(self) -> int:
        refused = [one for one in self._futures if one.done() and one.result() == REFUSED]
        return len(refused) + self.provider.calls - self._earlier_calls

    def results(self) -> Counter[str]:
        """Let the provider answer, and wait for the callers."""
        self.provider.answers.set()
        counted = Counter(future.result(timeout=60) for future in self._futures)
        self.provider.answers.clear()
        self._earlier_calls = self.provider.calls
        return counted

    def open(self) -> BreakerItem:
        """Open the breaker by failures long ago, so that the cooldown has ended on every clock."""
        breaker = self.breaker(self.item)
        for _ in range(self.policy.threshold):
            with pytest.raises(PaystackUnavailable), breaker.call():
                raise PaystackUnavailable("down")
        self.changes.made.clear()
        item = self.item
        assert item.state is State.OPEN
        self.now = item.retry_at or 0
        return item


@pytest.fixture
def crowd(table: Table, provider: ProviderServer) -> Iterator[Crowd]:
    crowd = Crowd(table, provider)
    yield crowd
    crowd.close()


@pytest.mark.parametrize("threshold", [5, CALLERS], ids=["the default threshold", "all needed"])
def test_failures_at_once_open_it_once_and_none_is_lost(crowd: Crowd, threshold: int) -> None:
    crowd.policy = BreakerPolicy(threshold=threshold)
    crowd.provider.status = 500

    crowd.begin(BreakerItem(provider=KEY))
    crowd.settle()

    assert crowd.results() == {FAILED: CALLERS}
    assert (crowd.item.state, crowd.item.epoch, crowd.item.opens) == (State.OPEN, 1, 1)
    assert crowd.changes.made == [(State.CLOSED, State.OPEN, 1)]


def test_one_failure_too_few_does_not_open_it(crowd: Crowd) -> None:
    crowd.policy = BreakerPolicy(threshold=CALLERS + 1)
    crowd.provider.status = 500

    crowd.begin(BreakerItem(provider=KEY))
    crowd.settle()
    crowd.results()

    assert (crowd.item.state, crowd.item.failures) == (State.CLOSED, CALLERS)


@pytest.mark.parametrize("reads", [False, True], ids=["with a snapshot", "after reading"])
@pytest.mark.parametrize(
    ("status", "result", "state"),
    [(200, SUCCEEDED, State.CLOSED), (500, FAILED, State.OPEN)],
)
def test_at_the_cooldowns_end_one_of_them_reaches_the_provider(
    crowd: Crowd, reads: bool, status: int, result: str, state: State
) -> None:
    opened = crowd.open()
    crowd.provider.status = status

    crowd.begin(None if reads else opened)
    crowd.settle()

    assert crowd.provider.calls == 1
    assert crowd.results() == {REFUSED: CALLERS - 1, result: 1}
    assert (crowd.item.state, crowd.item.epoch) == (state, 3)
    assert crowd.changes.made == [
        (State.OPEN, State.HALF_OPEN, 2),
        (State.HALF_OPEN, state, 3),
    ]


def test_a_killed_probe_is_replaced_by_one_caller_after_its_lease(
    crowd: Crowd, emulator: Emulator, table: Table
) -> None:
    crowd.open()
    claimed = kill_a_probe(crowd, emulator, table.name)
    assert claimed.state is State.HALF_OPEN

    crowd.now = (claimed.probe_until or 0) - 1
    crowd.begin(claimed)
    crowd.settle()
    assert crowd.results() == {REFUSED: CALLERS}

    crowd.now += 1
    crowd.begin(claimed)
    crowd.settle()
    assert crowd.provider.calls == 2
    replaced = crowd.item
    assert (replaced.state, replaced.epoch) == (State.HALF_OPEN, claimed.epoch + 1)

    for outcome in (CallOutcome.HEALTHY, CallOutcome.FAILURE):
        late = crowd.breaker(claimed)
        late.report(Admission(claimed.epoch, claimed.probe_id), outcome)
        assert crowd.item == replaced

    assert crowd.results() == {REFUSED: CALLERS - 1, SUCCEEDED: 1}
    assert (crowd.item.state, crowd.item.epoch) == (State.CLOSED, claimed.epoch + 2)


def kill_a_probe(crowd: Crowd, emulator: Emulator, table: str) -> BreakerItem:
    """The item after a process has claimed the probe and been killed during its call."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.breaker.probe", table, crowd.provider.url],
        env=emulator.environment,
    ) as process:
        try:
            wait_for(lambda: crowd.provider.calls or process.poll() is not None, bool)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGKILL
    crowd.results()
    return crowd.item


def test_the_expressions_of_the_proofs_do_what_the_emulator_does(table: Table) -> None:
    for case in cases(400, seed=2):
        assert in_memory(case) == in_table(case, table), case
