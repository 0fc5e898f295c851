"""The circuit breaker, transition by transition, over the store in memory and over DynamoDB.

What callers do to each other is explored in test_breaker_interleavings.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from orderflow.breakers.breaker import Breaker, Effects
from orderflow.breakers.ports import BreakerStore, Written
from orderflow.breakers.providers import CallOutcome, Provider
from orderflow.breakers.settings import LEASE_MARGIN_SECONDS, BreakerPolicy
from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.breakers.transitions import CLAIM_PROBE, Transition
from orderflow.errors import BreakerOpen, PaystackUnavailable, StoreUnavailable
from tests.breaker.memory_store import MemoryStore
from tests.unit.conftest import ENGINE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

KEY = "paystack"
NOW = 1_800_000_000_000
CALL_SECONDS = 13.0
POLICY = BreakerPolicy(threshold=3)
LEASE_MS = int(POLICY.lease_seconds * 1000)
DOWN = PaystackUnavailable("PayStack did not answer.")


class BugError(Exception):
    """An error of our own code."""


def classify(error: Exception) -> CallOutcome:
    return CallOutcome.FAILURE if isinstance(error, PaystackUnavailable) else CallOutcome.UNKNOWN


@dataclass
class Events:
    """Keeps the breaker's events."""

    changes: list[tuple[State, State, int]] = field(default_factory=list)
    skips: int = 0
    store_failures: list[str] = field(default_factory=list)

    def changed(self, before: State, item: BreakerItem) -> None:
        self.changes.append((before, item.state, item.epoch))

    def skipped(self, item: BreakerItem) -> None:
        assert not item.admits_all
        self.skips += 1

    def store_unavailable(self, provider: str, doing: str) -> None:
        assert provider == KEY
        self.store_failures.append(doing)


class Watched:
    """A store that keeps the names of writes and can be made unavailable."""

    def __init__(self, inner: BreakerStore) -> None:
        self._inner = inner
        self.reads = 0
        self.writes: list[str] = []
        self.fails_to: set[str] = set()
        self.when_written: Callable[[], None] = lambda: None

    def read(self, provider: str) -> BreakerItem:
        self.reads += 1
        self._answer("read")
        return self._inner.read(provider)

    def write(
        self, provider: str, transition: Transition, epoch: int, values: Mapping[str, Any]
    ) -> Written:
        self.writes.append(transition.name)
        self._answer(transition.name)
        written = self._inner.write(provider, transition, epoch, values)
        self.when_written()
        return written

    def _answer(self, what: str) -> None:
        if what in self.fails_to:
            raise StoreUnavailable("DynamoDB did not answer.")


class Scene:
    """One breaker's item, a clock and callers."""

    def __init__(self, store: BreakerStore) -> None:
        self._inner = store
        self.store = Watched(store)
        self.events = Events()
        self.policy = POLICY
        self.now = NOW
        self.random_fraction = 0.0
        self._probes = 0

    @property
    def item(self) -> BreakerItem:
        return self._inner.read(KEY)

    def caller(self, snapshot: BreakerItem | None = None, *, reads: bool = False) -> Breaker:
        """A caller with the present item as its snapshot, unless another one is given."""
        return Breaker(
            Provider(KEY, CALL_SECONDS, classify),
            self.store,
            lambda: self.policy,
            snapshot=None if reads else snapshot or self.item,
            by="create_payment_link",
            events=self.events,
            effects=Effects(lambda: self.now, self._new_probe_id, lambda: self.random_fraction),
        )

    def _new_probe_id(self) -> str:
        self._probes += 1
        return f"probe-{self._probes}"

    def call(self, error: Exception | None = None, caller: Breaker | None = None) -> bool:
        """Make one call with this outcome; whether it was admitted."""
        made = False
        try:
            with (caller or self.caller()).call():
                made = True
                if error:
                    raise error
        except BreakerOpen:
            return False
        except (PaystackUnavailable, BugError):
            pass
        return made

    def later(self, seconds: float) -> None:
        self.now += round(seconds * 1000)

    def open(self, failures: int = POLICY.threshold) -> BreakerItem:
        for _ in range(failures):
            self.call(DOWN)
        return self.item

    def until_due(self) -> BreakerItem:
        """Advance to the end of the cooldown."""
        item = self.item
        assert item.retry_at
        self.now = item.retry_at
        return item

    def claim(self) -> tuple[Breaker, Any]:
        """A caller that holds the probe, and its admission."""
        self.until_due()
        caller = self.caller()
        return caller, caller.admit()

    def close(self) -> BreakerItem:
        """Close the breaker by a successful probe."""
        self.until_due()
        assert self.call()
        return self.item


