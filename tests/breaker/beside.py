"""Our circuit breaker beside that of Powertools for AWS Lambda, both run on one emulated DynamoDB.

https://docs.aws.amazon.com/powertools/python/latest/ (``utilities.circuit_breaker``). Both are set
up alike: five failures open them, one success of a probe closes them.
"""

from __future__ import annotations

import multiprocessing
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import boto3
from aws_lambda_powertools.utilities.circuit_breaker import (
    CircuitBreakerConfig,
    CircuitBreakerOpenError,
    circuit_breaker,
)
from aws_lambda_powertools.utilities.circuit_breaker.persistence import (
    CircuitBreakerDynamoDBPersistence,
)

from orderflow.breakers.breaker import Breaker, Effects
from orderflow.breakers.settings import BreakerPolicy
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.clock import epoch_ms
from orderflow.errors import BreakerOpen, PaystackUnavailable
from orderflow.payments.guarded import PAYSTACK
from scripts.local.stack.processes import EMULATOR_ROOT
from scripts.local.stack.state import REGION
from tests.breaker.silence import Silence
from tests.support.tables import TableDefinition
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

CALLERS: Final = 100
ENVIRONMENTS: Final = 25
THRESHOLD: Final = BreakerPolicy().threshold
_HOUR_MS: Final = 3_600_000

Requests = Counter[str]
"""The number of requests to DynamoDB, by operation."""

Call = Callable[[], object]
"""A call of the provider; it raises ``PaystackUnavailable`` where it fails."""

Caller = Callable[[Call], object]
"""Makes a call through a breaker; it raises ``BreakerOpen`` where the breaker refuses it."""


class Contender(Protocol):
    """A circuit breaker, whose state is one item of a table of its own."""

    def __init__(self, endpoint: str) -> None: ...

    def environment(self, threshold: int = THRESHOLD, counted: Requests | None = None) -> Caller:
        """A new execution environment, whose requests to DynamoDB are counted."""

    def open_long_ago(self) -> None:
        """Open the breaker, so that its cooldown has ended."""

    def end_lease(self) -> None:
        """Let the time pass that a probe may take."""

    def state(self) -> str:
        """CLOSED, OPEN or HALF_OPEN."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one breaker did.

    Attributes:
        probes: how many of 100 callers at the cooldown's end reached the provider.
        after_late_success: the state after a probe succeeded whose successor had failed.
        after_late_failure: the state after a call failed that began before the opening, while a
            probe was on its way.
        after_failures: the state after 100 failures, four in each of 25 environments.
        reads: of DynamoDB, in 100 calls of a healthy provider by one environment.
        writes: likewise.
    """

    probes: int
    after_late_success: str
    after_late_failure: str
    after_failures: str
    reads: int
    writes: int


class Ours(Contender):
    """The breaker of this project, behind a clock that the scenarios set."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._table = _create_table(endpoint, "provider")
        self._ahead_ms = 0

    def environment(self, threshold: int = THRESHOLD, counted: Requests | None = None) -> Caller:
        """See :meth:`Contender.environment`."""
        store = DynamoBreakerStore(_dynamodb(self._endpoint, counted).Table(self._table))

        def call(provider: Call) -> object:
            breaker = Breaker(
                PAYSTACK,
                store,
                lambda: BreakerPolicy(threshold=threshold),
                snapshot=store.read(PAYSTACK.key),  # by the state machine
                by="beside",
                events=Silence(),
                effects=Effects(clock=lambda: epoch_ms() + self._ahead_ms),
            )
            with breaker.call():
                return provider()

        return call

    def open_long_ago(self) -> None:
        """See :meth:`Contender.open_long_ago`."""
        self._ahead_ms = -_HOUR_MS
        caller = self.environment()
        for _ in range(THRESHOLD):
            _outcome(caller, _fail)
        self._ahead_ms = 0

    def end_lease(self) -> None:
        """See :meth:`Contender.end_lease`."""
        self._ahead_ms += int(BreakerPolicy().lease_seconds * 1000)

    def state(self) -> str:
        """See :meth:`Contender.state`."""
        table = _dynamodb(self._endpoint).Table(self._table)
        return str(DynamoBreakerStore(table).read(PAYSTACK.key).state)


class Powertools(Contender):
    """The breaker of Powertools for AWS Lambda.

    Its counts belong to the process.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._table = _create_table(endpoint, "id")
        self._name = self._table  # its counts are kept by this name

    def environment(self, threshold: int = THRESHOLD, counted: Requests | None = None) -> Caller:
        """See :meth:`Contender.environment`."""
        config = CircuitBreakerConfig(
            failure_threshold=threshold,
            success_threshold=1,
            handled_exceptions=PaystackUnavailable,
        )

        @circuit_breaker(self._name, self._store(counted), config=config)
        def guarded(provider: Call) -> object:
            return provider()

        def call(provider: Call) -> object:
            try:
                return guarded(provider)
            except CircuitBreakerOpenError:
                raise BreakerOpen(self._name) from None

        return call

    def open_long_ago(self) -> None:
        """See :meth:`Contender.open_long_ago`."""
        an_hour_ago = (epoch_ms() - _HOUR_MS) // 1000
        self._store().save_open(self._name, failure_count=THRESHOLD, opened_at=an_hour_ago)

    def end_lease(self) -> None:
        """See :meth:`Contender.end_lease`."""
        boto3.client("dynamodb", **_options(self._endpoint)).update_item(
            TableName=self._table,
            Key={"id": {"S": self._name}},
            UpdateExpression="SET probe_lease_expiry = :past",
            ExpressionAttributeValues={":past": {"N": "0"}},
        )

    def state(self) -> str:
        """See :meth:`Contender.state`."""
        return self._store().get_state(self._name).state.value

    def _store(self, counted: Requests | None = None) -> CircuitBreakerDynamoDBPersistence:
        client = boto3.client("dynamodb", **_options(self._endpoint))
        _count(client, counted)
        return CircuitBreakerDynamoDBPersistence(self._table, boto3_client=client)


