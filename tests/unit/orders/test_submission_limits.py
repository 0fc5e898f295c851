"""How many lists one customer may send, and what happens where that can't be counted."""

from __future__ import annotations

import io
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError
from pydantic import ValidationError

from orderflow.clock import epoch_ms
from orderflow.errors import ConfigurationError, StoreUnavailable
from orderflow.orders.submission_limits import (
    KEY,
    REMEMBERED,
    SUBMITTED,
    BusyCustomers,
    SubmissionLimit,
    SubmissionLimiter,
    TooManyOrdersError,
)
from orderflow.platform.observability import metrics
from tests.support.bucket_table import BucketTable
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

ADA, BEN = "customer-ada", "customer-ben"
LIMIT = SubmissionLimit(capacity=3, refill_seconds=60)


class Clock:
    def __init__(self) -> None:
        self.now = epoch_ms()

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(submissions_table: Table, clock: Clock) -> SubmissionLimiter:
    return SubmissionLimiter(submissions_table, lambda: LIMIT, clock)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the metrics that are counted."""
    names: list[str] = []
    monkeypatch.setattr(metrics, "add_metric", lambda name, *_: names.append(name))
    return names


def use_up(limiter: SubmissionLimiter, customer: str = ADA) -> None:
    for number in range(LIMIT.capacity):
        limiter.admit(customer, f"order-{number}")


def test_one_list_too_many_is_refused_with_the_wait(
    limiter: SubmissionLimiter, counted: list[str]
) -> None:
    use_up(limiter)

    with pytest.raises(TooManyOrdersError) as refusal:
        limiter.admit(ADA, "order-x")

    assert refusal.value.retry_after_seconds == 60
    assert str(refusal.value) == (
        "You have sent many lists in a short time. Please try again in 60 seconds."
    )
    assert counted == ["SubmissionsLimited"]


def test_after_the_wait_one_more_list_is_admitted(limiter: SubmissionLimiter, clock: Clock) -> None:
    use_up(limiter)
    clock.now += 60_000

    limiter.admit(ADA, "order-x")

    with pytest.raises(TooManyOrdersError):
        limiter.admit(ADA, "order-y")


def test_the_wait_is_rounded_up(limiter: SubmissionLimiter, clock: Clock) -> None:
    use_up(limiter)
    clock.now += 30_001

    with pytest.raises(TooManyOrdersError) as refusal:
        limiter.admit(ADA, "order-x")

    assert refusal.value.retry_after_seconds == 30


def test_long_waits_are_told_in_minutes(submissions_table: Table, clock: Clock) -> None:
    slow = SubmissionLimiter(submissions_table, lambda: SubmissionLimit(capacity=1), clock)
    slow.admit(ADA, "order-1")

    with pytest.raises(TooManyOrdersError, match="try again in 6 minutes"):
        slow.admit(ADA, "order-2")


def test_customers_have_limits_of_their_own(limiter: SubmissionLimiter) -> None:
    use_up(limiter)

    limiter.admit(BEN, "order-x")


def test_an_order_that_was_admitted_is_neither_counted_nor_refused_again(
    limiter: SubmissionLimiter, counted: list[str]
) -> None:
    for _ in range(9):
        limiter.admit(ADA, "order-0")
    use_up(limiter)

    limiter.admit(ADA, "order-1")

    assert counted == []


def test_each_further_list_of_a_busy_customer_takes_one_write(
    limiter: SubmissionLimiter, submissions_table: Table, clock: Clock, record_calls: RecordCalls
) -> None:
    limiter.admit(ADA, "order-0")
    writes = record_calls(submissions_table.meta.client, "UpdateItem")

    limiter.admit(ADA, "order-1")
    clock.now += 61_000  # longer than a token takes, but the bucket is not full yet
    limiter.admit(ADA, "order-2")

    assert len(writes) == 2


def test_what_is_remembered_of_a_customer_decides_nothing(
    limiter: SubmissionLimiter, submissions_table: Table, clock: Clock
) -> None:
    use_up(limiter)
    submissions_table.delete_item(Key={KEY: ADA})
    limiter.admit(ADA, "order-x")
    use_up(SubmissionLimiter(submissions_table, lambda: LIMIT, clock), BEN)

    with pytest.raises(TooManyOrdersError):
        limiter.admit(BEN, "order-x")


def test_not_all_customers_are_remembered() -> None:
    busy = BusyCustomers()
    for number in range(1001):
        busy.note(f"customer-{number}", number)

    assert busy.last("customer-0") == -math.inf
    assert busy.last("customer-1") == 1


def test_the_item_holds_little_more_than_the_last_orders(clock: Clock) -> None:
    table: Any = BucketTable()
    fast = SubmissionLimiter(table, lambda: SubmissionLimit(capacity=1000), clock)
    held = []
    for number in range(10 * REMEMBERED):
        clock.now += 1
        fast.admit(ADA, f"order-{number}")
        last = {
            f"order:order-{each}" for each in range(max(0, number + 1 - REMEMBERED), number + 1)
        }
        remembered = {name for name in table.item if name.startswith("order:")}
        assert remembered >= last
        held.append(len(remembered))

    # They are looked at by chance, by one of sixteen on average: this is what these ids come to.
    assert max(held) <= 3 * REMEMBERED


def test_a_list_in_sixteen_reads_the_whole_item(
    submissions_table: Table, record_calls: RecordCalls, clock: Clock
) -> None:
    fast = SubmissionLimiter(submissions_table, lambda: SubmissionLimit(capacity=1000), clock)
    fast.admit(ADA, "the first")
    requests = record_calls(submissions_table.meta.client, "UpdateItem")

    for number in range(64):
        fast.admit(ADA, f"order-{number}")

    returned = Counter(each["ReturnValues"] for each in requests if "ReturnValues" in each)
    assert returned["UPDATED_OLD"] > 50
    assert returned["ALL_OLD"] > 0


def test_an_item_expires_a_day_after_its_bucket_is_full(
    limiter: SubmissionLimiter, submissions_table: Table, clock: Clock
) -> None:
    use_up(limiter)

    item = submissions_table.get_item(Key={KEY: ADA})["Item"]

    full_at = (int(str(item[SUBMITTED])) + 60_000) // 1000
    assert int(str(item["ttl"])) == full_at + 24 * 3600
    assert item.keys() == {KEY, SUBMITTED, "ttl", *(f"order:order-{n}" for n in range(3))}


@pytest.mark.parametrize(
    "error",
    [
        client_error("InternalServerError"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
    ],
)
def test_while_dynamodb_is_out_all_lists_are_admitted_and_that_is_counted(
    limiter: SubmissionLimiter,
    submissions_table: Table,
    fail_calls: FailCalls,
    counted: list[str],
    log_output: io.StringIO,
    error: Exception,
) -> None:
    use_up(limiter)
    fail_calls(submissions_table.meta.client, "UpdateItem", error)

    limiter.admit(ADA, "order-x")

    assert counted == ["SubmissionsNotLimited"]
    assert "submission not limited" in log_output.getvalue()
    assert ADA not in log_output.getvalue()


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException"])
def test_a_flood_that_dynamodb_throttles_is_refused(
    limiter: SubmissionLimiter,
    submissions_table: Table,
    fail_calls: FailCalls,
    counted: list[str],
    code: str,
) -> None:
    fail_calls(submissions_table.meta.client, "UpdateItem", client_error(code))

    with pytest.raises(TooManyOrdersError) as refusal:
        limiter.admit(ADA, "order-x")

    assert refusal.value.retry_after_seconds == 5
    assert counted == ["SubmissionsLimited"]


def throttled() -> StoreUnavailable:
    error = StoreUnavailable("The settings' store failed: ThrottlingException")
    error.__cause__ = client_error("ThrottlingException")
    return error


@pytest.mark.parametrize("problem", [throttled(), ConfigurationError("malformed")])
def test_a_limit_that_can_not_be_read_refuses_no_list(
    submissions_table: Table, counted: list[str], problem: Exception
) -> None:
    def unreadable() -> SubmissionLimit:
        raise problem

    SubmissionLimiter(submissions_table, unreadable).admit(ADA, "order-x")

    assert counted == ["SubmissionsNotLimited"]


def test_a_refused_permission_is_raised(
    limiter: SubmissionLimiter, submissions_table: Table, fail_calls: FailCalls
) -> None:
    denied = client_error("AccessDeniedException")
    fail_calls(submissions_table.meta.client, "UpdateItem", denied)

    with pytest.raises(type(denied), match="AccessDenied"):
        limiter.admit(ADA, "order-x")


@pytest.mark.parametrize(
    "content", [{"capacity": 0}, {"refillSeconds": 0}, {"capacity": "many"}, {"burst": 3}]
)
def test_limits_that_make_no_sense_are_refused(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SubmissionLimit.model_validate(content)


def test_a_changed_limit_applies_to_the_next_list(submissions_table: Table, clock: Clock) -> None:
    use_up(SubmissionLimiter(submissions_table, lambda: LIMIT, clock))
    larger = SubmissionLimit(capacity=4, refill_seconds=60)

    SubmissionLimiter(submissions_table, lambda: larger, clock).admit(ADA, "order-3")