@pytest.fixture
def scene() -> Scene:
    """A store in memory that evaluates the expressions for DynamoDB."""
    return Scene(MemoryStore())


@pytest.fixture(params=["memory", ENGINE])
def any_scene(request: pytest.FixtureRequest, breakers_table: Table) -> Scene:
    """Both stores: for each row of the table of transitions."""
    if request.param == "memory":
        return Scene(MemoryStore())
    return Scene(DynamoBreakerStore(breakers_table))


class TestClosed:
    def test_a_provider_without_an_item_is_called(self, scene: Scene) -> None:
        assert scene.call()
        assert scene.item == BreakerItem(provider=KEY)

    def test_success_without_earlier_failures_writes_nothing(self, scene: Scene) -> None:
        for _ in range(3):
            scene.call(caller=scene.caller(scene.item))

        assert (scene.store.reads, scene.store.writes) == (0, [])

    def test_the_first_failure_creates_a_complete_item(self, any_scene: Scene) -> None:
        any_scene.call(DOWN)

        assert any_scene.item == BreakerItem(
            provider=KEY, failures=1, updated_by="create_payment_link"
        )
        assert any_scene.events == Events()

    def test_failures_in_a_row_are_counted(self, scene: Scene) -> None:
        for failures in range(1, POLICY.threshold):
            scene.call(DOWN)
            assert (scene.item.failures, scene.item.state) == (failures, State.CLOSED)

    def test_success_resets_the_failures_in_its_snapshot(self, any_scene: Scene) -> None:
        any_scene.call(DOWN)
        any_scene.call()

        assert (any_scene.item.failures, any_scene.item.state, any_scene.item.epoch) == (
            0,
            State.CLOSED,
            0,
        )

    def test_success_between_failures_keeps_it_closed(self, scene: Scene) -> None:
        for _ in range(2):
            scene.open(POLICY.threshold - 1)
            scene.call()

        assert scene.item.state is State.CLOSED

    def test_it_opens_at_the_threshold(self, any_scene: Scene) -> None:
        assert any_scene.open() == BreakerItem(
            provider=KEY,
            state=State.OPEN,
            epoch=1,
            failures=0,
            opens=1,
            opened_at=NOW,
            retry_at=NOW + 60_000,
            reason="PayStack did not answer.",
            updated_by="create_payment_link",
        )
        assert any_scene.events.changes == [(State.CLOSED, State.OPEN, 1)]

    def test_the_threshold_comes_from_the_policy(self, scene: Scene) -> None:
        scene.policy = BreakerPolicy(threshold=2)

        assert [scene.open(1).state for _ in range(2)] == [State.CLOSED, State.OPEN]

    def test_a_failure_beyond_the_threshold_opens_it_if_the_earlier_caller_died(
        self, scene: Scene
    ) -> None:
        scene.store.fails_to = {"open"}
        assert scene.open().failures == POLICY.threshold
        scene.store.fails_to = set()

        scene.call(DOWN)

        assert (scene.item.state, scene.item.epoch) == (State.OPEN, 1)

    @pytest.mark.parametrize("error", [None, DOWN], ids=["success", "failure"])
    def test_a_result_from_before_the_opening_changes_nothing(
        self, any_scene: Scene, error: Exception | None
    ) -> None:
        any_scene.call(DOWN)
        early = any_scene.caller()
        admission = early.admit()
        opened = any_scene.open(POLICY.threshold - 1)

        early.report(admission, CallOutcome.FAILURE if error else CallOutcome.HEALTHY, error)

        assert opened.state is State.OPEN
        assert any_scene.item == opened

    @pytest.mark.parametrize("error", [None, DOWN], ids=["success", "failure"])
    def test_a_result_from_before_an_outage_changes_nothing_after_it(
        self, any_scene: Scene, error: Exception | None
    ) -> None:
        any_scene.call(DOWN)
        early = any_scene.caller()
        admission = early.admit()
        any_scene.open(POLICY.threshold - 1)
        any_scene.close()
        any_scene.call(DOWN)
        before = any_scene.item

        early.report(admission, CallOutcome.FAILURE if error else CallOutcome.HEALTHY, error)

        assert before.failures == 1
        assert any_scene.item == before

    def test_an_error_of_our_code_does_not_count_as_a_failure(self, scene: Scene) -> None:
        scene.call(DOWN)

        for _ in range(POLICY.threshold):
            assert scene.call(BugError())

        assert scene.item.failures == 1