def _create_table(endpoint: str, key: str) -> str:
    name = f"beside-{uuid.uuid4().hex}"
    _dynamodb(endpoint).create_table(**TableDefinition(name, [key]).creation())
    return name


def _dynamodb(endpoint: str, counted: Requests | None = None) -> DynamoDBServiceResource:
    resource = boto3.resource("dynamodb", **_options(endpoint))
    _count(resource.meta.client, counted)
    return resource


def _options(endpoint: str) -> dict[str, Any]:
    return {
        "endpoint_url": endpoint,
        "region_name": REGION,
        "aws_access_key_id": EMULATOR_ROOT,
        "aws_secret_access_key": EMULATOR_ROOT,
    }


def _count(client: DynamoDBClient, counted: Requests | None) -> None:
    def count(model: Any, **_: Any) -> None:
        if counted is not None:
            counted[model.name] += 1

    client.meta.events.register("before-call.dynamodb", count)


def measure(contender: type[Contender], endpoint: str) -> Measured:
    """Run each scenario on a new breaker in the DynamoDB at this endpoint."""
    reads, writes = _healthy_calls(contender(endpoint))
    return Measured(
        probes=_probes(contender(endpoint)),
        after_late_success=_after_late_success(contender(endpoint)),
        after_late_failure=_after_late_failure(contender(endpoint)),
        after_failures=_after_failures(contender(endpoint)),
        reads=reads,
        writes=writes,
    )


class HeldCalls:
    """Calls that wait at the provider until they are told their result."""

    def __init__(self) -> None:
        self.arrived = 0
        self._lock = threading.Lock()
        self._answer = threading.Event()
        self._fails = False

    def __call__(self) -> None:
        with self._lock:
            self.arrived += 1
        self._answer.wait()
        if self._fails:
            raise PaystackUnavailable("down")

    def answer(self, *, fails: bool = False) -> None:
        self._fails = fails
        self._answer.set()


def _fail() -> None:
    raise PaystackUnavailable("down")


def _outcome(caller: Caller, call: Call) -> str:
    try:
        caller(call)
    except BreakerOpen:
        return "refused"
    except PaystackUnavailable:
        return "failed"
    return "succeeded"


def _probes(breaker: Contender) -> int:
    breaker.open_long_ago()
    held = HeldCalls()
    environments = [breaker.environment() for _ in range(ENVIRONMENTS)]
    callers = environments * (CALLERS // ENVIRONMENTS)
    with ThreadPoolExecutor(CALLERS) as pool:
        futures = [pool.submit(_outcome, caller, held) for caller in callers]
        wait_for(lambda: held.arrived + sum(f.done() for f in futures), lambda n: n == CALLERS)
        held.answer()
    return held.arrived


def _after_late_success(breaker: Contender) -> str:
    breaker.open_long_ago()
    held = HeldCalls()
    with ThreadPoolExecutor(CALLERS) as pool:
        late = pool.submit(_outcome, breaker.environment(), held)
        wait_for(lambda: held.arrived, bool)
        breaker.end_lease()
        newer = pool.submit(_outcome, breaker.environment(), _fail)
        assert newer.result() == "failed", "the next probe was not let through"
        held.answer()
        assert late.result() == "succeeded"
    return breaker.state()


def _after_late_failure(breaker: Contender) -> str:
    early, probe = HeldCalls(), HeldCalls()
    with ThreadPoolExecutor(CALLERS) as pool:
        late = pool.submit(_outcome, breaker.environment(threshold=1), early)
        wait_for(lambda: early.arrived, bool)
        breaker.open_long_ago()
        newer = pool.submit(_outcome, breaker.environment(threshold=1), probe)
        wait_for(lambda: probe.arrived, bool)
        early.answer(fails=True)
        assert late.result() == "failed"
        state = breaker.state()
        probe.answer()
        newer.result()
    return state


def _after_failures(breaker: Contender) -> str:
    """Each environment is a process, as on AWS."""
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=_four_failures, args=(breaker,)) for _ in range(ENVIRONMENTS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    return breaker.state()


def _four_failures(breaker: Contender) -> None:
    caller = breaker.environment()
    for _ in range(CALLERS // ENVIRONMENTS):
        _outcome(caller, _fail)


def _healthy_calls(breaker: Contender) -> tuple[int, int]:
    """The reads and the writes of 100 calls."""
    counted = Requests()
    caller = breaker.environment(counted=counted)
    for _ in range(CALLERS):
        assert _outcome(caller, lambda: None) == "succeeded"
    reads = counted.pop("GetItem", 0)
    return reads, counted.total()
