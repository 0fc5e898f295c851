"""A hundred callers at once over the emulator's DynamoDB take no more tokens than there are."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from orderflow.clock import epoch_ms
from orderflow.orders.submission_limits import (
    SubmissionLimit,
    SubmissionLimiter,
    TooManyOrdersError,
)
from orderflow.platform.observability import metrics

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

from tests.breaker.conftest import Emulator

CALLERS = 100
LIMIT = SubmissionLimit(capacity=10, refill_seconds=3600)
CUSTOMER = "customer-ada"


@pytest.fixture(autouse=True)
def _no_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred refusals would be published at once."""
    monkeypatch.setattr(metrics, "add_metric", lambda *_: None)


@pytest.fixture
def submissions(emulator: Emulator) -> Iterator[Table]:
    """The ``submissions`` table as it is deployed."""
    table = emulator.dynamodb().create_table(
        TableName="submissions",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "customerId", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "customerId", "AttributeType": "S"}],
    )
    yield table
    table.delete()


class Crowd:
    """A hundred submissions that begin at the same moment, at one time of day."""

    def __init__(self, table: Table) -> None:
        self.now = epoch_ms()
        self.limiter = SubmissionLimiter(table, lambda: LIMIT, lambda: self.now)

    def submit(self, orders: Sequence[str]) -> list[int]:
        """The waits, 0 for those that are admitted."""
        gate = threading.Barrier(len(orders))

        def one(order_id: str) -> int:
            gate.wait()
            try:
                self.limiter.admit(CUSTOMER, order_id)
            except TooManyOrdersError as refusal:
                return refusal.retry_after_seconds
            return 0

        with ThreadPoolExecutor(len(orders)) as threads:
            return list(threads.map(one, orders))


def test_of_a_hundred_lists_at_once_as_many_are_admitted_as_the_limit_allows(
    submissions: Table,
) -> None:
    waits = Crowd(submissions).submit([f"order-{number}" for number in range(CALLERS)])

    assert waits.count(0) == LIMIT.capacity
    assert set(waits) == {0, 3600}


def test_after_a_refill_one_more_of_a_hundred_is_admitted(submissions: Table) -> None:
    crowd = Crowd(submissions)
    crowd.submit([f"order-{number}" for number in range(CALLERS)])
    crowd.now += 3_600_000

    waits = crowd.submit([f"later-{number}" for number in range(CALLERS)])

    assert waits.count(0) == 1


def test_a_hundred_repeats_of_ten_orders_are_counted_once_each(submissions: Table) -> None:
    orders = [f"order-{number % LIMIT.capacity}" for number in range(CALLERS)]

    assert set(Crowd(submissions).submit(orders)) == {0}
    with pytest.raises(TooManyOrdersError):
        Crowd(submissions).limiter.admit(CUSTOMER, "another")