class TestOpen:
    def test_calls_are_refused_until_the_cooldown_ends(self, scene: Scene) -> None:
        opened = scene.open()
        scene.until_due()
        scene.now -= 1

        assert not scene.call()
        assert scene.item == opened
        assert scene.events.skips == 1

    def test_the_first_call_after_the_cooldown_is_the_probe(self, any_scene: Scene) -> None:
        opened = any_scene.open()
        _, admission = any_scene.claim()

        assert (admission.epoch, admission.probe_id) == (2, "probe-1")
        assert any_scene.item == opened.model_copy(
            update={
                "state": State.HALF_OPEN,
                "epoch": 2,
                "probe_id": "probe-1",
                "probe_until": any_scene.now + LEASE_MS,
            }
        )
        assert any_scene.events.changes[-1] == (State.OPEN, State.HALF_OPEN, 2)

    def test_other_calls_are_refused_during_the_probe(self, scene: Scene) -> None:
        opened = scene.open()
        scene.claim()
        claimed = scene.item

        assert not scene.call()  # knows of the probe
        assert not scene.call(caller=scene.caller(opened))  # tries to claim it, too
        assert scene.item == claimed

    def test_a_late_claim_is_admitted_if_the_probe_has_closed_the_breaker(
        self, any_scene: Scene
    ) -> None:
        opened = any_scene.open()
        closed = any_scene.close()

        latecomer = any_scene.caller(opened)

        assert latecomer.admit().probe_id is None
        assert any_scene.item == closed
        assert any_scene.call(DOWN, latecomer)
        assert any_scene.item.failures == 1

    def test_a_late_claim_is_refused_if_the_probe_has_failed(self, scene: Scene) -> None:
        opened = scene.open()
        scene.until_due()
        scene.call(DOWN)
        again = scene.item

        assert not scene.call(caller=scene.caller(opened))
        assert scene.item == again

    def test_each_opening_in_a_row_doubles_the_cooldown_up_to_the_longest(
        self, scene: Scene
    ) -> None:
        scene.open()
        cooldowns = []
        for _ in range(6):
            cooldowns.append((scene.until_due().retry_at or 0) - (scene.item.opened_at or 0))
            scene.call(DOWN)

        assert cooldowns == [60_000, 120_000, 240_000, 480_000, 900_000, 900_000]
        assert scene.item.opens == 7

    @pytest.mark.parametrize(("random_fraction", "seconds"), [(0.0, 60), (0.5, 67.5), (1.0, 75)])
    def test_jitter_only_lengthens_the_cooldown(
        self, scene: Scene, random_fraction: float, seconds: float
    ) -> None:
        scene.random_fraction = random_fraction

        assert scene.open().retry_at == NOW + seconds * 1000

    @pytest.mark.parametrize(
        ("asked", "seconds"),
        [(None, 60), (0.0, 60), (59.0, 60), (90.0, 90), (3600.0, 3600), (1e9, 3600)],
    )
    def test_retry_after_lengthens_the_cooldown_up_to_a_limit(
        self, scene: Scene, asked: float | None, seconds: float
    ) -> None:
        scene.open(POLICY.threshold - 1)

        scene.call(PaystackUnavailable("busy", asked))

        assert scene.item.retry_at == NOW + seconds * 1000

    def test_retry_after_of_a_failed_probe_lengthens_the_cooldown(self, scene: Scene) -> None:
        scene.open()
        scene.until_due()

        scene.call(PaystackUnavailable("busy", 1800))

        assert scene.item.retry_at == scene.now + 1_800_000

    @pytest.mark.parametrize(("after", "opens"), [(300, 3), (300.001, 1)])
    def test_opening_again_soon_after_closing_keeps_the_cooldown(
        self, scene: Scene, after: float, opens: int
    ) -> None:
        scene.open()
        for _ in range(2):
            scene.until_due()
            scene.call(DOWN)
        scene.close()
        scene.later(after)

        item = scene.open()

        assert item.opens == opens
        assert (item.retry_at or 0) - scene.now == 60_000 * 2 ** (opens - 1)


class TestProbe:
    def test_success_closes_the_breaker(self, any_scene: Scene) -> None:
        opened = any_scene.open()
        any_scene.until_due()

        assert any_scene.call()

        assert any_scene.item == opened.model_copy(
            update={
                "state": State.CLOSED,
                "epoch": 3,
                "closed_at": any_scene.now,
                "reason": "The probe succeeded.",
            }
        )
        assert any_scene.events.changes[-2:] == [
            (State.OPEN, State.HALF_OPEN, 2),
            (State.HALF_OPEN, State.CLOSED, 3),
        ]

    def test_failure_opens_the_breaker_again(self, any_scene: Scene) -> None:
        any_scene.open()
        any_scene.until_due()

        any_scene.call(PaystackUnavailable("still down"))

        assert any_scene.item == BreakerItem(
            provider=KEY,
            state=State.OPEN,
            epoch=3,
            opens=2,
            opened_at=any_scene.now,
            retry_at=any_scene.now + 120_000,
            reason="still down",
            updated_by="create_payment_link",
        )
        assert any_scene.events.changes[-1] == (State.HALF_OPEN, State.OPEN, 3)

    def test_after_an_error_of_our_code_another_call_probes_when_the_lease_ends(
        self, scene: Scene
    ) -> None:
        scene.open()
        scene.until_due()
        scene.call(BugError())

        assert scene.item.probe_id
        scene.later(POLICY.lease_seconds)
        assert scene.call()
        assert scene.item.state is State.CLOSED

    def test_a_probe_without_a_result_is_replaced_when_its_lease_ends(
        self, any_scene: Scene
    ) -> None:
        any_scene.open()
        any_scene.claim()
        any_scene.later(POLICY.lease_seconds - 0.001)
        assert not any_scene.call()

        any_scene.later(0.001)
        admission = any_scene.caller().admit()

        assert (admission.epoch, admission.probe_id) == (3, "probe-2")
        assert (any_scene.item.state, any_scene.item.epoch) == (State.HALF_OPEN, 3)
        assert any_scene.events.changes[-1] == (State.HALF_OPEN, State.HALF_OPEN, 3)

    @pytest.mark.parametrize("outcome", [CallOutcome.HEALTHY, CallOutcome.FAILURE])
    def test_the_result_of_a_replaced_probe_changes_nothing(
        self, any_scene: Scene, outcome: CallOutcome
    ) -> None:
        any_scene.open()
        old, admission = any_scene.claim()
        any_scene.later(POLICY.lease_seconds)
        any_scene.caller().admit()
        replaced = any_scene.item

        old.report(admission, outcome, DOWN)

        assert any_scene.item == replaced

    @pytest.mark.parametrize("outcome", [CallOutcome.HEALTHY, CallOutcome.FAILURE])
    def test_a_late_result_counts_until_the_probe_is_replaced(
        self, scene: Scene, outcome: CallOutcome
    ) -> None:
        scene.open()
        caller, admission = scene.claim()
        scene.later(POLICY.lease_seconds + 1)

        caller.report(admission, outcome, DOWN)

        wanted = {CallOutcome.HEALTHY: State.CLOSED, CallOutcome.FAILURE: State.OPEN}
        assert scene.item.state is wanted[outcome]

    @pytest.mark.parametrize("outcome", [CallOutcome.HEALTHY, CallOutcome.FAILURE])
    def test_a_result_of_the_same_epoch_but_another_probe_changes_nothing(
        self, scene: Scene, outcome: CallOutcome
    ) -> None:
        """The same epoch comes again if the item is deleted."""
        scene.open()
        caller, admission = scene.claim()
        claimed = scene.item
        stranger = type(admission)(admission.epoch, "probe-of-another-life")

        caller.report(stranger, outcome, DOWN)

        assert scene.item == claimed

    @pytest.mark.parametrize(("took", "is_made"), [(0, True), (30, True), (30.001, False)])
    def test_a_claim_with_too_little_time_left_in_its_lease_makes_no_call(
        self, scene: Scene, took: float, is_made: bool
    ) -> None:
        assert POLICY.lease_seconds - CALL_SECONDS - LEASE_MARGIN_SECONDS == 30
        scene.open()
        scene.until_due()
        slow = scene.caller()
        scene.store.when_written = lambda: scene.later(took)

        assert scene.call(BugError(), slow) is is_made
        assert scene.item.state is State.HALF_OPEN  # until the lease ends, as after a crash


class TestForced:
    def force(self, scene: Scene, mode: Mode, **changes: Any) -> BreakerItem:
        return scene.item.model_copy(update={"mode": mode, **changes})

    def test_forced_open_refuses_every_call(self, scene: Scene) -> None:
        snapshot = self.force(scene, Mode.FORCED_OPEN)

        assert not scene.call(caller=scene.caller(snapshot))
        assert scene.events.skips == 1

    def test_forced_open_admits_no_probe(self, scene: Scene) -> None:
        scene.open()
        scene.until_due()
        snapshot = self.force(scene, Mode.FORCED_OPEN)

        assert not scene.call(caller=scene.caller(snapshot))
        assert CLAIM_PROBE.name not in scene.store.writes

    def test_forced_closed_admits_every_call_and_records_none(self, scene: Scene) -> None:
        opened = scene.open()
        snapshot = self.force(scene, Mode.FORCED_CLOSED)
        written = list(scene.store.writes)

        for error in (None, DOWN, BugError()):
            assert scene.call(error, scene.caller(snapshot))

        assert scene.store.writes == written
        assert scene.item == opened


class TestForcedMeanwhile:
    """Operators force the breaker after the caller has read its snapshot."""

    @pytest.fixture
    def table(self, breakers_table: Table) -> DynamoBreakerStore:
        return DynamoBreakerStore(breakers_table)

    @pytest.fixture
    def scene(self, table: DynamoBreakerStore) -> Scene:
        return Scene(table)

    @pytest.mark.parametrize(
        ("mode", "is_made"), [(Mode.FORCED_OPEN, False), (Mode.FORCED_CLOSED, True)]
    )
    def test_a_claim_fails_if_operators_have_forced_the_breaker(
        self, scene: Scene, table: DynamoBreakerStore, mode: Mode, is_made: bool
    ) -> None:
        snapshot = scene.open()
        scene.until_due()
        forced = table.force(KEY, mode, "planned maintenance", "ada")

        assert scene.call(DOWN, scene.caller(snapshot)) is is_made
        assert scene.item == forced

    def test_back_in_auto_mode_the_breaker_continues_in_its_state(
        self, scene: Scene, table: DynamoBreakerStore
    ) -> None:
        scene.open()
        table.force(KEY, Mode.FORCED_OPEN, "planned", "ada")
        table.force(KEY, Mode.AUTO, "enough", "ada")

        assert not scene.call()
        scene.until_due()
        assert scene.call()
        assert scene.item.state is State.CLOSED

    def test_a_breaker_that_was_forced_closed_admits_calls_in_auto_mode_and_counts_failures(
        self, scene: Scene, table: DynamoBreakerStore
    ) -> None:
        scene.open()
        table.force(KEY, Mode.FORCED_CLOSED, "try it", "ada")
        table.force(KEY, Mode.AUTO, "enough", "ada")

        assert scene.call()
        assert scene.open().state is State.OPEN

    def test_a_breaker_that_never_failed_can_be_forced(
        self, scene: Scene, table: DynamoBreakerStore
    ) -> None:
        assert table.force(KEY, Mode.FORCED_OPEN, "planned", "ada") == BreakerItem(
            provider=KEY, mode=Mode.FORCED_OPEN, mode_reason="planned", updated_by="ada"
        )
        assert not scene.call()

        table.force(KEY, Mode.AUTO, "done", "ada")

        assert scene.open().state is State.OPEN


class TestStoreUnavailable:
    def test_a_breaker_that_cant_be_read_admits_calls_without_recording_them(
        self, scene: Scene
    ) -> None:
        scene.store.fails_to = {"read"}

        for error in (None, DOWN):
            assert scene.call(error, scene.caller(reads=True))

        assert scene.store.writes == []
        assert scene.events.store_failures == ["read", "read"]

    def test_it_is_read_again_for_the_next_call(self, scene: Scene) -> None:
        caller = scene.caller(reads=True)
        scene.store.fails_to = {"read"}
        scene.call(caller=caller)
        scene.store.fails_to = set()

        scene.call(DOWN, caller)

        assert scene.item.failures == 1

    @pytest.mark.parametrize("write", ["count failure", "open"])
    def test_a_result_that_cant_be_written_still_reaches_the_caller(
        self, scene: Scene, write: str
    ) -> None:
        scene.open(POLICY.threshold - 1)
        scene.store.fails_to = {write}

        with pytest.raises(PaystackUnavailable), scene.caller().call():
            raise DOWN
        assert scene.item.state is State.CLOSED
        assert scene.events.store_failures == ["report"]

    @pytest.mark.parametrize("write", ["close", "re-open"])
    def test_a_probe_whose_result_cant_be_written_is_followed_by_another(
        self, scene: Scene, write: str
    ) -> None:
        scene.open()
        scene.until_due()
        scene.store.fails_to = {write}

        assert scene.call(DOWN if write == "re-open" else None)

        assert scene.item.state is State.HALF_OPEN
        assert scene.events.store_failures == ["report"]

    def test_a_claim_without_an_answer_makes_no_call(self, scene: Scene) -> None:
        scene.open()
        scene.until_due()
        scene.store.fails_to = {"claim probe"}

        assert not scene.call()
        assert scene.events.store_failures == ["claim"]


class TestCall:
    def test_the_error_of_the_call_is_raised(self, scene: Scene) -> None:
        with pytest.raises(BugError), scene.caller().call():
            raise BugError

    def test_a_refusal_names_the_provider_and_makes_no_call(self, scene: Scene) -> None:
        scene.open()

        with pytest.raises(BreakerOpen, match="paystack"), scene.caller().call():
            pytest.fail("the call was made")

    def test_a_killed_caller_reports_nothing(self, scene: Scene) -> None:
        with pytest.raises(KeyboardInterrupt), scene.caller().call():
            raise KeyboardInterrupt

        assert scene.store.writes == []

    def test_a_caller_keeps_the_latest_item_between_its_calls(self, scene: Scene) -> None:
        caller = scene.caller()
        for _ in range(POLICY.threshold):
            scene.call(DOWN, caller)
        reads = scene.store.reads

        assert not scene.call(caller=caller)
        assert scene.store.reads == reads


class TestPolicy:
    def test_the_defaults_are_those_of_the_design(self) -> None:
        assert BreakerPolicy().model_dump(by_alias=True) == {
            "threshold": 5,
            "cooldownSeconds": 60,
            "maxCooldownSeconds": 900,
            "jitter": 0.25,
            "keepCooldownSeconds": 300,
            "leaseSeconds": 45,
        }

    @pytest.mark.parametrize(
        "wrong",
        [
            {"threshold": 0},
            {"cooldownSeconds": 0},
            {"jitter": 1.1},
            {"leaseSeconds": LEASE_MARGIN_SECONDS},
            {"coolDown": 60},
        ],
    )
    def test_an_invalid_policy_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            BreakerPolicy.model_validate(wrong)

    def test_the_longest_cooldown_is_never_below_the_first(self) -> None:
        policy = BreakerPolicy(cooldown_seconds=1200, max_cooldown_seconds=900)

        assert [policy.cooldown(opens) for opens in (1, 2, 3)] == [1200, 1200, 1200]

    def test_many_openings_in_a_row_do_not_overflow_the_cooldown(self) -> None:
        assert POLICY.cooldown(10_000) == POLICY.max_cooldown_seconds
